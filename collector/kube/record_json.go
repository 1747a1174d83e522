package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"
)

// unmarshal fills in what is wanted of an object. Where the content is not that of its
// kind, the object alone cannot be read; where it is no JSON, nothing around it can.
func unmarshal(object []byte, into any) error {
	err := json.Unmarshal(object, into)
	if _, syntax := errors.AsType[*json.SyntaxError](err); err == nil || syntax {
		return err
	}
	return &oddObject{err}
}

// UnmarshalText fills a text from a JSON string; b is only lent.
func (t *text) UnmarshalText(b []byte) error {
	*t = bytes.Clone(b)
	return nil
}

// UnmarshalJSON reads a time. One that is none is not worth an object.
func (t *seconds) UnmarshalJSON(b []byte) error {
	*t = 0
	if at, err := time.Parse(`"`+time.RFC3339+`"`, string(b)); err == nil {
		*t = seconds(at.Unix())
	}
	return nil
}

// errList and errLabels are something else in the place of a list, or of a map of strings.
var (
	errList   = errors.New("json: something else where a list should be")
	errLabels = errors.New("json: labels or annotations that are not strings")
)

// UnmarshalJSON reads an array of no more entries than its bytes can hold.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = (*l)[:0]
	switch b[0] {
	case 'n':
		return nil
	case '[':
	default:
		return errList
	}
	return members(b, func(_, value []byte) error {
		entry, err := l.add(entriesIn(len(b), leastEntryJSON))
		if err != nil {
			return err
		}
		return json.Unmarshal(value, entry)
	})
}

// UnmarshalJSON reads an object of strings without passing through a map.
func (p *pairs) UnmarshalJSON(b []byte) error {
	*p = (*p)[:0]
	switch b[0] {
	case 'n':
		return nil
	case '{':
	default:
		return errLabels
	}
	return members(b, func(key, value []byte) error {
		entry, err := (*list[pair])(p).add(entriesIn(len(b), leastPair))
		if err != nil {
			return err
		}
		var ok, also bool
		entry.key, ok = unquoted(key)
		entry.value, also = unquoted(value)
		if !ok || !also {
			return errLabels
		}
		return nil
	})
}

// unquoted is a copy of a JSON string. An absent one (null) is empty.
func unquoted(value []byte) (text, bool) {
	if string(value) == "null" {
		return text{}, true
	}
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, false
	}
	if content := value[1 : len(value)-1]; bytes.IndexByte(content, '\\') < 0 && utf8.Valid(content) {
		return append(text{}, content...), true
	}
	var decoded string
	err := json.Unmarshal(value, &decoded)
	return text(decoded), err == nil
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

// UnmarshalJSON notes which of the states is there.
func (s *stateRecord) UnmarshalJSON(b []byte) error {
	var parts struct {
		Waiting, Running, Terminated *struct {
			Reason text `json:"reason"`
		}
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	*s = stateRecord{}
	if parts.Waiting != nil {
		s.Waiting = reasonRecord{Reason: parts.Waiting.Reason, Present: true}
	}
	s.Running.Present = parts.Running != nil
	if parts.Terminated != nil {
		s.Terminated = reasonRecord{Reason: parts.Terminated.Reason, Present: true}
	}
	return nil
}
