package payload

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// smallHead is that of the small cluster of the golden files.
func smallHead() Head {
	return Head{
		Cluster:    "prod-1",
		Time:       time.Date(2026, 3, 4, 6, 6, 7, 8, time.FixedZone("CET", 3600)),
		Server:     clustertest.Server(),
		Namespaces: clustertest.SmallNamespaces(),
		Nodes:      clustertest.SmallNodes(),
	}
}

func TestBodiesMatchTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		kind  Kind
		opts  Options
		check func([]byte) error
	}{
		{"anchore", Anchore, Options{IgnoreNotRunning: true}, anchoretest.CheckV2},
		{"anchore-insert", Anchore, Options{TagPolicy: PolicyInsert, Tag: "NONE"}, anchoretest.CheckV2},
		{"anchore-drop", Anchore, Options{TagPolicy: PolicyDrop, IgnoreNotRunning: true, IgnoreEmpty: true}, anchoretest.CheckV2},
		{"kai", KAI, Options{IgnoreNotRunning: true}, anchoretest.CheckKAI},
		{"kai-drop", KAI, Options{TagPolicy: PolicyDrop, IgnoreEmpty: true}, anchoretest.CheckKAI},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBuilder(t, test.kind, smallHead(), test.opts)
			require.NoError(t, clustertest.Visit(b, clustertest.Each(clustertest.SmallPods())))
			bodies, err := b.Close(inventory.Outcome{Complete: true})
			require.NoError(t, err)
			require.Len(t, bodies, 1)
			plain := clustertest.ReadAll(t, bodies[0].Plain())
			require.NoError(t, test.check(plain))
			golden(t, test.name+".json", clustertest.Indent(t, plain))
			stats, err := json.MarshalIndent(b.Stats(), "", "  ")
			require.NoError(t, err)
			golden(t, test.name+".stats.json", append(stats, '\n'))
		})
	}
}

// golden compares with a file of testdata, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with UPDATE_GOLDEN=1")
	assert.Equal(t, string(want), string(got), "when the change is right, refresh with UPDATE_GOLDEN=1")
}
