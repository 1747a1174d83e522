package compare

// use is an image as one of the inventories has it.
type use struct {
	in  *Side
	key tagged
	*uses
}

// missing says why an image that only one inventory names in a namespace may be no
// difference; the other one names others there.
func (c *comparison) missing(u use, namespace string) Doubt {
	other := c.old
	if u.in == c.old {
		other = c.new
	}
	if u.in.Detail == Everything && other.Detail == Everything {
		return "" // both know all that there is
	}
	others := other.whole[namespace]
	if doubt := c.underAnotherTag(u, other, others); doubt != "" {
		return doubt
	}
	switch {
	case u.odd:
		return noReference
	case other.leavesOut(u.uses), u.in.Detail == Everything && !u.sure:
		return leftOut
	case c.replaced(u, other, namespace):
		return ""
	case u.in.Detail == Images && other.Detail == Containers && (!u.in.OnlyContainers || !u.hasDigest()):
		return onlyInKAI
	case c.dropped(u, other):
		return dropped
	case other.Detail != Everything && len(u.contents) == 0, c.leftOut(u, other, namespace):
		return leftOut
	}
	return ""
}

// leftOut reports whether an image may be that of a pod that does not run, of an
// ephemeral container or of a volume, which the other inventory leaves out. None of them
// has what would tell these from others.
func (c *comparison) leftOut(u use, other *Side, namespace string) bool {
	switch {
	case u.in.Detail == Everything || other.Detail == Everything:
		return false
	case other.OnlyContainers && u.in.Detail == Containers && u.beside(other.whole[namespace]):
		return true // it may be ephemeral
	case other.OnlyContainers && u.in.Detail == Images && u.in.mayNameMore(other):
		return true
	case u.in.Detail == Images && other.Detail == Containers && other.idle.bare[namespace]:
		return true // of one of these pods nothing is said
	}
	return c.wider[u.in] && !u.steady
}

// dropped reports whether the other inventory may leave out an image for its lack of a
// tag, which this one gives it.
func (c *comparison) dropped(u use, other *Side) bool {
	if other.Detail != Images && u.in.Detail != Images || !c.noTag(u) || other.tagless {
		return false
	}
	return !u.pulledLatest() || u.in.OnlyContainers && other.Detail == Containers
}

// replaced reports whether the other inventory has the image under another tag, which
// this one has not: a new version came in the place of the old one. All is known of both.
func (c *comparison) replaced(u use, other *Side, namespace string) bool {
	if !u.hasDigest() || c.noTag(u) {
		return false
	}
	own := u.in.whole[namespace]
	for key, uses := range other.whole[namespace] {
		counterpart := use{other, key, uses}
		if key.name == u.key.name && own[key] == nil && uses.hasDigest() && !c.noTag(counterpart) {
			return true
		}
	}
	return false
}

const latest = "latest"

// noTag reports whether nobody may have written the tag. In bodies that were made for
// others "latest" stands also where it was implied, and a tag that was inserted.
func (c *comparison) noTag(u use) bool {
	madeUp := u.key.tag == latest || u.key.tag == c.options.Inserted
	return !u.tagged || u.in.Detail != Everything && madeUp
}

// pulledLatest reports whether "latest" stands beside a digest: KAI and this program
// give it there only where it was written, or the node reports it.
func (u use) pulledLatest() bool { return u.tagged && u.key.tag == latest && u.hasDigest() }

// underAnotherTag looks for the image under another tag, if one of the tags may be made
// up by a program. It is the same image if it has the same content.
func (c *comparison) underAnotherTag(u use, other *Side, others map[tagged]*uses) Doubt {
	var doubt Doubt
	for key, uses := range others {
		candidate := use{other, key, uses}
		if key.name != u.key.name || !c.noTag(u) && !c.noTag(candidate) {
			continue
		}
		switch shared, unknown := c.oneContent(u, candidate); {
		case shared && c.noTag(u) && c.noTag(candidate):
			return none
		case shared, unknown:
			doubt = tagOfProgram
		}
	}
	return doubt
}

// oneContent reports whether two images have a content in common, or whether nobody
// knows, because one of them has a container of which nothing is known.
func (c *comparison) oneContent(a, b use) (shared, unknown bool) {
	unknown = len(a.contents) == 0 || len(b.contents) == 0
	for _, x := range a.contents {
		for _, y := range b.contents {
			old, after := x, y
			if a.in == c.new {
				old, after = y, x
			}
			digests := x.digest != "" && y.digest != ""
			shared = shared || c.linked[[2]*content{old, after}] || digests && x.shares(y)
			unknown = unknown || !digests
		}
	}
	return shared, unknown
}

// leavesOut reports whether the inventory has the pods of all uses, and none of these
// containers. The containers of a pod do not change, but for ephemeral ones.
func (s *Side) leavesOut(u *uses) bool {
	for _, at := range u.places {
		if _, known := s.idle.pods[at.pod]; !known || s.places[at] {
			return false
		}
	}
	return len(u.places) > 0
}

// unmoved returns an image without the contents that the other inventory has under
// another tag of the same repository, where nobody may have written this one: KAI takes
// the tag that the node reports, which may be any that the content has there. What the
// other tag has in both inventories was not moved there.
func (c *comparison) unmoved(u use, counterpart *uses, own, others map[tagged]*uses) *uses {
	if c.old.Detail == Everything && c.new.Detail == Everything || !c.noTag(u) {
		return u.uses
	}
	stays := &uses{contents: map[content]*content{}}
	for key, each := range u.contents {
		if c.holds(counterpart, each, u.in) || !c.moved(u, each, own, others) {
			stays.contents[key] = each
		}
	}
	if len(stays.contents) == 0 {
		return u.uses
	}
	return stays
}

func (c *comparison) moved(u use, each *content, own, others map[tagged]*uses) bool {
	if each.digest == "" {
		return false
	}
	for key, candidate := range others {
		here := own[key]
		if key != u.key && key.name == u.key.name && c.holds(candidate, each, u.in) && (here == nil || here.contents[*each] == nil) {
			return true
		}
	}
	return false
}

// holds reports whether an image of the other inventory has a content of this one.
func (c *comparison) holds(other *uses, each *content, in *Side) bool {
	for _, candidate := range other.contents {
		old, after := each, candidate
		if in == c.new {
			old, after = candidate, each
		}
		if c.same(old, after) {
			return true
		}
	}
	return false
}
