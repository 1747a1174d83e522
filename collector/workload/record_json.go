package workload

import (
	"bytes"
	"encoding/json"
	"errors"

	"stocktake/collector/wire"
)

// UnmarshalText fills a text from a JSON string; b is only lent.
func (t *text) UnmarshalText(b []byte) error {
	*t = bytes.Clone(b)
	return nil
}

// errLabels is something else in the place of a map of strings.
var errLabels = errors.New("json: labels or annotations that are not strings")

// UnmarshalJSON reads an array of no more entries than its bytes can hold.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = (*l)[:0]
	switch b[0] {
	case 'n':
		return nil
	case '[':
	default:
		return wire.ErrList
	}
	return wire.Members(b, func(_, value []byte) error {
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
	return wire.Members(b, func(key, value []byte) error {
		entry, err := (*list[pair])(p).add(entriesIn(len(b), leastPair))
		if err != nil {
			return err
		}
		var ok, also bool
		entry.key, ok = wire.Unquoted(key)
		entry.value, also = wire.Unquoted(value)
		if !ok || !also {
			return errLabels
		}
		return nil
	})
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
