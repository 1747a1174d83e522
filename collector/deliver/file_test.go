package deliver

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/file"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

func newFileOf(t *testing.T, path string) *File {
	t.Helper()
	f, err := NewFile(FileOptions{Path: path, Kind: "anchore", Compression: auto})
	require.NoError(t, err)
	return f
}

// names are those in a folder, so that nothing left behind goes unseen.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestFileHoldsTheBody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ compression, encoding string }{
		"inventory.json":    {auto, transport.Identity},
		"inventory.json.gz": {auto, transport.Gzip},
		"inventory.dat":     {compressGzip, transport.Gzip},
		"plain.gz":          {compressNone, transport.Identity},
	} {
		folder := t.TempDir()
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte("the one before"), 0o644))
		f, err := NewFile(FileOptions{Path: path, Kind: "anchore", Compression: test.compression})
		require.NoError(t, err)
		require.NoError(t, f.Preflight(t.Context()))
		body := newBody(t, f.Kind(), 3)
		receipt, err := f.Deliver(t.Context(), body)
		require.NoError(t, err)
		assert.Equal(t, []string{name}, names(t, folder))
		assert.Equal(t, plainText(t, body), contentOf(t, path, test.encoding))

		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode())
		receipt.Duration = 0
		assert.Equal(t, Receipt{Receiver: path, Attempts: 1, Encoding: test.encoding, Bytes: info.Size()}, receipt)
	}
}

func contentOf(t *testing.T, path, encoding string) string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	var r io.Reader = file
	if encoding == transport.Gzip {
		r, err = gzip.NewReader(file)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func TestFileGivesEveryBodyOfARunItsOwnName(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := newFileOf(t, filepath.Join(folder, "inventory.json.gz"))
	for _, account := range []string{"a", "b", "c"} {
		_, err := f.Deliver(t.Context(), routedBody(t, payload.Anchore, 1, []string{account}))
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"inventory-2.json.gz", "inventory-3.json.gz", "inventory.json.gz"}, names(t, folder))
}

func TestNumberedKeepsTheEnding(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"a.json": "a-2.json", "a": "a-2", ".a": ".a-2", "/x.y/a.json.gz": "/x.y/a-2.json.gz", ".a.b": ".a-2.b",
	} {
		assert.Equal(t, want, numbered(path, 2))
		assert.Equal(t, path, numbered(path, 1))
	}
}

func TestFileKeepsTheOneBeforeWhenTheBodyBreaks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "inventory.json")
	require.NoError(t, os.WriteFile(path, []byte("the one before"), 0o600))
	broken := io.NopCloser(io.MultiReader(strings.NewReader(`{"half`), brokenDisk{}))
	_, err := file.Replace(t.Context(), path, broken, 0o600)
	require.ErrorIs(t, err, os.ErrPermission)
	assert.Equal(t, "the one before", contentOf(t, path, transport.Identity))

	called, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newFileOf(t, path).Deliver(called, newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
	assert.Equal(t, []string{"inventory.json"}, names(t, folder))
}

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, os.ErrPermission }

func TestFileFaultTellsAWrongSettingFromAFullDisk(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]error{
		syscall.ENOSPC: ErrUnavailable, syscall.EACCES: settings.ErrInvalid, syscall.ENOENT: settings.ErrInvalid, errors.New("?"): ErrUnavailable,
	} {
		assert.ErrorIs(t, notWritten("x", &os.PathError{Op: "write", Path: "x", Err: err}), want)
	}
}

func TestNewFileNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "folder/", ".", "x/.."} {
		_, err := NewFile(FileOptions{Path: path, Kind: "anchore", Compression: auto})
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, "deliver.file.path")
	}
	_, err := NewFile(FileOptions{Path: "x", Kind: "csv", Compression: "zip"})
	require.ErrorContains(t, err, "deliver.file.kind")
	require.ErrorContains(t, err, "deliver.file.compression")
	_, err = newFileOf(t, "x").Deliver(t.Context(), newBody(t, payload.KAI, 1))
	require.ErrorIs(t, err, settings.ErrInvalid)
}
