package programtest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests of this file read what other programs wrote, in the forms in which they
// write it: KAI, Anchore's own collector with each of its settings, PowerShell.

// readSaved shows a saved inventory, which must be read without a word on stderr.
func readSaved(t *testing.T, path string, args ...string) string {
	t.Helper()
	got := inside(t, call{args: append([]string{"images", "-f", path}, args...)})
	require.Equal(t, 0, got.code, got.stderr)
	return got.stdout
}

type shownImage struct {
	Reference, Name, Tag, Digest string
	Flags, Namespaces, Workloads []string
	DigestRepository             string `json:"digest_repository"`
	Containers                   int
}

func shownImages(t *testing.T, text string) map[string]shownImage {
	t.Helper()
	var all []shownImage
	require.NoError(t, json.Unmarshal([]byte(text), &all), text)
	byName := map[string]shownImage{}
	for _, i := range all {
		byName[i.Reference] = i
	}
	return byName
}

func TestContainersThatWaitAreReadFromAnchoresCollector(t *testing.T) {
	t.Parallel()
	saved := testFile(t, "saved/anchore-waiting.json")

	shown := shownImages(t, readSaved(t, saved, "-o", "json"))
	late := shown["quay.io/acme/late:1"]
	assert.Equal(t, []string{"no digest"}, late.Flags)
	assert.Contains(t, shown, "docker.io/library/myapp", "of which neither tag nor digest is known: %v", shown)
	assert.NotContains(t, shown["docker.io/library/myapp"].Flags, "invalid")

	got := inside(t, call{args: []string{"report", "-f", saved, "-"}})
	assert.Equal(t, 0, got.code, got.stderr)
	got = inside(t, call{args: []string{"diff", saved, saved}})
	assert.Equal(t, 0, got.code, got.stderr)
	got = inside(t, call{args: []string{"send", saved}, env: []string{"ANCHORE_URL=http://127.0.0.1:9", "ANCHORE_USER=robot", "ANCHORE_PASSWORD=" + secret}})
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "containers[4].id", "what the service would refuse is not sent")
}

func TestBatchesWithoutContainersAreRead(t *testing.T) {
	t.Parallel()
	saved := testFile(t, "saved/anchore-batches.json")
	shown := shownImages(t, readSaved(t, saved, "-o", "json", "-n", "shop,empty"))
	assert.NotEmpty(t, shown, "and the namespace that is empty is one of the inventory")
	got := inside(t, call{args: []string{"images", "-f", saved, "-n", "other"}})
	assert.Equal(t, 2, got.code)
}

func TestOldInventoriesOfKAIAreRead(t *testing.T) {
	t.Parallel()
	shown := shownImages(t, readSaved(t, testFile(t, "saved/kai-0.2.json"), "-o", "json"))
	require.Len(t, shown, 1)
	for _, i := range shown {
		assert.Equal(t, "docker.io/docker/kube-compose-controller", i.Name)
		assert.Equal(t, []string{"docker"}, i.Namespaces)
	}
	assert.Equal(t, "[\n]\n", readSaved(t, testFile(t, "saved/kai-empty.json"), "-o", "json"))
	assert.Contains(t, readSaved(t, testFile(t, "saved/kai-0.2.json"), "-o", "cyclonedx"), "kube-compose-controller")
}

// encoded is a file in another encoding of Unicode, with the mark that tells it.
func encoded(t *testing.T, text, mark string) string {
	t.Helper()
	out := []byte(mark)
	if mark == "\xef\xbb\xbf" {
		out = append(out, text...)
	} else {
		for _, unit := range utf16.Encode([]rune(text)) {
			if mark == "\xff\xfe" {
				out = append(out, byte(unit), byte(unit>>8))
			} else {
				out = append(out, byte(unit>>8), byte(unit))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "inventory.json")
	require.NoError(t, os.WriteFile(path, out, 0o600))
	return path
}

func TestInventoriesInUTF16AreRead(t *testing.T) {
	t.Parallel()
	shown := shownImages(t, readSaved(t, testFile(t, "saved/kai-utf16le.json"), "-o", "json"))
	require.Len(t, shown, 1)

	text, err := os.ReadFile(testFile(t, "saved/workload.json"))
	require.NoError(t, err)
	written := strings.Replace(string(text), `"name": "prod"`, `"name": "prod-é-😀"`, 1)
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\xef\xbb\xbf"} {
		path := encoded(t, written, mark)
		assert.Equal(t, readSaved(t, testFile(t, "saved/workload.json")), readSaved(t, path), "%q", mark)
		got := inside(t, call{args: []string{"diff", path, testFile(t, "saved/workload.json"), "-o", "json"}})
		assert.Equal(t, 0, got.code, got.stderr)
		assert.Contains(t, got.stdout, `prod-\u00e9-\ud83d\ude00`)
		got = inside(t, call{args: []string{"report", "-f", path, "-"}})
		assert.Equal(t, 0, got.code, got.stderr)
		into := filepath.Join(t.TempDir(), "sent.json")
		got = inside(t, call{args: []string{"send", path, "-set", "deliver.file.path=" + into, "-set", "deliver.file.kind=stocktake"}})
		assert.Equal(t, 0, got.code, got.stderr)
		sent, err := os.ReadFile(into)
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(written), strings.TrimSpace(string(sent)))
	}
}

func TestAnInventoryOfALaterVersionIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	later := rewritten(t, testFile(t, "saved/workload.json"), `"stocktake/v1"`, `"stocktake/v2"`)
	added := rewritten(t, testFile(t, "saved/workload.json"), `"kind": "container"`, `"kind": "container", "mood": {"good": [1, null]}`)
	for _, args := range [][]string{{"images", "-f", later}, {"diff", later, added}, {"report", "-f", later, "-"}} {
		got := inside(t, call{args: args})
		assert.Equal(t, 2, got.code)
		assert.Contains(t, got.stderr, "stocktake/v2")
		assert.Contains(t, got.stderr, "newer", "and the way out")
	}
	assert.Equal(t, readSaved(t, testFile(t, "saved/workload.json")), readSaved(t, added), "what was added to the form is ignored")
}

func TestTheWorkloadOfASavedInventoryIsShown(t *testing.T) {
	t.Parallel()
	saved := testFile(t, "saved/workload.json")
	assert.Contains(t, readSaved(t, saved, "--by", "workload"), "Deployment/api")
	for _, format := range []string{"json", "csv", "cyclonedx"} {
		shown := readSaved(t, saved, "-o", format)
		assert.Contains(t, shown, "shop/Deployment/api")
		assert.NotContains(t, shown, "ReplicaSet")
	}
	cronJob := rewritten(t, saved, `"kind": "Deployment"`, `"kind": "Rollout"`)
	assert.Contains(t, readSaved(t, cronJob, "--by", "workload"), "Rollout/api", "whatever names would say")
}
