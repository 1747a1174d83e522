package compare

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

var (
	d1 = "sha256:" + strings.Repeat("1", 64)
	d2 = "sha256:" + strings.Repeat("2", 64)
	id = "sha256:" + strings.Repeat("c", 64)
	iD = "sha256:" + strings.Repeat("d", 64)
)

func everything(_ *inventory.Pod, c *inventory.Container) (image.Image, bool, bool) {
	return c.Image, true, true
}

// side makes an inventory: "namespace: image image@digest image=config-id".
func side(t *testing.T, lines ...string) *Side {
	t.Helper()
	s := NewSide(everything)
	for _, line := range lines {
		namespace, images, _ := strings.Cut(line, ":")
		for written := range strings.FieldsSeq(images) {
			pod := inventory.Pod{Namespace: namespace, Containers: []inventory.Container{{Image: imageOf(written)}}}
			require.NoError(t, s.Pod(&pod))
		}
		require.NoError(t, s.End(namespace, nil))
	}
	return s
}

// imageOf resolves name:tag+digest as a digest that the status reports, name=id as a
// config id, and anything else as it stands.
func imageOf(written string) image.Image {
	if name, digest, ok := strings.Cut(written, "+"); ok {
		untagged, _, _ := strings.Cut(name, ":")
		return image.Resolve(name, "", untagged+"@"+digest)
	}
	name, config, _ := strings.Cut(written, "=")
	return image.Resolve(name, "", config)
}

func TestCompareTellsWhatBecameOfAnImage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old, new string
		want     []Kind
	}{
		"nothing":                            {"web:1+" + d1, "web:1+" + d1, nil},
		"another content under the same tag": {"web:1+" + d1, "web:1+" + d2, []Kind{ReTagged}},
		"another content half way":           {"web:1+" + d1, "web:1+" + d1 + " web:1+" + d2, []Kind{ReTagged}},
		"another content all the way":        {"web:1+" + d1 + " web:1+" + d2, "web:1+" + d2, []Kind{ReTagged}},
		"another tag":                        {"web:1+" + d1, "web:2+" + d1, []Kind{Added, Removed}},
		"added":                              {"", "web:1+" + d1, []Kind{Added}},
		"removed":                            {"web:1+" + d1, "", []Kind{Removed}},
		"written in another way":             {"web", "docker.io/library/web:latest", nil},
		"pinned beside its tag":              {"web:1+" + d1, "web:1@" + d1, nil},
		"another pinned digest":              {"web@" + d1, "web@" + d2, []Kind{Added, Removed}},
		"another pinned digest and a tag":    {"web:1@" + d1, "web:1@" + d2, []Kind{ReTagged}},
		"a digest that is lost":              {"web:1+" + d1, "web:1", []Kind{DigestUnknown}},
		"a digest that is lost in part":      {"web:1+" + d1, "web:1 web:1+" + d1, []Kind{DigestUnknown}},
		"a digest that is found":             {"web:1", "web:1+" + d1, []Kind{DigestKnown}},
		"a digest that is found in part":     {"web:1 web:1+" + d1, "web:1+" + d1, []Kind{DigestKnown}},
		"a digest lost while it changed":     {"web:1+" + d1, "web:1 web:1+" + d2, []Kind{ReTagged}},
		"never a digest":                     {"web:1", "web:1", nil},
		"another config":                     {"web:1=" + id, "web:1=" + iD, []Kind{ReTagged}},
		"the same config":                    {"web:1=" + id, "web:1=" + id, nil},
		"a config for a digest":              {"web:1+" + d1, "web:1=" + id, []Kind{DigestUnknown}},
		"a digest for a config":              {"web:1=" + id, "web:1+" + d1, []Kind{DigestKnown}},
		"no reference":                       {"Web:1", "Web:1", nil},
		"another text that is no reference":  {"Web:1", "Web:2", []Kind{Added, Removed}},
	} {
		got := Compare(side(t, "shop: "+test.old), side(t, "shop: "+test.new), Options{})
		var kinds []Kind
		for _, c := range got.Changes {
			kinds = append(kinds, c.Kind)
			assert.Equal(t, []string{"shop"}, c.Namespaces)
			assert.NotNil(t, c.Old, "JSON has an array there")
			assert.NotNil(t, c.New)
		}
		assert.Equal(t, test.want, kinds, name)
		assert.Equal(t, test.want == nil, got.Same(), name)
		assert.Empty(t, got.Uncertain)
	}
}

