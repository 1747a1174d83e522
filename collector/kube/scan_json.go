package kube

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// jsonScanner walks the tokens of a list and hands out its objects one by one.
// It works in whatever order the server writes the members; only a token that
// comes after the objects leaves nothing to overlap.
type jsonScanner struct {
	src    *budget
	dec    *json.Decoder
	kind   string
	items  bool // within the items
	named  bool // the kind was seen, and right
	known  bool // the metadata was seen
	info   listMeta
	object json.RawMessage
}

func newJSONScanner(r *bufio.Reader, kind string) *jsonScanner {
	src := &budget{r: r}
	return &jsonScanner{src: src, dec: json.NewDecoder(src), kind: kind}
}

func (s *jsonScanner) meta() listMeta { return s.info }

func (s *jsonScanner) head() (bool, error) {
	s.src.left = maxItem
	if _, err := open(s.dec, '{'); err != nil {
		return false, cut(err)
	}
	err := s.members()
	return s.known || !s.items, cut(err)
}

func (s *jsonScanner) next() ([]byte, error) {
	s.src.left = maxItem
	if s.items && !s.dec.More() {
		if err := s.resume(); err != nil {
			return nil, cut(err)
		}
	}
	if !s.items {
		return nil, s.end()
	}
	err := s.dec.Decode(&s.object)
	return s.object, cut(err)
}

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
	return s.dec.Decode(&s.object)
}

// end makes sure that nothing follows the list.
func (s *jsonScanner) end() error {
	token, err := s.dec.Token()
	if err != nil {
		return ended(err, s.named && s.known)
	}
	return fmt.Errorf("json: %v after the end of the list", token)
}

// budget is a reader that lets the decoder buffer so much and no more for one
// object.
type budget struct {
	r    io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("json: %w", errTooLarge)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
