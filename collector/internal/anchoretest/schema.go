package anchoretest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// rule says what is wrong with a value, in the words of the validator the service uses, or nil.
type rule func(raw json.RawMessage) error

// property is one line of a schema.
type property struct {
	name     string
	required bool
	rule     rule
}

// checkObject holds item against a schema. Properties the schema does not name are allowed, as in the published one.
func checkObject(path string, item object, schema []property) error {
	for _, p := range schema {
		raw, ok := item[p.name]
		if !ok && p.required {
			return at(path, missing(p.name))
		}
		if !ok {
			continue
		}
		if err := p.rule(raw); err != nil {
			return at(path+"."+p.name, err)
		}
	}
	return nil
}

// checkMember reads the value of a member of the body itself and holds it against its line of the schema, if it has one.
func checkMember(dec *json.Decoder, name string, schema []property) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return errNotJSON
	}
	for _, p := range schema {
		if p.name == name {
			return at(name, p.rule(raw))
		}
	}
	return nil
}

// checkPresent demands the members of the body that a schema requires.
func checkPresent(seen map[string]bool, schema []property) error {
	for _, p := range schema {
		if p.required && !seen[p.name] {
			return missing(p.name)
		}
	}
	return nil
}

func missing(name string) error {
	return fmt.Errorf("'%s' is a required property", name)
}

// text accepts any string, the empty one too.
func text(raw json.RawMessage) error {
	_, err := decodeText(raw)
	return err
}

// filled accepts a string of at least one character.
func filled(raw json.RawMessage) error {
	s, err := decodeText(raw)
	if err == nil && s == "" {
		return errors.New("'' is too short")
	}
	return err
}

// notBlank accepts a string with at least one character that is not white space: the published pattern of image_tag.
func notBlank(raw json.RawMessage) error {
	s, err := decodeText(raw)
	if err == nil && strings.TrimSpace(s) == "" {
		return fmt.Errorf(`'%s' does not match '\S'`, s)
	}
	return err
}

// bareDigest accepts "algorithm:hex" without the repository that KAI's body must not repeat.
func bareDigest(raw json.RawMessage) error {
	s, err := decodeText(raw)
	if err != nil {
		return err
	}
	algorithm, digest, ok := strings.Cut(s, ":")
	if _, err := hex.DecodeString(digest); !ok || err != nil || digest == "" || strings.ContainsAny(algorithm, "@/") {
		return fmt.Errorf("'%s' is not a bare digest", s)
	}
	return nil
}

// utcTime accepts an RFC 3339 time in UTC, written with a Z.
func utcTime(raw json.RawMessage) error {
	s, err := decodeText(raw)
	if err != nil {
		return err
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil || !strings.HasSuffix(s, "Z") {
		return fmt.Errorf("'%s' is not a 'date-time' in UTC", s)
	}
	return nil
}

// texts accepts an object of strings: labels or annotations.
func texts(raw json.RawMessage) error {
	var all object
	if err := json.Unmarshal(raw, &all); err != nil || all == nil {
		return fmt.Errorf("%s is not of type 'object'", excerpt(raw))
	}
	for name, v := range all {
		if err := text(v); err != nil {
			return fmt.Errorf("'%s': %w", name, err)
		}
	}
	return nil
}

// oneOf accepts exactly one word.
func oneOf(word string) rule {
	return func(raw json.RawMessage) error {
		s, err := decodeText(raw)
		if err == nil && s != word {
			return fmt.Errorf("'%s' is not one of ['%s']", s, word)
		}
		return err
	}
}

// number accepts a JSON number.
func number(raw json.RawMessage) error {
	var n *float64
	if err := json.Unmarshal(raw, &n); err != nil || n == nil {
		return fmt.Errorf("%s is not of type 'number'", excerpt(raw))
	}
	return nil
}

func decodeText(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", fmt.Errorf("%s is not of type 'string'", excerpt(raw))
	}
	if !utf8.Valid(raw) {
		return "", errNotJSON
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errNotJSON
	}
	return s, nil
}

// excerpt shows a value in a message; null is None to a service written in Python.
func excerpt(raw json.RawMessage) string {
	const limit = 60
	if string(raw) == "null" {
		return "None"
	}
	if len(raw) > limit {
		return strings.ToValidUTF8(string(raw[:limit]), "") + "..."
	}
	return string(raw)
}
