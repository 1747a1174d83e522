package compare

import (
	"cmp"
	"slices"
)

// found is what one inventory says of an image and the other does not.
type found struct {
	digests []*content
	configs []*content
	nothing bool // a container of which neither is known
}

func (f *found) unsure() bool { return f.nothing || len(f.configs) > 0 }

func (f *found) add(each *content) {
	switch {
	case each.digest != "":
		f.digests = append(f.digests, each)
	case each.config != "":
		f.configs = append(f.configs, each)
	default:
		f.nothing = true
	}
}

// only returns what is found in one of two and has no counterpart in the other.
func only(in, other *uses, same func(a, b *content) bool) found {
	var f found
	for _, each := range in.contents {
		matched := false
		for _, candidate := range other.contents {
			matched = matched || same(each, candidate)
		}
		if !matched {
			f.add(each)
		}
	}
	return f
}

// all returns everything that is found.
func (u *uses) all() found {
	var f found
	for _, each := range u.contents {
		f.add(each)
	}
	return f
}

// became tells what became of an image that is used before and after, nothing if its
// contents are the same, and why it may be nothing all the same.
func (c *comparison) became(had, has *uses) (Kind, Doubt) {
	if len(had.contents) == 0 || len(has.contents) == 0 {
		return "", "" // what has not started says nothing
	}
	gone := only(had, has, c.same)
	fresh := only(has, had, func(a, b *content) bool { return c.same(b, a) })
	before, after := had.all(), has.all()
	switch known := len(before.digests) > 0 && len(after.digests) > 0; {
	case len(gone.digests) > 0 && len(fresh.digests) > 0:
		return ReTagged, ""
	case len(gone.digests) > 0:
		return unless(len(after.digests) == 0 || fresh.unsure(), DigestUnknown), ""
	case len(fresh.digests) > 0:
		return unless(len(before.digests) == 0 || gone.unsure(), DigestKnown), ""
	case known:
		return c.besides(&gone, &fresh)
	}
	return c.configs(&before, &gone, &fresh)
}

// unless is a kind if something is not known, else another content.
func unless(unknown bool, kind Kind) Kind {
	if unknown {
		return kind
	}
	return ReTagged
}

// besides tells what became of containers without a digest beside others that have
// theirs, which are the same as before.
func (c *comparison) besides(gone, fresh *found) (Kind, Doubt) {
	switch {
	case c.platforms(gone.configs, fresh.configs) == onePlatform:
		return ReTagged, "" // at most one of two config ids can be that of the digest
	case fresh.unsure():
		return DigestUnknown, c.startedOrNot(c.new, fresh)
	case gone.unsure():
		return DigestKnown, c.startedOrNot(c.old, gone)
	}
	return "", ""
}

// startedOrNot doubts what an inventory without containers says of one of which no
// digest is known.
func (c *comparison) startedOrNot(in *Side, f *found) Doubt {
	if in.Detail == Images && f.nothing {
		return perhapsWaiting
	}
	return ""
}

// configs tells what became of an image of which no digest is known, before or after.
// A config id is compared with those of the same platform.
func (c *comparison) configs(before, gone, fresh *found) (Kind, Doubt) {
	switch {
	case !gone.unsure() && !fresh.unsure():
		return "", ""
	case fresh.nothing:
		return DigestUnknown, c.startedOrNot(c.new, fresh)
	case gone.nothing:
		return DigestKnown, c.startedOrNot(c.old, gone)
	}
	old, after := before.configs, fresh.configs
	if len(after) == 0 {
		after = gone.configs
		old = slices.DeleteFunc(slices.Clone(old), func(each *content) bool { return slices.Contains(gone.configs, each) })
	}
	switch c.platforms(old, after) {
	case onePlatform:
		return ReTagged, ""
	case unknownPlatforms:
		replaced := len(fresh.configs) > 0 && len(gone.configs) == len(before.configs)
		return unless(!replaced, DigestUnknown), ""
	case noPlatform:
	}
	return DigestUnknown, otherPlatform
}

// inCommon says whether config ids are of one platform.
type inCommon int

const (
	noPlatform inCommon = iota
	unknownPlatforms
	onePlatform
)

// platforms says what the platforms of two lists have in common, at most.
func (c *comparison) platforms(a, b []*content) inCommon {
	most := noPlatform
	for _, x := range a {
		for _, y := range b {
			px, py := c.platform(x), c.platform(y)
			switch {
			case px == "" || py == "":
				most = max(most, unknownPlatforms)
			case px == py:
				most = onePlatform
			}
		}
	}
	return most
}

// platform is that of a config id, empty if it is not known. Where an inventory does not
// know its node the other one may; but a node can come back as another machine under the
// same name.
func (c *comparison) platform(of *content) string {
	return cmp.Or(of.platform, c.old.platforms[of.node], c.new.platforms[of.node])
}
