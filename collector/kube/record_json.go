package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// UnmarshalText fills a text from a JSON string; b is only lent.
func (t *text) UnmarshalText(b []byte) error {
	*t = bytes.Clone(b)
	return nil
}

// UnmarshalJSON reads an array and stops where a list may grow no further.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = (*l)[:0]
	dec := json.NewDecoder(bytes.NewReader(b))
	if none, err := open(dec, '['); none || err != nil {
		return err
	}
	for dec.More() {
		entry, err := l.add()
		if err != nil {
			return err
		}
		if err := dec.Decode(entry); err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalJSON reads an object of strings without passing through a map.
func (p *pairs) UnmarshalJSON(b []byte) error {
	*p = (*p)[:0]
	dec := json.NewDecoder(bytes.NewReader(b))
	if none, err := open(dec, '{'); none || err != nil {
		return err
	}
	for dec.More() {
		entry, err := (*list[pair])(p).add()
		if err != nil {
			return err
		}
		if err := errors.Join(dec.Decode(&entry.key), dec.Decode(&entry.value)); err != nil {
			return err
		}
	}
	return nil
}

// open consumes the opening delimiter, or null and says so.
func open(dec *json.Decoder, delim json.Delim) (none bool, err error) {
	token, err := dec.Token()
	if err != nil || token == nil {
		return token == nil, err
	}
	if token != delim {
		return false, fmt.Errorf("json: %v where %v should be", token, delim)
	}
	return false, nil
}

// UnmarshalJSON notes that the source is there, unless it is null.
func (r *imageRecord) UnmarshalJSON(b []byte) error {
	var source *struct {
		Reference text `json:"reference"`
	}
	if err := json.Unmarshal(b, &source); err != nil || source == nil {
		return err
	}
	*r = imageRecord{Reference: source.Reference, Present: true}
	return nil
}

// UnmarshalJSON notes that the state is there, unless it is null.
func (r *reasonRecord) UnmarshalJSON(b []byte) error {
	var state *struct {
		Reason text `json:"reason"`
	}
	if err := json.Unmarshal(b, &state); err != nil || state == nil {
		return err
	}
	*r = reasonRecord{Reason: state.Reason, Present: true}
	return nil
}
