package programs_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"stocktake/collector/internal/programs"
)

// TestScriptsStartBesideOthers fails within some hundred scripts where they are
// written while others start.
func TestScriptsStartBesideOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			for j := range 100 {
				path := filepath.Join(dir, strconv.Itoa(i*100+j))
				if err := programs.WriteScript(path, "#!/bin/sh\nexit 0\n"); err != nil {
					return err
				}
				if err := exec.CommandContext(t.Context(), path).Run(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
}
