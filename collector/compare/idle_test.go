package compare

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
)

// pod is one of a body for Anchore: with a container for each image, none of them
// started in one called ~.
func pod(name string, labels []inventory.Label, images ...string) inventory.Pod {
	p := inventory.Pod{Namespace: "shop", Name: name, UID: name, Labels: labels}
	for i, written := range images {
		c := inventory.Container{Name: strconv.Itoa(i), ID: name + strconv.Itoa(i), Image: imageOf(written)}
		if name[:1] == "~" {
			c.ID = ""
		}
		p.Containers = append(p.Containers, c)
	}
	return p
}

func containers(t *testing.T, pods ...inventory.Pod) *Side {
	t.Helper()
	s := NewSide(everything)
	s.Detail = Containers
	for i := range pods {
		require.NoError(t, s.Pod(&pods[i]))
	}
	require.NoError(t, s.End("shop", nil))
	return s
}

// images is a body of KAI, or of ours if it may name volumes.
func images(t *testing.T, ours bool, written ...string) *Side {
	t.Helper()
	s := NewSide(everything)
	s.Detail, s.OnlyContainers = Images, !ours
	p := inventory.Pod{Namespace: "shop"}
	for _, w := range written {
		p.Containers = append(p.Containers, inventory.Container{Image: imageOf(w)})
	}
	require.NoError(t, s.Pod(&p))
	require.NoError(t, s.End("shop", nil))
	return s
}

// One inventory has an image more than the other, web:2, which may be that of a pod that
// has ended, of an ephemeral container or of a volume, if anything points to that.
func TestCompareDoubtsWhatOtherSettingsLeaveOut(t *testing.T) {
	t.Parallel()
	app, extra, late := "app:1+"+d1, "web:2+"+d2, "late:1"
	controlled := []inventory.Label{{Key: "pod-template-hash", Value: "5d4f"}}
	tests := map[string]struct {
		more, less *Side
		want       Doubt
	}{
		"nothing points to it":                    {containers(t, pod("a", nil, app), pod("b", nil, extra)), containers(t, pod("a", nil, app)), ""},
		"a pod that waits is named":               {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("~", nil, late)), containers(t, pod("a", nil, app)), leftOut},
		"it is named in both":                     {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("~", nil, late)), containers(t, pod("a", nil, app), pod("~", nil, late)), ""},
		"a pod that is always started again":      {containers(t, pod("a", nil, app), pod("b", controlled, extra), pod("~", nil, late)), containers(t, pod("a", nil, app)), ""},
		"a pod has no container":                  {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("c", nil)), containers(t, pod("a", nil, app)), leftOut},
		"which has one in the other":              {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("c", nil)), containers(t, pod("a", nil, app), pod("c", nil, app)), ""},
		"or none in the other either":             {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("c", nil), pod("d", nil)), containers(t, pod("a", nil, app), pod("c", nil)), ""},
		"Anchore's collector has it in all cases": {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("c", nil)), containers(t, pod("a", nil, app), pod("e", nil)), ""},
		"a new version of what the other has":     {containers(t, pod("a", nil, app), pod("b", nil, extra), pod("~", nil, late)), containers(t, pod("a", nil, app), pod("c", nil, "web:1+"+d1)), ""},
		"images, of which one has not started":    {images(t, false, app, extra, late), images(t, false, app), leftOut},
		"images, of which each has one":           {images(t, false, app, extra, late), images(t, false, app, "other:1"), ""},
		"images, all with their digests":          {images(t, false, app, extra), images(t, false, app), ""},
		"a pod of which the other says nothing":   {images(t, false, app, extra), containers(t, pod("a", nil, app), pod("c", nil)), leftOut},
		"pods all of which the other tells":       {images(t, false, app, extra), containers(t, pod("a", nil, app)), ""},
		"beside what KAI has":                     {containers(t, pod("a", nil, app, extra)), images(t, false, app), leftOut},
		"beside what KAI has not":                 {containers(t, pod("a", nil, "new:1+"+d1, extra)), images(t, false, app), ""},
		"the first container":                     {containers(t, pod("a", nil, extra, app)), images(t, false, app), ""},
		"ours and KAI's":                          {images(t, true, app, extra), images(t, false, app), leftOut},
		"ours and KAI's, a new version":           {images(t, true, app, extra), images(t, false, app, "web:1+"+d1), ""},
		"ours and ours":                           {images(t, true, app, extra), images(t, true, app), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, sides := range [][2]*Side{{test.more, test.less}, {test.less, test.more}} {
				r := Compare(sides[0], sides[1], Options{})
				doubts := map[string]Doubt{}
				for _, c := range append(r.Changes, r.Uncertain...) {
					doubts[c.Name+":"+c.Tag] = c.Doubt
				}
				require.Contains(t, doubts, "docker.io/library/web:2")
				assert.Equal(t, test.want, doubts["docker.io/library/web:2"])
			}
		})
	}
}
