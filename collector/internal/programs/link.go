package programs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// Link links the program of a package into a file, with flags of go build and variables
// beside those of this process. It has go run copy the program: go run keeps what it links
// in the build cache, which go build does not, so that a program that is as it was takes no
// linker, which is seconds of CPU.
func Link(path, pkg string, environ []string, flags ...string) error {
	args := slices.Concat([]string{"run", "-exec", "cp"}, flags, []string{pkg, path})
	cmd := exec.Command("go", args...) //nolint:noctx // our own program, which may take minutes
	cmd.Env = append(os.Environ(), environ...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("link %s: %w\n%s", pkg, err, bytes.TrimSpace(output))
	}
	return nil
}
