package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
)

// enough is how much is kept of each end of a page: the metadata of a list has some
// hundred bytes.
const enough = 2 << 10

// tail keeps the end of what is written to it.
type tail []byte

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	p = p[max(0, n-enough):]
	*t = append(slices.Delete(*t, 0, max(0, len(*t)+len(p)-enough)), p...)
	return n, nil
}

var (
	// first is how types of Kubernetes start their lists.
	first = regexp.MustCompile(`^\{"kind":"\w+","apiVersion":"[^"]+","metadata":(\{[^{}]*\})`)
	// last is how custom resources end theirs: the members are sorted there.
	last = regexp.MustCompile(`\],"kind":"\w+","metadata":(\{[^{}]*\})\}\s*$`)
)

// tokenOf finds the token of the next page at one of the ends of a page.
func tokenOf(start, end []byte) (string, error) {
	found := first.FindSubmatch(start)
	if found == nil {
		found = last.FindSubmatch(end)
	}
	if found == nil {
		return "", errors.New("no metadata at either end of the list")
	}
	var metadata struct {
		Continue string `json:"continue"`
	}
	err := json.Unmarshal(found[1], &metadata)
	return metadata.Continue, err
}
