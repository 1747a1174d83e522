package compare

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

// same reports whether two contents are one: they have a digest or a config id in
// common, or one and the same container runs them.
func (c *comparison) same(old, after *content) bool {
	switch {
	case c.linked[[2]*content{old, after}]:
		return true
	case old.digest != "" || after.digest != "":
		return old.shares(after)
	}
	return old.config == after.config
}
