package programtest_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// diffOf compares two files of testdata/diff, or of anywhere.
func diffOf(t *testing.T, old, after string) (diffed, outcome) {
	t.Helper()
	at := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return testFile(t, "diff/"+path)
	}
	got := inside(t, call{args: []string{"diff", at(old), at(after), "-o", "json"}})
	return readDiff(t, got), got
}

// unchanged demands that nothing is counted as a difference, in both directions.
func unchanged(t *testing.T, one, other string) {
	t.Helper()
	for _, files := range [][2]string{{one, other}, {other, one}} {
		_, got := diffOf(t, files[0], files[1])
		assert.Equal(t, 0, got.code, "%v: %s%s", files, got.stdout, got.stderr)
	}
}

// One of three nodes reports a bare id since CRI-O was restarted there: less is known
// than before, not more.
func TestDiffOfARestartedRuntimeKnowsLess(t *testing.T) {
	t.Parallel()
	for files, kind := range map[[2]string]string{{"restart/old.json", "restart/new.json"}: "digest-unknown", {"restart/new.json", "restart/old.json"}: "digest-known"} {
		d, got := diffOf(t, files[0], files[1])
		assert.Equal(t, 10, got.code)
		require.Len(t, d.Changes, 1)
		assert.Equal(t, kind, d.Changes[0].Change)
	}
}

func TestDiffSaysNothingOfAContainerThatStarts(t *testing.T) {
	t.Parallel()
	unchanged(t, "starting/old.json", "starting/new.json")
	// A container that runs, and of which nothing is known, is another matter.
	runs := rewritten(t, testFile(t, "diff/starting/new.json"), `"Pending"`, `"Running"`)
	d, got := diffOf(t, "starting/old.json", runs)
	assert.Equal(t, 10, got.code)
	assert.Equal(t, 1, d.Counts["digest-unknown"])
}

// Anchore's collector and this program describe the same pods.
func TestDiffOfAnchoresCollectorIsTheSame(t *testing.T) {
	t.Parallel()
	unchanged(t, "collector/anchore.json", "collector/stocktake.json")
	d, _ := diffOf(t, "collector/anchore.json", "collector/stocktake.json")
	require.Len(t, d.Uncertain, 1, "the containers are the same, but for one that only waits")
	assert.Equal(t, "quay.io/acme/late", d.Uncertain[0].Name)
	again := rewritten(t, testFile(t, "diff/collector/anchore.json"), "containerd://0000", "containerd://1111") // all were started anew
	unchanged(t, again, "collector/stocktake.json")
	rebuilt := rewritten(t, again, `"sha256:44a7`, `"sha256:5555`)
	d, got := diffOf(t, rebuilt, "collector/stocktake.json")
	assert.Equal(t, 10, got.code)
	assert.Equal(t, 1, d.Counts["re-tagged"], "of neither digest is anything known there: %s", got.stdout)
}

// Two platforms of one image that was loaded onto the nodes have two config ids.
func TestDiffComparesConfigIDsWithinAPlatform(t *testing.T) {
	t.Parallel()
	unchanged(t, "platforms/old.json", "platforms/new.json")
	rebuilt := rewritten(t, testFile(t, "diff/platforms/old.json"), "sha256:b5b5", "sha256:e7e7")
	d, got := diffOf(t, "platforms/old.json", rebuilt)
	assert.Equal(t, 10, got.code)
	assert.Equal(t, 1, d.Counts["re-tagged"])
	d, got = diffOf(t, rebuilt, "platforms/new.json")
	assert.Equal(t, 10, got.code)
	assert.Equal(t, 1, d.Counts["re-tagged"], "on amd64: %s", got.stdout)
	unknown := rewritten(t, testFile(t, "diff/platforms/new.json"), `"arch": "arm64"`, `"os_image": "x"`)
	d, got = diffOf(t, "platforms/old.json", unknown)
	assert.Equal(t, 0, d.Counts["re-tagged"], got.stdout)
}

func TestDiffTakesNoConfigIDForATag(t *testing.T) {
	t.Parallel()
	unchanged(t, "config-id-tag/kai.json", "config-id-tag/stocktake.json")
	inserted := rewritten(t, testFile(t, "diff/config-id-tag/kai.json"), "redis:c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0", "redis:UNKNOWN")
	unchanged(t, inserted, "config-id-tag/stocktake.json")
	other := rewritten(t, testFile(t, "diff/config-id-tag/kai.json"), `"sha256:5b5b`, `"sha256:6c6c`)
	_, got := diffOf(t, other, "config-id-tag/stocktake.json")
	assert.Equal(t, 10, got.code, "another content is another image")
}
