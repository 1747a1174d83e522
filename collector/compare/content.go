package compare

import (
	"slices"
)

// became tells what became of an image that is used before and after, nothing if its
// contents are the same. Digests are compared with digests and config ids with config
// ids: that of the same image are two different hashes.
func became(had, has contents) Kind {
	before, after := had.digests(), has.digests()
	if !slices.Equal(before, after) {
		return turned(before, after)
	}
	configsBefore, configsAfter := had.configs(), has.configs()
	if !slices.Equal(configsBefore, configsAfter) {
		return turned(configsBefore, configsAfter)
	}
	_, unsure := had[content{}]
	_, isUnsure := has[content{}]
	switch {
	case unsure == isUnsure:
		return ""
	case isUnsure:
		return DigestUnknown
	}
	return DigestKnown
}

// turned tells what became of hashes that are not the same.
func turned(before, after []string) Kind {
	switch {
	case len(after) == 0:
		return DigestUnknown
	case len(before) == 0:
		return DigestKnown
	}
	return ReTagged
}

func (c contents) digests() []string {
	return c.hashes(func(each content) string { return each.digest })
}

func (c contents) configs() []string {
	return c.hashes(func(each content) string { return each.config })
}

func (c contents) hashes(of func(content) string) []string {
	all := make([]string, 0, len(c))
	for each := range c {
		if hash := of(each); hash != "" {
			all = append(all, hash)
		}
	}
	slices.Sort(all)
	return all
}

// known are the digests, then the config ids of what has none.
func (c contents) known() []string {
	all := c.digests()
	for _, id := range c.configs() {
		all = append(all, configMark+id)
	}
	return all
}

// configMark tells a config id from a digest.
const configMark = "config "

// covers reports whether everything of the other is here too.
func (c contents) covers(other contents) bool {
	for each := range other {
		if _, found := c[each]; !found {
			return false
		}
	}
	return true
}
