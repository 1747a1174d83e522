//go:build linux

package nodetest

import (
	"fmt"
	"io"
	"path/filepath"
)

// Diagnose writes what the programs of the node and its containers said last.
func Diagnose(w io.Writer) {
	for _, pattern := range []string{filepath.Join(stateDir, "*.log"), "/var/log/pods/*/*/*.log"} {
		paths, _ := filepath.Glob(pattern) // the patterns are well-formed
		for _, path := range paths {
			fmt.Fprintf(w, "-- %s\n%s\n", path, tailOf(path, 40))
		}
	}
}
