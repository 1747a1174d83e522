package compare

import (
	"maps"
	"slices"
)

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
