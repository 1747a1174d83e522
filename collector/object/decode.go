package object

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// errForm is a value of another form than the one that it should have.
var errForm = errors.New("a value of another form than expected")

// members reads an object, or null. The function is called after each name and must read
// the value.
func members(d *jsontext.Decoder, member func(name string) error) error {
	token, err := d.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return err
	}
	if token.Kind() != '{' {
		return errForm
	}
	for d.PeekKind() != '}' {
		name, err := text(d)
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()

	return err
}

// elements reads an array, or null. The function must read an element.
func elements(d *jsontext.Decoder, element func() error) error {
	token, err := d.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return err
	}
	if token.Kind() != '[' {
		return errForm
	}
	for d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()

	return err
}

// text reads a string; null is an empty one.
func text(d *jsontext.Decoder) (string, error) {
	token, err := d.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return "", err
	}
	if token.Kind() != '"' {
		return "", errForm
	}

	return token.String(), nil
}
