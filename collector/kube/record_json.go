package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

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

// UnmarshalJSON reads an object of strings without passing through a map. What
// is none is marked and no error: an error would end the decoding of the object
// before its name was read.
func (p *pairs) UnmarshalJSON(b []byte) error {
	if err := p.fill(b); err != nil {
		*p = append((*p)[:0], pair{})
	}
	return nil
}

// odd reports what UnmarshalJSON marked: no key that was read is nil.
func (p pairs) odd() bool { return len(p) == 1 && p[0].key == nil }

func (p *pairs) fill(b []byte) error {
	*p = (*p)[:0]
	dec := json.NewDecoder(bytes.NewReader(b))
	if none, err := open(dec, '{'); none || err != nil {
		return err
	}
	for dec.More() {
		entry, err := (*list[pair])(p).add(entriesIn(len(b), leastPair))
		if err != nil {
			return err
		}
		key, err := dec.Token()
		if err != nil {
			return err
		}
		entry.key = text(key.(string)) //nolint:forcetypeassert // the decoder lets no other key pass
		if err := dec.Decode(&entry.value); err != nil {
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
