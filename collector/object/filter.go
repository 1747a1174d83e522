package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Filter takes out of the objects of one type what is not to be sent. It is for one
// goroutine.
type Filter struct {
	level Level
	root  *rule
	head  []byte // what each object starts with
	walk  walker
	tidy  bytes.Buffer
}

// Filter is one for the objects of a type. Of Secrets it sends the metadata, whatever the
// level.
func (r *Rules) Filter(t Type, level Level) *Filter {
	level = LevelOf(t, level)
	kind, version := quoted(t.Kind), quoted(t.apiVersion())
	root := *r.root(t, level)
	root.fields = maps.Clone(root.fields)
	if root.fields == nil {
		root.fields = map[string]*rule{}
	}
	root.fields["kind"] = &rule{class: drop, other: r.ignored, only: []string{kind}}
	root.fields["apiVersion"] = &rule{class: drop, other: r.ignored, only: []string{version}}
	if level == Metadata { // who asks for metadata alone gets another kind
		root.fields["kind"].only = []string{kind, `"PartialObjectMetadata"`}
		root.fields["apiVersion"].only = []string{version, `"meta.k8s.io/v1"`}
	}

	return &Filter{
		level: level, root: &root, walk: newWalker(r.ignored),
		head: slices.Concat([]byte(`{"kind":`), []byte(kind), []byte(`,"apiVersion":`), []byte(version)),
	}
}

// quoted is a string in JSON.
func quoted(s string) string {
	text, _ := json.Marshal(s) // a string always can be
	return string(text)
}

// Level is how much of each object is sent.
func (f *Filter) Level() Level { return f.level }

// Append appends to dst what may be sent of an object, in one line, with kind and apiVersion
// first. Where the object cannot be read, or is of another type, nothing is appended. The
// error does not say what is in it.
func (f *Filter) Append(dst, object []byte) ([]byte, Counts, error) {
	out, err := f.walk.top(append(dst, f.head...), object, f.root)
	if errors.Is(err, errSpace) {
		f.tidy.Reset()
		if json.Compact(&f.tidy, object) != nil {
			return dst, Counts{}, fmt.Errorf("an object: %w", errSyntax)
		}
		out, err = f.walk.top(append(dst, f.head...), f.tidy.Bytes(), f.root)
	}
	if err != nil {
		return dst, Counts{}, fmt.Errorf("byte %d of an object: %w", f.walk.at, err)
	}

	return out, f.walk.counts, nil
}
