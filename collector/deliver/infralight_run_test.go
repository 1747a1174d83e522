package deliver

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
	"stocktake/collector/object"
	"stocktake/collector/payload"
	"stocktake/collector/tree"
)

// TestInfralightFromObjectsToLock makes a run as the program does: the service is asked first, the objects are written
// while they are read, and trees are made of the pages if it wants them.
func TestInfralightFromObjectsToLock(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t)
	require.NoError(t, u.Preflight(t.Context()))
	head, spooling := infralightHead(), payload.Options{SpoolMemory: 50_000, SpoolDir: t.TempDir()}
	f, err := u.Begin(t.Context(), head)
	require.NoError(t, err)

	w, err := payload.NewObjectWriter(payload.Infralight, head, payload.ObjectOptions{}, spooling)
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	var index object.Index
	types := []payload.Type{{Group: "apps", Version: "v1", Resource: "replicasets", Kind: "ReplicaSet", Namespaced: true}, {Version: "v1", Resource: "pods", Kind: "Pod", Namespaced: true}}
	for i, typ := range types {
		of, err := w.Open(typ)
		require.NoError(t, err)
		for n := range 500 {
			owner := ""
			if i == 1 {
				owner = fmt.Sprintf(`,"ownerReferences":[{"kind":"ReplicaSet","name":"x","uid":%q,"controller":true}]`, uid(n/2))
			}
			text := fmt.Appendf(nil, `{"apiVersion":%q,"kind":%q,"metadata":{"name":"x-%d","uid":%q%s},"pad":"%05000d"}`, typ.APIVersion(), typ.Kind, n, uid(1000*i+n), owner, n)
			require.NoError(t, of.Object(text))
			require.NoError(t, index.Add(text))
		}
		of.Keep()
		require.NoError(t, of.End(payload.TypeEnd{State: payload.Complete, Level: "full"}))
	}
	pages, err := w.Close(head.ClusterUID, time.Now())
	require.NoError(t, err)

	require.True(t, f.Trees())
	trees, err := tree.New(head, pages, func(yield func(payload.OwnerRecord) bool) {
		for o := range index.Owned() {
			if !yield(payload.OwnerRecord{UID: o.UID, Owner: o.Owner, Root: o.Root, State: o.State.String()}) {
				return
			}
		}
	}, spooling)
	require.NoError(t, err)
	t.Cleanup(trees.Discard)
	_, err = f.Deliver(t.Context(), InfralightRun{Types: types, Objects: pages, Trees: trees.Pages, Read: time.Now()})
	require.NoError(t, err)

	assert.Empty(t, s.Refused())
	assert.True(t, s.Locked())
	assert.Len(t, s.Items(infralighttest.Objects), 1000)
	assert.Empty(t, trees.TooLarge)
	assert.Len(t, s.Items(infralighttest.Tree), 250, "ReplicaSets that have pods")
	var one struct {
		Children []json.RawMessage `json:"children"`
	}
	require.NoError(t, json.Unmarshal(s.Items(infralighttest.Tree)[0], &one))
	assert.Len(t, one.Children, 2)
}
