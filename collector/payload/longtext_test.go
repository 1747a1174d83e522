package payload

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// longImages are two texts that differ at their end, each twice, among ordinary ones.
func longImages() []string {
	long := strings.Repeat("x", 100_000)
	return []string{"nginx:1", long + "a", long + "b", "nginx:2", long + "a", "nginx:1", long + "b"}
}

// TestLongTextOfImagesStaysWholeAndIsToldApart also when the namespace in which it
// came first is given up.
func TestLongTextOfImagesStaysWholeAndIsToldApart(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Stocktake, Anchore, KAI} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			body, stats := bodyOfImages(t, kind, resolved(longImages()))
			assert.Equal(t, 4, stats.Images)
			for _, text := range longImages() {
				assert.Contains(t, body, `"`+text)
			}
			require.True(t, json.Valid([]byte(body)))
			if kind != Stocktake {
				return
			}
			var native struct {
				Images []struct {
					Written          string
					Pods, Containers int
				}
				Pods []struct{ Containers []struct{ Image int } }
			}
			require.NoError(t, json.Unmarshal([]byte(body), &native))
			require.Len(t, native.Images, 4)
			for i, pod := range native.Pods {
				assert.Equal(t, longImages()[i], native.Images[pod.Containers[0].Image].Written)
			}
			assert.Equal(t, 2, native.Images[1].Pods)
		})
	}
}

func resolved(texts []string) []image.Image {
	images := make([]image.Image, len(texts))
	for i, text := range texts {
		images[i] = image.Resolve(text, "", "")
	}
	return images
}

// bodyOfImages is the body of a namespace with a pod for each image, after one that
// was given up.
func bodyOfImages(t *testing.T, kind Kind, images []image.Image) (string, Stats) {
	t.Helper()
	const uid = "00000000-0000-4000-8000-000000000001"
	head := Head{Cluster: "c", Namespaces: []inventory.Namespace{{Name: "a", UID: uid}, {Name: "b", UID: uid}}}
	b, err := New(kind, head, Options{})
	require.NoError(t, err)
	defer b.Discard()
	for _, namespace := range []string{"a", "b"} {
		for _, img := range images {
			require.NoError(t, b.Pod(&inventory.Pod{
				Namespace: namespace, Name: "p", UID: uid, Phase: inventory.Running,
				Containers: []inventory.Container{{Kind: inventory.Regular, Name: "c", ID: "containerd://1", Image: img}},
			}))
		}
		if namespace == "a" {
			require.NoError(t, b.End(namespace, &inventory.Gap{Source: "pods of namespace a"}))
		} else {
			require.NoError(t, b.End(namespace, nil))
		}
	}
	bodies, err := b.Close(inventory.Outcome{})
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	plain := bodies[0].Plain()
	text, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.NoError(t, plain.Close())
	return string(text), b.Stats()
}

// TestHashesOfLongTextAreNoImage: nobody can write the key of another's image.
func TestHashesOfLongTextAreNoImage(t *testing.T) {
	t.Parallel()
	name := imageName{name: strings.Repeat("x", maxKept+1)}.hashed()
	forged := imageName{name: name.name}
	assert.NotEqual(t, name, forged)
	tx := newTransaction(0)
	assert.NotEqual(t, tx.count(name, false), tx.count(forged, false))
	assert.Less(t, name.length(), 100)
}

// TestImagesAreTheSameBeyondTheBudget: numbers and bodies are those that they would be
// without it, and what is given up comes back.
func TestImagesAreTheSameBeyondTheBudget(t *testing.T) {
	t.Parallel()
	var images []image.Image
	for range 2 {
		for i := range 12_000 {
			text := fmt.Sprint("r.example/", strings.Repeat("x", 900), i, ":1")
			images = append(images, image.Image{Written: text, Ref: image.Ref{Tag: "1"}}) // resolving them takes long
		}
	}
	for _, kind := range []Kind{Stocktake, Anchore, KAI} {
		body, stats := bodyOfImages(t, kind, images)
		assert.Equal(t, 12_000, stats.Images, "%s", kind)
		require.True(t, json.Valid([]byte(body)))
		if kind != Stocktake {
			continue
		}
		var native struct {
			Images []struct {
				Written string
				Pods    int
			}
			Pods []struct{ Containers []struct{ Image int } }
		}
		require.NoError(t, json.Unmarshal([]byte(body), &native))
		require.Len(t, native.Images, 12_000)
		for i, pod := range native.Pods {
			require.Equal(t, i%12_000, pod.Containers[0].Image)
		}
		for i, img := range native.Images {
			require.Equal(t, images[i].Written, img.Written)
			require.Equal(t, 2, img.Pods)
		}
	}
}

// TestManyDistinctImagesKeepToABudget: 72,000 images of some 950 bytes each, none of
// which is long by itself. What is held beside the spool is measured.
func TestManyDistinctImagesKeepToABudget(t *testing.T) {
	const images, most = 72_000, 44 << 20
	for _, kind := range []Kind{Stocktake, Anchore, KAI} {
		t.Run(string(kind), func(t *testing.T) {
			const uid = "00000000-0000-4000-8000-000000000001"
			b, err := New(kind, Head{Cluster: "c", Namespaces: []inventory.Namespace{{Name: "a", UID: uid}}}, Options{SpoolDir: t.TempDir()})
			require.NoError(t, err)
			t.Cleanup(b.Discard)
			long := strings.Repeat("x", 940)
			before := heapHeld()
			for i := range images {
				text := fmt.Sprint("r.example/", long, i)
				require.NoError(t, b.Pod(&inventory.Pod{
					Namespace: "a", Name: "p", UID: uid, Phase: inventory.Running,
					Containers: []inventory.Container{{Kind: inventory.Regular, Name: "c", ID: "containerd://1", Image: image.Image{Written: text, Ref: image.Ref{Registry: text[:9], Repository: text[10:]}}}},
				}))
			}
			held := heapHeld() - before
			t.Logf("%d MiB", held>>20)
			assert.Less(t, held, int64(most))
			require.NoError(t, b.End("a", nil))
			assert.Equal(t, images, b.Stats().Images)
		})
	}
}

func heapHeld() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
