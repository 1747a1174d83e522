package payload

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
)

// v2Body is a body as encoding/json reads it.
type v2Body struct {
	Cluster    string `json:"cluster_name"`
	Containers []struct {
		ID     string `json:"id"`
		Digest string `json:"image_digest"`
		Tag    string `json:"image_tag"`
		Name   string `json:"name"`
		PodUID string `json:"pod_uid"`
	} `json:"containers"`
	Namespaces []struct{ Name, UID string } `json:"namespaces"`
	Nodes      []struct{ Name, UID string } `json:"nodes"`
	Pods       []struct {
		Name         string            `json:"name"`
		Labels       map[string]string `json:"labels"`
		NamespaceUID string            `json:"namespace_uid"`
		NodeUID      string            `json:"node_uid"`
		UID          string            `json:"uid"`
	} `json:"pods"`
	Server    inventory.ServerVersion `json:"serverVersionMetadata"`
	Timestamp time.Time               `json:"timestamp"`
}

func readV2(t testing.TB, body *Body) v2Body {
	t.Helper()
	plain := clustertest.Unpack(t, clustertest.ReadAll(t, body.Gzip()))
	require.NoError(t, anchoretest.CheckV2(plain))
	require.Equal(t, int64(len(plain)), body.Size())
	var v2 v2Body
	require.NoError(t, json.Unmarshal(plain, &v2))
	require.Len(t, v2.Pods, body.Pods)
	require.Len(t, v2.Containers, body.Containers)
	require.Len(t, v2.Namespaces, len(body.Namespaces))
	for i, ns := range v2.Namespaces {
		require.Equal(t, body.Namespaces[i], ns.Name)
	}
	return v2
}

func TestV2BodyHoldsEveryRecord(t *testing.T) {
	t.Parallel()
	for _, memory := range []Bytes{0, 50_000, 1 << 30} {
		c := newCluster(3000, 3, 10)
		bodies := c.build(t, Anchore, Options{SpoolMemory: memory, SpoolDir: t.TempDir()})
		require.Len(t, bodies, 1)
		got := readV2(t, bodies[0])
		assert.Equal(t, newCluster(3000, 3, 10).rows(), got.rows())
		assert.Len(t, got.Nodes, 10)
		assert.Equal(t, clustertest.Server(), got.Server)
		assert.Equal(t, "prod-1", got.Cluster)
		assert.True(t, c.head.Time.Equal(got.Timestamp))
	}
}

// rows is what a cluster says of pods and containers, in order and as text.
func (c *cluster) rows() []string {
	var pods, containers []string
	for p := range c.Pods() {
		pods = append(pods, fmt.Sprint(p.Name, p.UID, len(p.Labels), p.Node != ""))
		for _, k := range p.Containers {
			containers = append(containers, fmt.Sprint(k.ID, k.Name, k.Image.Written, k.Image.Digest(), p.UID))
		}
	}
	return append(pods, containers...)
}

// rows is the same, as the body says it.
func (v v2Body) rows() []string {
	var rows []string
	for _, p := range v.Pods {
		rows = append(rows, fmt.Sprint(p.Name, p.UID, len(p.Labels), p.NodeUID != ""))
	}
	for _, k := range v.Containers {
		rows = append(rows, fmt.Sprint(k.ID, k.Name, k.Tag, k.Digest, k.PodUID))
	}
	return rows
}

func TestSameClusterSameBytes(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Anchore, KAI, Stocktake} {
		var first []byte
		for _, memory := range []Bytes{1 << 30, 200_000, 0} {
			body := newCluster(5000, 7, 20).build(t, kind, Options{SpoolMemory: memory, SpoolDir: t.TempDir()})[0]
			packed := clustertest.ReadAll(t, body.Gzip())
			if first == nil {
				first = packed
			}
			require.Equal(t, first, packed, "%s with %s of memory", kind, memory)
		}
	}
}

func TestGzipShareIsBelowTheBudget(t *testing.T) {
	t.Parallel()
	body := newCluster(10_000, 20, 200).build(t, Anchore, Options{SpoolMemory: 1 << 30})[0]
	assert.Less(t, float64(body.GzipSize())/float64(body.Size()), 0.19)
}

func TestBodiesCanBeReadAtTheSameTime(t *testing.T) {
	t.Parallel()
	body := newCluster(5000, 2, 20).build(t, Anchore, Options{SpoolMemory: 100_000, SpoolDir: t.TempDir()})[0]
	want := clustertest.ReadAll(t, body.Gzip())
	plain := clustertest.Unpack(t, want)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { assert.Equal(t, want, clustertest.ReadAll(t, body.Gzip())) })
		wg.Go(func() { assert.Equal(t, plain, clustertest.ReadAll(t, body.Plain())) })
	}
	wg.Wait()
}

// pods100k visits 100,000 pods of one namespace and returns the most memory that
// was in use after a collection.
func pods100k(t *testing.T, b *Builder, c *cluster) uint64 {
	t.Helper()
	var most uint64
	visited := 0
	for pod := range c.Pods() {
		require.NoError(t, b.Pod(pod))
		if visited++; visited%20_000 != 0 {
			continue
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	require.NoError(t, b.End(c.head.Namespaces[0].Name, nil))
	return most
}

// It measures the heap of the whole process, so it must not run beside others.
func TestMemoryDoesNotGrowWithTheNamespace(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("100,000 pods take a second")
	}
	dir := t.TempDir()
	c := newCluster(100_000, 1, 100)
	b := newBuilder(t, Anchore, c.head, Options{SpoolMemory: 1 << 20, SpoolDir: dir})
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := pods100k(t, b, c)
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	assert.Greater(t, bodies[0].Size(), int64(80<<20))
	assert.Greater(t, bodies[0].GzipSize(), int64(10<<20))
	assert.Less(t, int64(most)-int64(before.HeapAlloc), int64(6<<20))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// onePod makes pod n of a namespace, with a label of so many bytes.
func onePod(namespace string, n, bytes int) *inventory.Pod {
	hash := crc32.ChecksumIEEE([]byte(namespace))
	return &inventory.Pod{
		Namespace: namespace, Name: fmt.Sprintf("pod-%d", n), UID: fmt.Sprintf("%08x-0000-4000-8000-%012x", hash, n), Phase: inventory.Running, Node: "n1",
		Labels: []inventory.Label{{Key: "text", Value: strings.Repeat("\x00", bytes/6)}}, // a NUL takes six bytes
		Containers: []inventory.Container{
			{Kind: inventory.Regular, Name: "c", ID: fmt.Sprintf("containerd://%s/%d", namespace, n), Image: image.Resolve(fmt.Sprintf("acme/%s:%d", namespace, n%3), "", "")},
		},
	}
}

func names(bodies []*Body) [][]string {
	var all [][]string
	for _, b := range bodies {
		all = append(all, b.Namespaces)
	}
	return all
}
