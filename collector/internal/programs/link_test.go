package programs_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

func TestLinkMakesAProgramWithItsFlags(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "testlog")
	require.NoError(t, programs.Link(path, "stocktake/collector/internal/testlog", []string{"CGO_ENABLED=0"}, "-buildvcs=false", "-ldflags", "-s -w"))
	require.NoError(t, exec.CommandContext(t.Context(), path).Run())
	built, err := exec.CommandContext(t.Context(), "go", "version", "-m", path).Output()
	require.NoError(t, err)
	assert.Contains(t, string(built), "\tCGO_ENABLED=0\n")
	assert.Contains(t, string(built), "\t-ldflags=\"-s -w\"\n")
}

func TestLinkSaysWhatTheGoCommandSays(t *testing.T) {
	t.Parallel()
	err := programs.Link(filepath.Join(t.TempDir(), "x"), "stocktake/nowhere", nil)
	require.ErrorContains(t, err, "link stocktake/nowhere: ")
	require.ErrorContains(t, err, "package stocktake/nowhere is not in std")
	err = programs.Link("/nonexistent/x", "stocktake/collector/internal/testlog", nil, "-buildvcs=false")
	assert.ErrorContains(t, err, "/nonexistent/x")
}
