package anchoretest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// notJSON is how Connexion words it. Collectors recognise refused gzip by these words.
const notJSON = "Request body is not valid JSON"

var errNotJSON = errors.New(notJSON)

// object is a JSON object whose members are not decoded yet. Unlike a struct it tells absent from null from empty, and
// "uid" from "UID".
type object map[string]json.RawMessage

// members reads the one JSON object that r holds and hands visit the name of each member, the decoder standing before
// its value. It returns the names seen. A name that comes twice is refused: decoders disagree on which one counts.
func members(r io.Reader, visit func(name string, dec *json.Decoder) error) (map[string]bool, error) {
	dec := json.NewDecoder(r)
	if err := enter(dec, '{', "object"); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return nil, errNotJSON
		}
		if seen[name] {
			return nil, fmt.Errorf("'%s' is given twice", name)
		}
		seen[name] = true
		if err := visit(name, dec); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNotJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return seen, nil
}

// elements reads an array of objects and hands them to visit one at a time; the object is only valid during the call.
func elements(dec *json.Decoder, path string, visit func(path string, item object) error) error {
	if err := enter(dec, '[', "array"); err != nil {
		return at(path, err)
	}
	item := object{}
	for i := 0; dec.More(); i++ {
		clear(item)
		where := fmt.Sprintf("%s.%d", path, i)
		if err := decodeObject(dec, &item); err != nil {
			return at(where, err)
		}
		if err := visit(where, item); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return errNotJSON
	}
	return nil
}

func decodeObject(dec *json.Decoder, item *object) error {
	err := dec.Decode(item)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) || (err == nil && *item == nil) {
		return errors.New("element is not of type 'object'")
	}
	if err != nil {
		return errNotJSON
	}
	return nil
}

// enter reads the opening delimiter of an object or array.
func enter(dec *json.Decoder, open json.Delim, kind string) error {
	token, err := dec.Token()
	if err != nil {
		return errNotJSON
	}
	if token == open {
		return nil
	}
	shown := "None"
	if token != nil {
		shown = fmt.Sprintf("'%v'", token)
	}
	return fmt.Errorf("%s is not of type '%s'", shown, kind)
}

// at appends the path of the offending value the way Connexion does; a body that is no JSON at all has no path,
// nor has the body itself.
func at(path string, err error) error {
	path = strings.TrimPrefix(path, ".")
	if err == nil || path == "" || errors.Is(err, errNotJSON) {
		return err
	}
	return fmt.Errorf("%w - '%s'", err, path)
}
