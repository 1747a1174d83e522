package saved

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"stocktake/collector/plaintext"
)

// walker reads bodies member by member, and the elements of arrays and objects one
// at a time, so that a large body is never held in memory.
type walker struct {
	decoder *json.Decoder
	ration  *ration
	before  int64 // bytes that came before those of the decoder
	inArray bool  // of bodies
}

// part is what a walker reads at a time: an element of a member that is an array or
// an object, or a member that is neither.
type part struct {
	member string
	open   json.Delim // how the member begins, [ or {; 0 if it is neither
	key    string     // of an element of an object
	value  json.RawMessage
}

// reader takes what a walker reads.
type reader interface {
	take(p part) error
	// end takes the end of a member; of p it has the member and how that began.
	end(p part) error
}

func newWalker(r io.Reader) *walker {
	rationed := &ration{reader: r, left: maxElement}
	return &walker{decoder: json.NewDecoder(rationed), ration: rationed}
}

// open reads the beginning of the next body; io.EOF if there is none. Bodies come one after the other, as programs print
// them, or in an array, which jq -s makes of them.
func (w *walker) open() error {
	w.ration.left = maxElement
	for {
		if err := w.skipMark(); err != nil {
			return err
		}
		open, err := w.decoder.Token()
		switch {
		case err != nil && w.inArray:
			return unexpectedEnd(err)
		case err != nil:
			return err
		case open == json.Delim('{'):
			return nil
		case open == json.Delim('[') && !w.inArray, open == json.Delim(']'):
			w.inArray = !w.inArray
		default:
			return fmt.Errorf("%w: %s where an object should be", ErrSchema, kindOf(open))
		}
	}
}

// offset is how many bytes were read so far.
func (w *walker) offset() int64 { return w.before + w.decoder.InputOffset() }

// skipMark takes a byte order mark away that the next body begins with: each of the files that were put one after the
// other had one. No other text in JSON begins with its first byte.
func (w *walker) skipMark() error {
	if w.inArray || !w.decoder.More() {
		return nil
	}
	first := make([]byte, 1)
	if n, _ := w.decoder.Buffered().Read(first); n == 0 || first[0] != plaintext.ByteOrderMark[0] {
		return nil
	}
	rest := bufio.NewReader(io.MultiReader(w.decoder.Buffered(), w.ration))
	start, err := rest.Peek(len(plaintext.ByteOrderMark))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	w.before = w.offset()
	w.decoder = json.NewDecoder(rest)
	if string(start) != plaintext.ByteOrderMark {
		return nil
	}
	w.before += int64(len(plaintext.ByteOrderMark))
	_, err = rest.Discard(len(plaintext.ByteOrderMark))
	return err
}

// members reads the rest of a body.
func (w *walker) members(r reader) error {
	for w.decoder.More() {
		if err := w.member(r); err != nil {
			return unexpectedEnd(err)
		}
	}
	_, err := w.decoder.Token()
	return unexpectedEnd(err)
}

// member reads the name and the value of a member.
func (w *walker) member(r reader) error {
	w.ration.left = maxElement
	key, err := w.decoder.Token()
	if err != nil {
		return err
	}
	value, err := w.decoder.Token()
	if err != nil {
		return err
	}
	p := part{}
	p.member, _ = key.(string)
	var nested bool
	if p.open, nested = value.(json.Delim); !nested {
		return w.plain(r, p, value)
	}
	for w.decoder.More() {
		if err := w.element(r, p); err != nil {
			return err
		}
	}
	if _, err = w.decoder.Token(); err != nil {
		return err
	}
	return r.end(p)
}

// plain hands on a member that is neither array nor object.
func (w *walker) plain(r reader, p part, value json.Token) error {
	var err error
	if p.value, err = json.Marshal(value); err != nil {
		return err
	}
	if err := r.take(p); err != nil {
		return err
	}
	return r.end(p)
}

// element reads one element of an array or object.
func (w *walker) element(r reader, p part) error {
	w.ration.left = maxElement
	if p.open == '{' {
		key, err := w.decoder.Token()
		if err != nil {
			return err
		}
		p.key, _ = key.(string)
	}
	if err := w.decoder.Decode(&p.value); err != nil {
		return err
	}
	return r.take(p)
}

// maxElement is how long one element may be, in bytes: far more than an object of
// Kubernetes can be (etcd stores 1.5 MiB) and than KAI's list of a namespace is.
const maxElement = 64 << 20

// ration limits what is read for one element. A compressed file of a few kilobytes
// can hold gigabytes in one text.
type ration struct {
	reader io.Reader
	left   int
}

// Read implements io.Reader.
func (r *ration) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("%w: an element of more than %d MiB", ErrSchema, maxElement>>20)
	}
	n, err := r.reader.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
