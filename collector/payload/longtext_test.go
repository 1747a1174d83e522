package payload

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// longImages are two texts that differ at their end, each twice, among ordinary ones.
func longImages() []string {
	long := strings.Repeat("x", 300_000)
	return []string{"nginx:1", long + "a", long + "b", "nginx:2", long + "a", "nginx:1", long + "b"}
}

// TestLongTextOfImagesStaysWholeAndIsToldApart also when the namespace in which it
// came first is given up.
func TestLongTextOfImagesStaysWholeAndIsToldApart(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Stocktake, Anchore, KAI} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			body, stats := bodyOfImages(t, kind, longImages())
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

// bodyOfImages is the body of a namespace with a pod for each image, after one that
// was given up.
func bodyOfImages(t *testing.T, kind Kind, images []string) (string, Stats) {
	t.Helper()
	const uid = "00000000-0000-4000-8000-000000000001"
	head := Head{Cluster: "c", Namespaces: []inventory.Namespace{{Name: "a", UID: uid}, {Name: "b", UID: uid}}}
	b, err := New(kind, head, Options{})
	require.NoError(t, err)
	defer b.Discard()
	for _, namespace := range []string{"a", "b"} {
		for _, text := range images {
			require.NoError(t, b.Pod(&inventory.Pod{
				Namespace: namespace, Name: "p", UID: uid, Phase: inventory.Running,
				Containers: []inventory.Container{{Kind: inventory.Regular, Name: "c", ID: "containerd://1", Image: image.Resolve(text, "", "")}},
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
	long := image.Resolve(strings.Repeat("x", maxKept+1), "", "")
	key, hashed := keyOf(&long)
	require.True(t, hashed)
	forged := image.Resolve(key.Written, "", "")
	other, hashed := keyOf(&forged)
	require.False(t, hashed)
	assert.NotEqual(t, key, other)
	name := imageName{name: strings.Repeat("x", maxKept+1)}.key()
	assert.NotEqual(t, name, imageName{name: name.name}.key())
	assert.Less(t, len(key.Written)+len(name.name), 100)
}
