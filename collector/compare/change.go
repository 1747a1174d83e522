package compare

import (
	"cmp"
	"slices"
)

// Kind is what became of an image.
type Kind string

// The kinds of changes, the most interesting first.
const (
	ReTagged      Kind = "re-tagged"      // the same tag, another content
	Added         Kind = "added"          // the namespace did not use it
	Removed       Kind = "removed"        // the namespace does not use it any more
	DigestUnknown Kind = "digest-unknown" // whether the content is the same cannot be told any more
	DigestKnown   Kind = "digest-known"   // likewise, before
)

// Kinds are all kinds, in the order in which changes are listed.
func Kinds() []Kind { return []Kind{ReTagged, Added, Removed, DigestUnknown, DigestKnown} }

// Change is what became of one image in the same way in some namespaces.
type Change struct {
	Kind Kind   `json:"change"`
	Name string `json:"name"`          // canonical
	Tag  string `json:"tag,omitempty"` // empty for an image known by its digest alone
	// Old and New are the digests, or config ids where no digest is known.
	Old []string `json:"old_digests"`
	New []string `json:"new_digests"`
	// Everywhere says that no namespace at all used an image that was added, or still
	// uses one that was removed.
	Everywhere bool     `json:"everywhere,omitempty"`
	Namespaces []string `json:"namespaces"`
	// Doubt says why it may be no change; empty for one that is certain.
	Doubt Doubt `json:"doubt,omitempty"`
}

// Image is the name of the image, with the tag if it has one.
func (c *Change) Image() string {
	if c.Tag == "" {
		return c.Name
	}
	return c.Name + ":" + c.Tag
}

// order sorts changes by kind, name, tag and namespace.
func order(all []Change) {
	kinds := Kinds()
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)),
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Tag, b.Tag),
			slices.Compare(a.Old, b.Old),
			slices.Compare(a.New, b.New),
			cmp.Compare(a.Doubt, b.Doubt),
			slices.Compare(a.Namespaces, b.Namespaces),
		)
	})
}

// ByImage joins changes that are the same in several namespaces.
func ByImage(all []Change) []Change {
	all = slices.Clone(all)
	order(all)
	var joined []Change
	for _, c := range all {
		if n := len(joined); n > 0 && joined[n-1].same(&c) {
			joined[n-1].Namespaces = append(joined[n-1].Namespaces, c.Namespaces...)
			continue
		}
		c.Namespaces = slices.Clone(c.Namespaces)
		joined = append(joined, c)
	}
	return joined
}

func (c *Change) same(other *Change) bool {
	return c.Kind == other.Kind && c.Doubt == other.Doubt && c.Name == other.Name && c.Tag == other.Tag &&
		slices.Equal(c.Old, other.Old) && slices.Equal(c.New, other.New)
}

// ByNamespace sorts changes by namespace first.
func ByNamespace(all []Change) []Change {
	all = slices.Clone(all)
	order(all)
	slices.SortStableFunc(all, func(a, b Change) int { return slices.Compare(a.Namespaces, b.Namespaces) })
	return all
}

// Doubt is why a difference may be none, in words; empty for one that is certain.
type Doubt string

const (
	// none is for what is no difference at all.
	none Doubt = "none"

	otherPlatform    Doubt = "a config id is that of one platform, and the image runs on another too"
	perhapsWaiting   Doubt = "bodies of KAI do not say which containers have not started"
	pinnedOrReported Doubt = "one of the two kinds may give the digest that was pinned, and the other the one that the node reported"
	ranBefore        Doubt = "other programs give the digest of what a container ran before its image was changed"
	tagOfProgram     Doubt = "nobody may have written the tag: programs put something in the place of one that is missing"
	onlyInKAI        Doubt = "only bodies of KAI name images of volumes and of containers that wait"
	noReference      Doubt = "it is no valid reference: it does not run, and programs write it in different ways"
	leftOut          Doubt = "the other inventory may leave out what does not run, ephemeral containers and volumes"
	dropped          Doubt = "the other inventory may leave out images without a tag (missing-tag-policy)"
)
