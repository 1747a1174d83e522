package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// schema is a JSON Schema (draft 2020-12), as far as the published one needs it.
// A validator for all of the standard wants the whole document in memory, and is a
// larger program than this one; a keyword that is not here is an error, so that
// none is ignored.
type schema struct {
	Type       types              `json:"type"`
	Const      string             `json:"const"`
	Enum       []string           `json:"enum"`
	Pattern    *regexp.Regexp     `json:"pattern"`
	MinLength  int                `json:"minLength"`
	Minimum    int64              `json:"minimum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Others     *schema            `json:"additionalProperties"`
	Items      *schema            `json:"items"`
	OneOf      []*schema          `json:"oneOf"` // of a whole document, which whoever reads it chooses
	Ref        string             `json:"$ref"`
	Defs       map[string]*schema `json:"$defs"`

	// For people.
	Dialect     string `json:"$schema"`
	ID          string `json:"$id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Examples    []any  `json:"examples"`

	never  bool // the schema false, which allows nothing
	always bool // the schema true, which allows everything
}

// types are those that a value may have: one, or a list of them.
type types []string

// UnmarshalJSON reads a text, or an array of texts.
func (t *types) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(t))
	}
	*t = types{""}
	return json.Unmarshal(text, &(*t)[0])
}

// readSchema reads a schema and puts definitions in the place of references.
func readSchema(text string) (*schema, error) {
	s := &schema{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return s, s.link(s.Defs)
}

// UnmarshalJSON reads an object of known keywords, or false, or true.
func (s *schema) UnmarshalJSON(text []byte) error {
	s.never, s.always = string(text) == "false", string(text) == "true"
	if s.never || s.always {
		return nil
	}
	type object schema
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*object)(s))
}

func (s *schema) link(defs map[string]*schema) error {
	for name, p := range s.Properties {
		target, err := p.target(defs)
		if err != nil {
			return err
		}
		s.Properties[name] = target
	}
	var err error
	if s.Others, err = s.Others.target(defs); err != nil {
		return err
	}
	s.Items, err = s.Items.target(defs)
	return err
}

// target returns the schema that this one refers to, or this one, linked.
func (s *schema) target(defs map[string]*schema) (*schema, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // what is not restricted has no schema
	}
	if s.Ref == "" {
		return s, s.link(defs)
	}
	target, ok := defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
	if !ok {
		return nil, fmt.Errorf("schema: no definition of %s", s.Ref)
	}
	return target.target(defs)
}

// member returns the schema of a member of an object, or false if there may be no
// such member.
func (s *schema) member(key string) (*schema, bool) {
	if p, ok := s.Properties[key]; ok {
		return p, true
	}
	return s.Others, s.Others != nil && !s.Others.never
}

// kinds returns the types that a value may have.
func (s *schema) kinds() types {
	if s.Type == nil {
		return types{"string"} // of constants and enumerations
	}
	return s.Type
}

// checkKind checks the type of a value.
func (s *schema) checkKind(kind string) error {
	if slices.Contains(s.kinds(), kind) {
		return nil
	}
	return fmt.Errorf("%s where the schema wants %s", kind, strings.Join(s.kinds(), " or "))
}

// checkText checks a string.
func (s *schema) checkText(text string) error {
	switch {
	case s.Const != "" && text != s.Const:
		return fmt.Errorf("%.80q is not %q", text, s.Const)
	case s.Enum != nil && !slices.Contains(s.Enum, text):
		return fmt.Errorf("%.80q is none of %s", text, strings.Join(s.Enum, ", "))
	case s.MinLength > 0 && text == "":
		return fmt.Errorf("an empty text")
	case s.Pattern != nil && !s.Pattern.MatchString(text):
		return fmt.Errorf("%.80q has not the form %s", text, s.Pattern)
	}
	return nil
}

// checkNumber checks an integer.
func (s *schema) checkNumber(number json.Number) error {
	n, err := number.Int64()
	if err != nil {
		return fmt.Errorf("%.80s is not a whole number", number)
	}
	if n < s.Minimum {
		return fmt.Errorf("%d is less than %d", n, s.Minimum)
	}
	return nil
}