func TestCompareListsTheInterestingFirst(t *testing.T) {
	t.Parallel()
	old := side(t, "a: gone:1 web:1+"+d1+" lost:1+"+d1, "b: web:1+"+d1+" only:1", "closed: gone:1")
	after := side(t, "a: fresh:1 web:1+"+d2+" lost:1", "b: web:1+"+d2+" gone:1", "opened: fresh:1")

	r := Compare(old, after, Options{})

	web := Change{Kind: ReTagged, Name: "docker.io/library/web", Tag: "1", Old: []string{d1}, New: []string{d2}, Namespaces: []string{"a", "b"}}
	added := Change{Kind: Added, Name: "docker.io/library/fresh", Tag: "1", Old: []string{}, New: []string{}, Everywhere: true, Namespaces: []string{"a", "opened"}}
	moved := Change{Kind: Added, Name: "docker.io/library/gone", Tag: "1", Old: []string{}, New: []string{}, Namespaces: []string{"b"}}
	left := Change{Kind: Removed, Name: "docker.io/library/gone", Tag: "1", Old: []string{}, New: []string{}, Namespaces: []string{"a", "closed"}}
	only := Change{Kind: Removed, Name: "docker.io/library/only", Tag: "1", Old: []string{}, New: []string{}, Everywhere: true, Namespaces: []string{"b"}}
	lost := Change{Kind: DigestUnknown, Name: "docker.io/library/lost", Tag: "1", Old: []string{d1}, New: []string{}, Namespaces: []string{"a"}}
	assert.Equal(t, []Change{web, added, moved, left, only, lost}, ByImage(r.Changes))
	assert.Equal(t, []string{"closed"}, r.OnlyOld)
	assert.Equal(t, []string{"opened"}, r.OnlyNew)

	byNamespace := ByNamespace(r.Changes)
	assert.Equal(t, []string{"a", "a", "a", "a", "b", "b", "b", "closed", "opened"}, namespaces(byNamespace))
	assert.Equal(t, ReTagged, byNamespace[0].Kind)
	assert.Equal(t, ReTagged, byNamespace[4].Kind)
}

func namespaces(all []Change) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.Namespaces...)
	}
	return names
}

func TestCompareLeavesOutWhatWasNotRead(t *testing.T) {
	t.Parallel()
	whole, part := side(t, "a: web:1", "b: db:1"), side(t, "a: web:1")

	assert.Len(t, Compare(whole, part, Options{}).Changes, 1)
	r := Compare(whole, part, Options{NewPartial: true})
	assert.True(t, r.Same())
	assert.Equal(t, []Unread{{"b", "new"}}, r.Unread)
	assert.Empty(t, r.OnlyOld, "it may be there")
	r = Compare(part, whole, Options{OldPartial: true})
	assert.True(t, r.Same())
	assert.Equal(t, []Unread{{"b", "old"}}, r.Unread)
	assert.Len(t, Compare(part, whole, Options{NewPartial: true}).Changes, 1, "the old one was read in full")
}

func TestCompareDropsANamespaceThatEndsWithAGap(t *testing.T) {
	t.Parallel()
	old := side(t, "a: web:1")
	after := side(t)
	require.NoError(t, after.Pod(&inventory.Pod{Namespace: "a", Containers: []inventory.Container{{Image: imageOf("part:1")}}}))
	require.NoError(t, after.End("a", &inventory.Gap{}))

	r := Compare(old, after, Options{NewPartial: true})

	assert.True(t, r.Same())
	assert.Equal(t, []Unread{{"a", "new"}}, r.Unread)
}

func TestCompareOnlyTheNamespacesThatAreNamed(t *testing.T) {
	t.Parallel()
	old, after := side(t, "a: web:1", "b: db:1"), side(t, "a: web:2", "b: db:2")

	r := Compare(old, after, Options{Namespaces: []string{"b", "b", "nowhere"}})

	assert.Equal(t, []string{"b", "b"}, namespaces(r.Changes))
}

func TestCompareKnowsWhatMayComeFromTheKindAlone(t *testing.T) {
	t.Parallel()
	as := func(detail Detail, s *Side) *Side {
		s.Detail = detail
		return s
	}
	more := func(d Detail) *Side { return as(d, side(t, "a: web:1+"+d1+" web:1 volume:1")) }
	less := func(d Detail) *Side { return as(d, side(t, "a: web:1+"+d1)) }

	r := Compare(more(Images), less(Containers), Options{})
	assert.True(t, r.Same())
	assert.Len(t, r.Uncertain, 2)
	r = Compare(less(Containers), more(Images), Options{})
	assert.True(t, r.Same())
	assert.Len(t, r.Uncertain, 2)
	r = Compare(less(Images), more(Containers), Options{})
	require.Len(t, r.Changes, 1, "the one that tells more does not name it")
	assert.Equal(t, Added, r.Changes[0].Kind)
}
