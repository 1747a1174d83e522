package kube

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// jsonScanner walks the tokens of a list and hands out its objects one by one.
// It works in whatever order the server writes the members; only a token that
// comes after the objects leaves nothing to overlap.
type jsonScanner struct {
	src   *budget
	dec   *json.Decoder
	kind  string
	items bool // within the items
	named bool // the kind was seen, and right
	known bool // the metadata was seen
	info  listMeta
}

func newJSONScanner(r *bufio.Reader, kind string) *jsonScanner {
	src := &budget{r: r}
	return &jsonScanner{src: src, dec: json.NewDecoder(src), kind: kind}
}

func (s *jsonScanner) meta() listMeta { return s.info }

func (s *jsonScanner) head() (bool, error) {
	s.src.refill()
	if _, err := open(s.dec, '{'); err != nil {
		return false, cut(err)
	}
	err := s.members()
	return s.known || !s.items, cut(err)
}

func (s *jsonScanner) next(r record) error {
	s.src.refill()
	if s.items && !s.dec.More() {
		if err := s.resume(); err != nil {
			return cut(err)
		}
	}
	if !s.items {
		return s.end()
	}
	r.reset()
	return ofObject(cut(s.dec.Decode(r)), r)
}

// ofObject tells an object whose content is not that of its kind from a page
// that cannot be read on: the decoder has passed it, and filled in the rest.
func ofObject(err error, r record) error {
	if _, content := errors.AsType[*json.UnmarshalTypeError](err); content {
		return &oddObject{err}
	}
	if m := r.meta(); err == nil && (m.Labels.odd() || m.Annotations.odd()) {
		return &oddObject{errLabels}
	}
	return err
}

// errLabels are labels or annotations that are no map of strings.
var errLabels = errors.New("json: labels or annotations that are not strings")

// resume leaves the items and reads what comes after them.
func (s *jsonScanner) resume() error {
	s.items = false
	if _, err := s.dec.Token(); err != nil {
		return err
	}
	return s.members()
}

// members reads the members of the list up to its items, or to its end.
func (s *jsonScanner) members() error {
	for s.dec.More() {
		key, err := s.dec.Token()
		if err != nil {
			return err
		}
		if err := s.member(key); err != nil || s.items {
			return err
		}
	}
	_, err := s.dec.Token()
	return err
}

func (s *jsonScanner) member(key json.Token) error {
	switch key {
	case "items":
		none, err := open(s.dec, '[')
		s.items = !none && err == nil
		return err
	case "metadata":
		if s.known {
			return errTwice
		}
		s.known = true
		return s.dec.Decode(&s.info)
	case "kind":
		var kind string
		if err := s.dec.Decode(&kind); err != nil {
			return err
		}
		s.named = true
		return checkKind(kind, s.kind)
	}
	var ignored json.RawMessage
	return s.dec.Decode(&ignored)
}

// end makes sure that nothing follows the list.
func (s *jsonScanner) end() error {
	token, err := s.dec.Token()
	if err != nil {
		return ended(err, s.named && s.known)
	}
	return fmt.Errorf("json: %v after the end of the list", token)
}

// What is nested in one object is bounded by its bytes. Two bytes of JSON can ask
// for a record of two hundred; managedFields, the richest in objects, has one in
// seven bytes at the most, and an API server takes requests of 3 MiB.
const (
	freeJSONObjects   = 200_000
	bytesOfAnotherOne = 16
)

// budget lets the decoder read so much and no more for one object.
type budget struct {
	r       io.Reader
	bytes   int
	objects int
}

func (b *budget) refill() { b.bytes, b.objects = maxItem, freeJSONObjects }

func (b *budget) Read(p []byte) (int, error) {
	if b.bytes <= 0 {
		return 0, fmt.Errorf("json: %w", errTooLarge)
	}
	if b.objects <= 0 {
		return 0, fmt.Errorf("json: %w", errTooMany)
	}
	n, err := b.r.Read(p[:min(len(p), b.bytes)])
	b.bytes -= n
	b.objects += n/bytesOfAnotherOne - bytes.Count(p[:n], []byte{'{'})
	return n, err
}
