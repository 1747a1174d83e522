package tree_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
	"stocktake/collector/payload"
	"stocktake/collector/tree"
)

func head() payload.Head {
	return payload.Head{Cluster: "prod-1", Run: "RUN", Time: time.Unix(1_780_000_000, 0)}
}

// thing is an object of a test.
type thing struct {
	kind, name, uid, owner, pad string
}

func (o thing) json() []byte {
	owners := ""
	if o.owner != "" {
		owners = fmt.Sprintf(`,"ownerReferences":[{"uid":%q,"controller":true}]`, o.owner)
	}
	return fmt.Appendf(nil, `{"apiVersion":"v1","kind":%q,"metadata":{"namespace":"web","name":%q,"uid":%q%s},"x":1.50,"Metadata":{"uid":"d1"},"pad":"<%s>"}`, o.kind, o.name, o.uid, owners, o.pad)
}

// made are the trees of objects, by way of the pages and the index that a run has.
func made(t testing.TB, things []thing) *tree.Trees {
	t.Helper()
	spooling := payload.Options{SpoolMemory: 100_000, SpoolDir: t.TempDir()}
	w, err := payload.NewObjectWriter(payload.Infralight, head(), payload.ObjectOptions{}, spooling)
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	var index object.Index
	writers := map[string]*payload.TypeWriter{}
	for _, o := range things {
		if writers[o.kind] == nil {
			writers[o.kind], err = w.Open(payload.Type{Version: "v1", Resource: strings.ToLower(o.kind), Kind: o.kind})
			require.NoError(t, err)
		}
		require.NoError(t, writers[o.kind].Object(o.json()))
		require.NoError(t, index.Add(o.json()))
	}
	for _, one := range writers {
		one.Keep()
		require.NoError(t, one.End(payload.TypeEnd{State: payload.Complete}))
	}
	pages, err := w.Close("", head().Time)
	require.NoError(t, err)
	owners := func(yield func(payload.OwnerRecord) bool) {
		for o := range index.Owned() {
			if !yield(payload.OwnerRecord{UID: o.UID, Owner: o.Owner, Root: o.Root, State: o.State.String()}) {
				return
			}
		}
	}
	trees, err := tree.New(head(), pages, owners, spooling)
	require.NoError(t, err)
	t.Cleanup(trees.Discard)
	return trees
}

// node is a tree as the service reads it.
type node struct {
	Children []node          `json:"children"`
	UID      string          `json:"uid"`
	Kind     string          `json:"kind"`
	Object   json.RawMessage `json:"object"`
}

// shape is a tree in one line.
func (n node) shape() string {
	var below []string
	for _, child := range n.Children {
		below = append(below, child.shape())
	}
	slices.Sort(below)
	if len(below) == 0 {
		return n.Kind + ":" + n.UID
	}
	return n.Kind + ":" + n.UID + "(" + strings.Join(below, " ") + ")"
}

// read reads pages as the service does.
func read(t testing.TB, pages []*payload.Body) []node {
	t.Helper()
	var all []node
	run := head()
	for i, page := range pages {
		require.Equal(t, payload.InfralightTrees, page.Kind)
		require.Equal(t, fmt.Sprintf("%s-%d", run.FetchingID(), i+1), page.Key)
		text, err := io.ReadAll(page.Plain())
		require.NoError(t, err)
		var body struct {
			Fetching string `json:"fetchingId"`
			Trees    []node `json:"k8sTrees"`
		}
		require.NoError(t, json.Unmarshal(text, &body))
		require.Equal(t, run.FetchingID(), body.Fetching)
		require.NotEmpty(t, body.Trees)
		all = append(all, body.Trees...)
	}
	return all
}

func shapes(all []node) []string {
	var text []string
	for _, n := range all {
		text = append(text, n.shape())
	}
	slices.Sort(text)
	return text
}

