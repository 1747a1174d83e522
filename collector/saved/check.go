package saved

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrSchema reports that a body has not the form that its schema asks for.
var ErrSchema = errors.New("not of the form that the schema asks for")

// check reads a body, without compression, to its end, and returns an error that
// names the first place where it departs from the schema. It holds one value at a
// time. It is stricter than the schema in three things: nothing but space may follow
// the body, no member may come twice, and whole numbers are written without a point or
// an exponent.
func (s *schema) check(body io.Reader) error {
	c := checker{decoder: json.NewDecoder(body)}
	c.decoder.UseNumber()
	if err := c.value(s); err != nil {
		return fmt.Errorf("%w: %s%w", ErrSchema, c.place(), err)
	}
	if _, err := c.decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the body", ErrSchema)
	}
	return nil
}

// checker compares a stream of JSON with a schema.
type checker struct {
	decoder *json.Decoder
	path    []step // to the value at hand; after an error, to the culprit
	rigour  rigour
}

// rigour is how closely a body must keep to the schema of its kind.
type rigour int

const (
	// toTheLetter is for what is sent: receivers refuse the whole for one bad record.
	toTheLetter rigour = iota
	// asFarAsKnown is for reading the native body. Members and words that a later
	// version of the same form has added are no fault, and null is what is missing.
	asFarAsKnown
	// inItsShape is for reading what other programs wrote: of that only the types of
	// values are certain. Anchore's collector has containers without an ID and null for
	// an empty list, KAI has had no name for the cluster.
	inItsShape
)

// step leads from a value into one of its parts.
type step struct {
	key   string // in an object
	index int    // in an array; below 0 in an object
}

// place returns the path for people: "pods[3].containers[0].image: ".
func (c *checker) place() string {
	var place []byte
	for _, s := range c.path {
		switch {
		case s.index >= 0:
			place = append(strconv.AppendInt(append(place, '['), int64(s.index), 10), ']')
		case len(place) == 0:
			place = append(place, shownKey(s.key)...)
		default:
			place = append(append(place, '.'), shownKey(s.key)...)
		}
	}
	if len(place) > 0 {
		place = append(place, ": "...)
	}
	return string(place)
}

// shownKey is a key as it may stand in an error: those of labels can hold anything.
func shownKey(key string) string {
	const most = 80
	quoted := strconv.QuoteToASCII(key)
	if len(quoted) == len(key)+2 && len(key) <= most {
		return key
	}
	return fmt.Sprintf("%.*q", most, key)
}

// value reads one value and all that is in it.
func (c *checker) value(s *schema) error {
	if s.always {
		return unexpectedEnd(c.decoder.Decode(new(json.RawMessage)))
	}
	token, err := c.decoder.Token()
	if err != nil {
		return unexpectedEnd(err)
	}
	if token == nil && c.rigour != toTheLetter {
		return nil
	}
	if err := s.checkKind(kindOf(token)); err != nil {
		return err
	}
	switch token := token.(type) {
	case string:
		return c.text(s, token)
	case json.Number:
		return s.checkNumber(token)
	case json.Delim:
		if token == '[' {
			return c.items(s)
		}
		return c.members(s)
	default:
		return nil
	}
}

// text checks a string.
func (c *checker) text(s *schema, text string) error {
	switch {
	case c.rigour == inItsShape:
		return nil
	case c.rigour == asFarAsKnown && (s.Const != "" || s.Enum != nil):
		return nil // a word that was added
	}
	return s.checkText(text)
}

// unexpectedEnd makes the end of the text inside a value an error as such.
func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// kindOf returns the name that JSON Schema has for the type of a value.
func kindOf(token json.Token) string {
	switch token := token.(type) {
	case string:
		return "string"
	case json.Number:
		return "integer"
	case bool:
		return "boolean"
	case json.Delim:
		if token == '[' {
			return "array"
		}
		return "object"
	default:
		return "null"
	}
}

// items reads the rest of an array.
func (c *checker) items(s *schema) error {
	c.path = append(c.path, step{})
	last := len(c.path) - 1
	for ; c.decoder.More(); c.path[last].index++ {
		if err := c.value(s.Items); err != nil {
			return err
		}
	}
	return c.leave()
}

// members reads the rest of an object.
func (c *checker) members(s *schema) error {
	seen := make(map[string]bool, len(s.Properties))
	for c.decoder.More() {
		key, err := c.decoder.Token()
		if err != nil {
			return unexpectedEnd(err)
		}
		name, _ := key.(string)
		if err := c.member(s, name, seen[name]); err != nil {
			return err
		}
		seen[name] = true
	}
	for _, name := range s.Required {
		if !seen[name] && c.rigour != inItsShape {
			return fmt.Errorf("%s is missing", name)
		}
	}
	_, err := c.decoder.Token()
	return unexpectedEnd(err)
}

// member reads the value of a member.
func (c *checker) member(s *schema, name string, again bool) error {
	inner, allowed := s.member(name)
	switch {
	case !allowed && c.rigour != toTheLetter:
		return c.skip()
	case !allowed:
		return fmt.Errorf("%.80q is not known", name)
	case again:
		return fmt.Errorf("%.80q comes twice", name)
	}
	c.path = append(c.path, step{key: name, index: -1})
	if err := c.value(inner); err != nil {
		return err
	}
	c.path = c.path[:len(c.path)-1]
	return nil
}

// skip passes over a value.
func (c *checker) skip() error {
	var value json.RawMessage
	return unexpectedEnd(c.decoder.Decode(&value))
}

// leave reads the end of an array.
func (c *checker) leave() error {
	_, err := c.decoder.Token()
	if err != nil {
		return unexpectedEnd(err)
	}
	c.path = c.path[:len(c.path)-1]
	return nil
}
