//go:build unix

package kubeconfig

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// TestNamedPipeIsNoKubeconfig would wait for a writer, for ever.
func TestNamedPipeIsNoKubeconfig(t *testing.T) {
	t.Parallel()
	opts := Options{Path: filepath.Join(t.TempDir(), "pipe")}
	require.NoError(t, syscall.Mkfifo(opts.Path, 0o600))
	_, err := Source{Options: opts}.Find()
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, opts.Path+" is a named pipe")
	assert.Empty(t, opts.Contexts())
	assert.False(t, namesNoCluster(opts.Path))
}
