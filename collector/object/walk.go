package object

import (
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
)

// ErrKind is an object of another type than that of its list.
var ErrKind = errors.New("an object of another kind or version than its list")

// walker reads an object once and copies what stays, in pieces as long as possible.
type walker struct {
	cursor
	ignored *rule
	from    int // what is copied next
	out     []byte
	counts  Counts
}

func newWalker(ignored *rule) walker {
	return walker{ignored: ignored, cursor: cursor{seed: maphash.MakeSeed()}}
}

// top appends what stays of an object to a head that has members and no end.
func (w *walker) top(head, object []byte, r *rule) ([]byte, error) {
	w.in, w.at, w.from, w.depth, w.names, w.counts = object, 0, 0, 0, w.names[:0], Counts{}
	w.out = head
	err := w.object(r)
	if err == nil && w.at < len(w.in) {
		err = w.unexpected()
	}
	if err == nil {
		w.flush(w.at)
	}
	out := w.out
	w.in, w.out = nil, nil

	return out, err
}

// flush copies what is kept up to a place.
func (w *walker) flush(to int) {
	if to > w.from {
		w.out = append(w.out, w.in[w.from:to]...)
		w.from = to
	}
}

func (w *walker) value(r *rule) error {
	if w.at >= len(w.in) {
		return errCut
	}
	switch w.in[w.at] {
	case '{':
		return w.object(r)
	case '[':
		return w.array(r)
	case '"':
		return w.string(r)
	}
	end, err := scanLiteral(w.in, w.at)
	w.at = end

	return err
}

func (w *walker) array(r *rule) error {
	more, err := w.open('[', ']')
	for more && err == nil {
		if err = w.value(r); err == nil {
			more, err = w.next(']')
		}
	}

	return err
}

func (w *walker) object(r *rule) error {
	names, top := len(w.names), w.depth == 0
	more, err := w.open('{', '}')
	if top && err == nil {
		w.from = 1 // the head has the brace
	}
	end, bare := w.at, true // the end of what is kept, and that nothing is yet
	for more && err == nil {
		start := w.at
		name, wrong := w.name()
		if wrong != nil {
			return wrong
		}
		sub := r.of(name)
		if sub.class == drop {
			w.flush(end)
			err = w.drop(sub)
		} else {
			if bare {
				w.first(start, end, top)
				bare = false
			}
			err = w.value(sub)
			end = w.at
		}
		if err == nil {
			more, err = w.next('}')
		}
	}
	if err == nil && !w.unique(names) {
		err = errTwice
	}

	return err
}

// first begins the first member of an object that is kept: without the comma that followed
// what was dropped, but with one after the head.
func (w *walker) first(start, opened int, top bool) {
	if top {
		w.out = append(w.out, ',')
	}
	if top || w.from > opened {
		w.from = start
	}
}

// drop leaves out the value of a member whose name is not copied either.
func (w *walker) drop(r *rule) error {
	start := w.at
	if err := w.value(w.ignored); err != nil {
		return err
	}
	w.from = w.at
	if r.only == nil {
		w.counts.Dropped++
		return nil
	}
	got := w.in[start:w.at]
	if !slices.ContainsFunc(r.only, func(allowed string) bool { return allowed == string(got) }) {
		return ErrKind
	}

	return nil
}

// string reads a string and does what its rule says.
func (w *walker) string(r *rule) error {
	start := w.at
	end, escaped, err := scanString(w.in, start)
	w.at = end
	if err != nil || end-start == 2 || r.class == ignore {
		return err
	}
	text := w.in[start+1 : end-1]
	if escaped && r.class != masked && r.class != unknown {
		w.text = unescape(w.text[:0], text)
		text = w.text
	}
	switch {
	case r.class == masked:
		w.mask(start)
	case r.class == unknown:
		w.counts.Unknown++
		w.mask(start)
	case r.class == sized:
		w.maskSized(start, text)
	case tripped(text):
		w.counts.Caught++
		w.mask(start)
	case r.class == reference && !isReference(text):
		w.mask(start)
	case r.class == link:
		w.maskLink(start, text, escaped)
	}

	return nil
}

// mask puts the mask in the place of the string that was read last.
func (w *walker) mask(start int) {
	w.flush(start)
	w.out = append(w.out, `"`+Mask+`"`...)
	w.from = w.at
	w.counts.Masked++
}

// maskSized is mask, and says how many bytes there were.
func (w *walker) maskSized(start int, text []byte) {
	w.counts.Masked++
	if isSizedMask(text) {
		return
	}
	w.flush(start)
	w.out = append(w.out, `"[redacted `...)
	w.out = strconv.AppendInt(w.out, int64(len(text)), 10)
	w.out = append(w.out, ` bytes]"`...)
	w.from = w.at
}

// maskLink masks userinfo, query and fragment of a URL. One with escapes, as nobody
// writes it without a query, is masked as a whole.
func (w *walker) maskLink(start int, text []byte, escaped bool) {
	before, host, after, clean := splitLink(text)
	switch {
	case clean:
	case escaped:
		w.mask(start)
	default:
		w.flush(start + 1 + before)
		if host > before {
			w.out = append(w.out, Mask+"@"...)
		}
		w.out = append(w.out, text[host:after]...)
		if after < len(text) {
			w.out = append(w.out, text[after])
			w.out = append(w.out, Mask...)
		}
		w.from = w.at - 1
		w.counts.Masked++
	}
}
