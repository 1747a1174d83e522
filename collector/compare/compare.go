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
	// Inserted is the tag that programs give to images without one.
	Inserted string
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
	c := comparison{old: from, new: to, options: o, linked: links(from, to), had: from.everywhere(), has: to.everywhere()}
	c.wider = map[*Side]bool{from: otherSettings(from, to), to: otherSettings(to, from)}
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
	linked   map[[2]*content]bool // what one and the same container runs, before and after
	had, has map[tagged]bool      // in all namespaces together
	wider    map[*Side]bool       // seems to name what does not run, and the other not
	result   Result
}

// links finds the containers that are in both inventories. A container never runs
// anything else than what it began with, whatever is said of it: so a pinned digest in
// the one and a reported one in the other are of one content. An inventory that knows
// everything says this itself, and is believed.
func links(from, to *Side) map[[2]*content]bool {
	linked := map[[2]*content]bool{}
	if from.Detail == Everything && to.Detail == Everything {
		return linked
	}
	knows := from.Detail == Everything || to.Detail == Everything
	for id, old := range from.ran {
		after := to.ran[id]
		if after == nil || knows && old.digest != "" && after.digest != "" {
			continue
		}
		linked[[2]*content{old, after}] = true
	}
	return linked
}

// everywhere gathers what is used anywhere.
func (s *Side) everywhere() map[tagged]bool {
	all := map[tagged]bool{}
	for _, images := range s.whole {
		for key := range images {
			all[key] = true
		}
	}
	return all
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
	for key, after := range has {
		if before, both := had[key]; both {
			c.used(namespace, use{c.old, key, before}, use{c.new, key, after}, had, has)
			continue
		}
		change := Change{Kind: Added, Everywhere: !c.had[key], Old: []string{}, New: after.known()}
		c.found(namespace, key, change, c.missing(use{c.new, key, after}, namespace))
	}
	for key, before := range had {
		if _, both := has[key]; !both {
			change := Change{Kind: Removed, Everywhere: !c.has[key], Old: before.known(), New: []string{}}
			c.found(namespace, key, change, c.missing(use{c.old, key, before}, namespace))
		}
	}
}

// used compares the contents of an image that a namespace uses before and after.
func (c *comparison) used(namespace string, before, after use, had, has map[tagged]*uses) {
	kind, doubt := c.became(c.unmoved(before, after.uses, had, has), c.unmoved(after, before.uses, has, had))
	if kind == "" {
		return
	}
	if c.old.Detail != c.new.Detail && c.old.Detail != Everything && c.new.Detail != Everything {
		doubt = pinnedOrReported
	}
	if before.stale && c.new.Detail != Everything || after.stale && c.old.Detail != Everything {
		doubt = ranBefore
	}
	c.found(namespace, before.key, Change{Kind: kind, Old: before.known(), New: after.known()}, doubt)
}

// found notes a change, or that it may be none.
func (c *comparison) found(namespace string, key tagged, change Change, doubt Doubt) {
	change.Name, change.Tag, change.Doubt, change.Namespaces = key.name, key.tag, doubt, []string{namespace}
	switch doubt {
	case none:
	case "":
		c.result.Changes = append(c.result.Changes, change)
	default:
		c.result.Uncertain = append(c.result.Uncertain, change)
	}
}
