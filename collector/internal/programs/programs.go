// Package programs has the programs that tests run beside the product: an API
// server, helm, a Pushgateway. Modules of their own below .ci pin them, and
// .ci/build makes them from source, so that a test never goes without one: where it
// cannot be built, the test fails. The product itself is made by Link.
package programs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build makes programs of a module below .ci and returns the folder they are in. It
// is a matter of milliseconds when they are there and fresh, and of minutes when not.
func Build(module string, names ...string) (folder string, err error) {
	root, err := top()
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath("bash"); err != nil {
		return "", errors.New("bash, which .ci/build needs, is not on PATH: install it")
	}
	cmd := exec.Command(filepath.Join(root, ".ci", "build"), append([]string{module}, names...)...) //nolint:noctx // our own script, which may take minutes
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", strings.Join(names, " and "), err, bytes.TrimSpace(output))
	}
	return Folder()
}

// Folder is where programs are built, and whatever else is worth keeping between tests.
func Folder() (string, error) {
	if dir := os.Getenv("BUILD_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	root, err := top()
	return filepath.Join(root, ".ci", "bin"), err
}

// top walks up to the repository: tests run in their package's folder.
func top() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".ci", "build")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no .ci/build above %s: run inside the repository", start)
		}
	}
}
