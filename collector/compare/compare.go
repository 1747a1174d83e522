package compare

import (
	"maps"
	"slices"
)

// Options say what is known of two inventories besides their records.
type Options struct {
	// Namespaces are those to compare; none means all.
	Namespaces []string
	// OldPartial and NewPartial say that an inventory is known not to be whole, so
	// that a namespace may be missing because it was not read.
	OldPartial, NewPartial bool
	// OldTellsMore and NewTellsMore say that an inventory names images which the
	// other has no room for.
	OldTellsMore, NewTellsMore bool
}

// Result is what became of the images.
type Result struct {
	Changes   []Change // one for each namespace, in order
	Uncertain []Change // that may come from what the inventories have room for
	Unread    []Unread // namespaces that were not compared
	OnlyOld   []string // namespaces that the new inventory does not have
	OnlyNew   []string // namespaces that the old one does not have
}

// Unread is a namespace that was not read in full, or not at all.
type Unread struct {
	Namespace string `json:"namespace"`
	In        string `json:"unread_in"` // old or new
}

// Same reports whether nothing has changed.
func (r *Result) Same() bool { return len(r.Changes) == 0 }

// Compare tells what became of the images of each namespace.
func Compare(from, to *Side, o Options) *Result {
	c := comparison{old: from, new: to, options: o}
	c.everywhere()
	for _, namespace := range c.namespaces() {
		c.compare(namespace)
	}
	order(c.result.Changes)
	order(c.result.Uncertain)
	return &c.result
}

// comparison is a comparison under way.
type comparison struct {
	old, new *Side
	options  Options
	had, has map[tagged]contents // in all namespaces together
	result   Result
}

// everywhere gathers what is used anywhere.
func (c *comparison) everywhere() {
	gather := func(s *Side) map[tagged]contents {
		all := map[tagged]contents{}
		for _, images := range s.whole {
			for key, found := range images {
				if all[key] == nil {
					all[key] = contents{}
				}
				maps.Copy(all[key], found)
			}
		}
		return all
	}
	c.had, c.has = gather(c.old), gather(c.new)
}

// namespaces are the names of those to compare, sorted.
func (c *comparison) namespaces() []string {
	if len(c.options.Namespaces) > 0 {
		return slices.Compact(slices.Sorted(slices.Values(c.options.Namespaces)))
	}
	all := map[string]bool{}
	for _, s := range []*Side{c.old, c.new} {
		for name := range s.whole {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// compare compares a namespace, unless one of the inventories may only have failed to
// read it.
func (c *comparison) compare(namespace string) {
	had, inOld := c.old.whole[namespace]
	has, inNew := c.new.whole[namespace]
	r := &c.result
	switch {
	case !inOld && c.options.OldPartial:
		r.Unread = append(r.Unread, Unread{namespace, "old"})
		return
	case !inNew && c.options.NewPartial:
		r.Unread = append(r.Unread, Unread{namespace, "new"})
		return
	case !inOld && inNew:
		r.OnlyNew = append(r.OnlyNew, namespace)
	case !inNew && inOld:
		r.OnlyOld = append(r.OnlyOld, namespace)
	}
	for key, found := range has {
		c.image(namespace, key, had[key], found)
	}
	for key, found := range had {
		if _, both := has[key]; !both {
			c.image(namespace, key, found, nil)
		}
	}
}

// image compares the contents of an image in a namespace. None at all means that it
// is not used.
func (c *comparison) image(namespace string, key tagged, had, has contents) {
	change := Change{Name: key.name, Tag: key.tag, Namespaces: []string{namespace}}
	switch {
	case len(had) == 0:
		change.Kind, change.Everywhere = Added, len(c.had[key]) == 0
		change.Old, change.New = []string{}, has.known()
		c.found(change, c.options.NewTellsMore)
	case len(has) == 0:
		change.Kind, change.Everywhere = Removed, len(c.has[key]) == 0
		change.Old, change.New = had.known(), []string{}
		c.found(change, c.options.OldTellsMore)
	default:
		if change.Kind = became(had, has); change.Kind != "" {
			change.Old, change.New = had.known(), has.known()
			c.found(change, c.options.OldTellsMore && had.covers(has) || c.options.NewTellsMore && has.covers(had))
		}
	}
}

// found notes a change, or that it may be none.
func (c *comparison) found(change Change, uncertain bool) {
	if uncertain {
		c.result.Uncertain = append(c.result.Uncertain, change)
		return
	}
	c.result.Changes = append(c.result.Changes, change)
}
