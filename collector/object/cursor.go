package object

import (
	"errors"
	"hash/maphash"
	"slices"
)

// maxDepth is that of the API server's decoder.
const maxDepth = 10_000

// cursor is a place in a text that is read as JSON in the strictest sense.
type cursor struct {
	in    []byte
	at    int // what is read next
	depth int
	names []uint64 // hashes of the names in the objects that are open
	seed  maphash.Seed
	text  []byte // a string without its escapes
}

// unexpected is the error of a character that does not belong where it is.
func (c *cursor) unexpected() error {
	if c.at >= len(c.in) {
		return errCut
	}
	if _, err := scanLiteral(c.in, c.at); errors.Is(err, errSpace) {
		return err
	}
	return errSyntax
}

// open enters an object or array and reports whether there is something in it.
func (c *cursor) open(opening, closing byte) (bool, error) {
	if c.at >= len(c.in) || c.in[c.at] != opening {
		return false, c.unexpected()
	}
	c.at++
	c.depth++
	switch {
	case c.depth > maxDepth:
		return false, errDeep
	case c.at < len(c.in) && c.in[c.at] == closing:
		c.at++
		c.depth--
		return false, nil
	default:
		return true, nil
	}
}

// next moves over a comma, or over the end of an object or array.
func (c *cursor) next(closing byte) (bool, error) {
	switch {
	case c.at >= len(c.in):
		return false, errCut
	case c.in[c.at] == ',':
		c.at++
		return true, nil
	case c.in[c.at] == closing:
		c.at++
		c.depth--
		return false, nil
	default:
		return false, c.unexpected()
	}
}

// name reads the name of a member and the colon. It is valid until the next string is read.
func (c *cursor) name() ([]byte, error) {
	if c.at >= len(c.in) || c.in[c.at] != '"' {
		return nil, c.unexpected()
	}
	end, escaped, err := scanString(c.in, c.at)
	if err != nil {
		c.at = end
		return nil, err
	}
	name := c.in[c.at+1 : end-1]
	if escaped {
		c.text = unescape(c.text[:0], name)
		name = c.text
	}
	c.at = end
	if c.at >= len(c.in) || c.in[c.at] != ':' {
		return nil, c.unexpected()
	}
	c.at++
	c.names = append(c.names, maphash.Bytes(c.seed, name))

	return name, nil
}

// unique reports whether the names of an object, which are those since a place, differ, and
// forgets them. Sorting keeps an object of a million names from costing more than reading it.
func (c *cursor) unique(since int) bool {
	names := c.names[since:]
	c.names = c.names[:since]
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return false
		}
	}

	return true
}
