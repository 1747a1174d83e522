package programs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

func TestBuildNamesWhatItCannotBuild(t *testing.T) {
	t.Parallel()
	_, err := programs.Build("release", "no-such-program")

	require.ErrorContains(t, err, "build no-such-program: ")
	require.ErrorContains(t, err, "has no tool line for no-such-program")
}

func TestBuildIsOfTheRepositoryOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := programs.Build("release", "helm")

	require.ErrorContains(t, err, "run inside the repository")
}
