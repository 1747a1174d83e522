package compare

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// sideOf makes an inventory of one namespace whose containers are in a pod each, on the
// node of their name.
func sideOf(t *testing.T, nodes []inventory.Node, containers ...inventory.Container) *Side {
	t.Helper()
	s := NewSide(everything)
	for i := range containers {
		pod := inventory.Pod{Namespace: "shop", Name: "p", Phase: inventory.Running, Node: containers[i].Name, Containers: containers[i : i+1]}
		require.NoError(t, s.Pod(&pod))
	}
	require.NoError(t, s.End("shop", nil))
	s.SetNodes(nodes)
	return s
}

func machine(name, system, arch string) inventory.Node {
	return inventory.Node{Name: name, OperatingSystem: system, Architecture: arch}
}

func on(node, written string) inventory.Container {
	return inventory.Container{Name: node, ID: node, State: inventory.StateRunning, Image: imageOf(written)}
}

// A node that was made anew under its name may be of another platform.
func TestCompareKnowsTheNodesOfEachSide(t *testing.T) {
	t.Parallel()
	old := sideOf(t, []inventory.Node{machine("n", "linux", "amd64")}, on("n", "web:1="+id))
	after := sideOf(t, []inventory.Node{machine("n", "linux", "arm64")}, on("n", "web:1="+iD))
	for _, sides := range [][2]*Side{{old, after}, {after, old}} {
		r := Compare(sides[0], sides[1], Options{})
		assert.True(t, r.Same())
		require.Len(t, r.Uncertain, 1)
		assert.Equal(t, otherPlatform, r.Uncertain[0].Doubt)
	}
	unknown := sideOf(t, nil, on("n", "web:1="+iD))
	assert.Equal(t, ReTagged, Compare(old, unknown, Options{}).Changes[0].Kind, "the other side knows the node")
}

func TestComparePlatformsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	old := sideOf(t, []inventory.Node{machine("n", "linux", "amd64")}, on("n", "web:1="+id))
	after := sideOf(t, []inventory.Node{machine("m", "Linux", "x86_64")}, on("m", "web:1="+iD))
	r := Compare(old, after, Options{})
	require.Len(t, r.Changes, 1)
	assert.Equal(t, ReTagged, r.Changes[0].Kind)
}

// The kubelet has lost it: ContainerStatusUnknown, after an eviction or a crash of the node.
func TestCompareHearsNothingFromAContainerThatEndedUnseen(t *testing.T) {
	t.Parallel()
	lost := inventory.Container{Name: "n", State: inventory.StateTerminated, Image: imageOf("web:1")}
	one, two := sideOf(t, nil, on("n", "web:1+"+d1)), sideOf(t, nil, on("n", "web:1+"+d1), lost)
	assert.True(t, Compare(one, two, Options{}).Same())
	assert.True(t, Compare(two, one, Options{}).Same())
	changed := sideOf(t, nil, on("n", "web:1+"+d2), lost)
	assert.Len(t, Compare(one, changed, Options{}).Changes, 1, "the others have changed")
}

// Other programs take the digest of a container from its status, whosever that is.
func TestCompareDoubtsTheStatusOfAnotherImage(t *testing.T) {
	t.Parallel()
	stuck := on("n", "web:2")
	stuck.State, stuck.Image.Flags = inventory.StateWaiting, image.OldStatus
	ours := func() *Side { return sideOf(t, nil, on("m", "web:2+"+d2), stuck) }
	theirs := sideOf(t, nil, on("m", "web:2+"+d2), on("n", "web:2+"+d1))
	assert.Equal(t, ReTagged, Compare(ours(), theirs, Options{}).Changes[0].Kind, "of our own it is certain")
	theirs.Detail = Containers
	for _, sides := range [][2]*Side{{ours(), theirs}, {theirs, ours()}} {
		r := Compare(sides[0], sides[1], Options{})
		assert.True(t, r.Same())
		require.Len(t, r.Uncertain, 1)
		assert.Equal(t, ranBefore, r.Uncertain[0].Doubt)
	}
}
