package kubetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"stocktake/collector/internal/programs"
)

// guard runs a program in its own place and keeps watch beside it: when the
// process that started the program is gone, the program is killed and the whole
// folder of the control plane removed. envtest puts each program into a process
// group of its own, where Ctrl-C does not reach it.
const guard = `#!/bin/sh
(
	while kill -0 "$PPID"; do
		kill -0 $$ || exit 0
		sleep 1
	done
	kill -s KILL $$
	rm -rf DIR
) </dev/null >/dev/null 2>&1 &
exec PROGRAM "$@"
`

// program is one program of the control plane: the script that starts it, and
// the folder for its files.
type program struct{ script, dir string }

func (c *Cluster) program(assets, name string) (program, error) {
	dir := filepath.Join(c.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return program{}, err
	}
	script := filepath.Join(c.dir, name+".sh")
	text := strings.NewReplacer("DIR", quote(c.dir), "PROGRAM", quote(filepath.Join(assets, name))).Replace(guard)
	if err := programs.WriteScript(script, text); err != nil {
		return program{}, fmt.Errorf("%s: %w", name, err)
	}
	return program{script: script, dir: dir}, nil
}

// quote makes one word of the shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
