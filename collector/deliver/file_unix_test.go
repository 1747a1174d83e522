//go:build unix

package deliver

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

func TestFileRefusesPlacesThatAreNoFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	link, pipe := filepath.Join(folder, "link"), filepath.Join(folder, "pipe")
	require.NoError(t, os.Symlink("/etc/passwd", link))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, path := range []string{
		folder, link, pipe, "/dev/null", filepath.Join(folder, "nowhere", "x.json"), filepath.Join(pipe, "x.json"),
	} {
		f := newFileOf(t, path)
		require.ErrorIs(t, f.Preflight(t.Context()), settings.ErrInvalid, path)
		require.ErrorContains(t, f.Preflight(t.Context()), "deliver.file.path")
		_, err := f.Deliver(t.Context(), newBody(t, payload.Anchore, 1))
		require.Error(t, err)
	}
	assert.Equal(t, []string{"link", "pipe"}, names(t, folder))
}