func TestTreesAreOfWhoOwnsWhom(t *testing.T) {
	t.Parallel()
	all := read(t, made(t, []thing{
		{kind: "Pod", name: "a-1", uid: "p1", owner: "rs1", pad: "&"},
		{kind: "Pod", name: "a-2", uid: "p2", owner: "rs1"},
		{kind: "ReplicaSet", name: "a", uid: "rs1", owner: "d1"},
		{kind: "ReplicaSet", name: "old", uid: "rs0", owner: "d1"},
		{kind: "Deployment", name: "a", uid: "d1"},
		{kind: "ConfigMap", name: "alone", uid: "c1"},
		{kind: "Ingress", name: "alone", uid: "i1"},
		{kind: "Provisioner", name: "alone", uid: "v1"},
		{kind: "Pod", name: "orphan", uid: "p3", owner: "gone"},
		{kind: "ReplicaSet", name: "orphan", uid: "rs2", owner: "gone"},
		{kind: "Pod", name: "of-orphan", uid: "p4", owner: "rs2"},
		{kind: "Widget", name: "x", uid: "w1", owner: "w2"},
		{kind: "Widget", name: "y", uid: "w2", owner: "w1"},
		{kind: "Widget", name: "self", uid: "w3", owner: "w3"},
	}).Pages)
	assert.Equal(t, []string{
		"Deployment:d1(ReplicaSet:rs0 ReplicaSet:rs1(Pod:p1 Pod:p2))", "Ingress:i1", "Provisioner:v1", "ReplicaSet:rs2(Pod:p4)",
	}, shapes(all))
	i := slices.IndexFunc(all, func(n node) bool { return n.UID == "d1" })
	for _, replicas := range all[i].Children {
		for _, pod := range replicas.Children {
			if pod.UID == "p1" {
				assert.Equal(t, string(thing{kind: "Pod", name: "a-1", uid: "p1", owner: "rs1", pad: "&"}.json()), string(pod.Object), "byte by byte")
			}
		}
	}
}

func TestThereNeedBeNoTree(t *testing.T) {
	t.Parallel()
	assert.Empty(t, made(t, nil).Pages)
	assert.Empty(t, made(t, []thing{{kind: "Pod", name: "a", uid: "1"}}).Pages)
}

// What the service's own collector does not send is left out, and named.
func TestTreesThatAreTooLargeAreNamed(t *testing.T) {
	t.Parallel()
	things := []thing{{kind: "Job", name: "large", uid: "j"}, {kind: "Job", name: "small", uid: "k"}, {kind: "Pod", name: "s", uid: "ks", owner: "k"}}
	for n := range 20 {
		things = append(things, thing{kind: "Pod", name: "p", uid: fmt.Sprintf("p%d", n), owner: "j", pad: strings.Repeat("x", 100_000)})
	}
	trees := made(t, things)
	assert.Equal(t, []string{"Job web/large"}, trees.TooLarge)
	assert.Equal(t, []string{"Job:k(Pod:ks)"}, shapes(read(t, trees.Pages)))
}

// TestTreesOfManyBuckets compares the trees of a forest at random, which fills several buckets and pages, with those that
// are made of all of it in memory.
func TestTreesOfManyBuckets(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // the same in every run
	var things []thing
	below := map[string][]int{}
	for n := range 4000 {
		o := thing{kind: []string{"Pod", "Job", "Widget"}[n%3], name: "x", uid: fmt.Sprintf("%08x-0000-4000-8000-000000000000", n), pad: strings.Repeat("y", random.IntN(4000))}
		if n > 0 && random.IntN(3) > 0 {
			o.owner = things[max(0, n-1-random.IntN(50))].uid
		}
		things = append(things, o)
		below[o.owner] = append(below[o.owner], n)
	}
	var grow func(n int) node
	grow = func(n int) node {
		grown := node{UID: things[n].uid, Kind: things[n].kind}
		for _, child := range below[things[n].uid] {
			grown.Children = append(grown.Children, grow(child))
		}
		return grown
	}
	var want []node
	for _, n := range below[""] {
		if root := grow(n); len(root.Children) > 0 {
			want = append(want, root)
		}
	}
	trees := made(t, things)
	assert.Empty(t, trees.TooLarge)
	assert.Greater(t, len(trees.Pages), 3)
	for _, page := range trees.Pages {
		assert.LessOrEqual(t, page.Size(), int64(tree.Most))
	}
	assert.Equal(t, shapes(want), shapes(read(t, trees.Pages)))
}
