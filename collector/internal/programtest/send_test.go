package programtest_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSendOfAnIncompleteInventoryIsNoCompleteDelivery has inventories that say of
// themselves that something was not read, in each way in which that can be said.
func TestSendOfAnIncompleteInventoryIsNoCompleteDelivery(t *testing.T) {
	t.Parallel()
	incomplete, err := os.ReadFile("testdata/saved/incomplete.json")
	require.NoError(t, err)
	edited := func(old, fresh string) []byte {
		require.Contains(t, string(incomplete), old)
		return bytes.Replace(incomplete, []byte(old), []byte(fresh), 1)
	}
	const gap = `{"source":"pods of namespace b","reason":"list pods of namespace b: page 1: 403 Forbidden: no"}`
	whole := bytes.Replace(edited(`"complete":false`, `"complete":true`), []byte(gap), nil, 1)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(incomplete)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for name, test := range map[string]struct {
		text  []byte
		names string // the gap
	}{
		"as it was saved":       {incomplete, "pods of namespace b"},
		"compressed":            {packed.Bytes(), "pods of namespace b"},
		"no gap is named":       {edited(gap, ""), "saved as incomplete"},
		"only a gap says it":    {edited(`"complete":false`, `"complete":true`), "pods of namespace b"},
		"the second of a batch": {append(append(bytes.Clone(whole), '\n'), incomplete...), "pods of namespace b"},
		"the first of a batch":  {append(append(bytes.Clone(incomplete), '\n'), whole...), "pods of namespace b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			saved, into := filepath.Join(dir, "saved.json"), filepath.Join(dir, "out.json")
			require.NoError(t, os.WriteFile(saved, test.text, 0o600))
			args := []string{"send", "-set", "deliver.file.path=" + into}

			got := inside(t, call{args: append(args, saved)})
			assert.Equal(t, 2, got.code, got.stderr)
			assert.Contains(t, got.stderr, test.names)
			assert.Contains(t, got.stderr, "allow-incomplete=true")
			assert.False(t, got.summary.Complete)
			assert.NoFileExists(t, into)

			got = inside(t, call{args: append(args, "-set", "allow-incomplete=true", saved)})
			assert.Equal(t, 7, got.code, got.stderr)
			assert.False(t, got.summary.Complete)
			require.NotEmpty(t, got.summary.Gaps)
			assert.FileExists(t, into)
		})
	}
	t.Run("a whole one", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		saved := filepath.Join(dir, "saved.json")
		require.NoError(t, os.WriteFile(saved, whole, 0o600))
		got := inside(t, call{args: []string{"send", "-set", "deliver.file.path=" + filepath.Join(dir, "out.json"), saved}})
		assert.Equal(t, 0, got.code, got.stderr)
		assert.True(t, got.summary.Complete)
	})
}

// TestSendRefusesAnInventoryWithoutAPod of every kind, as a run does.
func TestSendRefusesAnInventoryWithoutAPod(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"anchore", "kai", "stocktake"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			printed := func(pods ...object) string {
				server := scriptedServer{paths: usualPaths([]string{"idle", "shop"}, pods...)}
				got, _ := server.printed(t, "output-kind="+kind, "allow-empty=true")
				require.Equal(t, 0, got.code, got.stderr)
				return got.stdout
			}
			send := func(text string, settings ...string) (outcome, string) {
				dir := t.TempDir()
				saved, into := filepath.Join(dir, "saved.json"), filepath.Join(dir, "out.json")
				require.NoError(t, os.WriteFile(saved, []byte(text), 0o600))
				args := []string{"send", "-set", "deliver.file.path=" + into, "-set", "deliver.file.kind=" + kind}
				return inside(t, call{args: append(append(args, settings...), saved)}), into
			}
			empty, filled := printed(), printed(podObject("shop", "web"))

			got, into := send(empty)
			assert.Equal(t, 8, got.code, got.stderr)
			assert.Contains(t, got.summary.Reason, "allow-empty=true")
			assert.NoFileExists(t, into)
			got, into = send(empty, "-set", "allow-empty=true")
			assert.Equal(t, 0, got.code, got.stderr)
			assert.FileExists(t, into)
			got, _ = send(empty + filled)
			assert.Equal(t, 0, got.code, "an empty one of several: %s", got.stderr)
		})
	}
}
