package view

import (
	"fmt"
	"strings"

	"stocktake/collector/kube"
	"stocktake/collector/plaintext"
)

// typesTally is what was read of each type since a reading began: several may be read at a
// time, each namespace by namespace.
type typesTally struct {
	last   string // the type of the page that came last
	byType map[string]*typeTally
}

// typeTally is what was read of a type.
type typeTally struct {
	source      string // the listing at hand
	before, now kube.Event
}

func (t *typesTally) page(e kube.Event) {
	t.last, _, _ = strings.Cut(e.Source, " of namespace ")
	if t.byType == nil {
		t.byType = map[string]*typeTally{}
	}
	one := t.byType[t.last]
	if one == nil {
		one = &typeTally{source: e.Source}
		t.byType[t.last] = one
	}
	if one.source != e.Source {
		one.before = one.sum()
		one.source = e.Source
	}
	one.now = e
}

func (t *typeTally) sum() kube.Event {
	return kube.Event{Items: t.before.Items + t.now.Items, Bytes: t.before.Bytes + t.now.Bytes}
}

// onlyPods reports whether nothing but pods was read, which a bar tells more of.
func (t *typesTally) onlyPods() bool {
	return t.byType["pods"] != nil && len(t.byType) == 1 || len(t.byType) == 0
}

// words say what is being read, at length first.
func (t *typesTally) words() []string {
	if t.last == "" {
		return []string{"asking the API server"}
	}
	var items, bytes int64
	for _, one := range t.byType {
		sum := one.sum()
		items, bytes = items+int64(sum.Items), bytes+sum.Bytes
	}
	all := fmt.Sprintf("%s objects of %s", grouped(items), plaintext.Plural(len(t.byType), "type"))
	return []string{fmt.Sprintf("%s (%s, %.1f MB)", t.last, all, float64(bytes)/1e6), t.last + " (" + all + ")", t.last, all}
}
