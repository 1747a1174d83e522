package kubetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// assetsDir returns the folder that holds etcd and kube-apiserver, both there.
func assetsDir() (string, error) {
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		return dir, checkAssets(dir)
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	if err := build(root); err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".ci", "bin")
	return dir, checkAssets(dir)
}

func checkAssets(dir string) error {
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("no usable %s in %s (%w): unset KUBEBUILDER_ASSETS to have it built, "+
				"or point it at a folder that holds etcd and kube-apiserver", name, dir, err)
		}
	}
	return nil
}

// moduleRoot walks up to the repository: tests run in their package's folder.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".ci", "build")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no .ci/build above %s: run inside the repository, or set KUBEBUILDER_ASSETS", start)
		}
	}
}

// build is a matter of milliseconds when the programs are there and fresh.
func build(root string) error {
	if _, err := exec.LookPath("bash"); err != nil {
		return errors.New("bash, which .ci/build needs, is not on PATH: install it, or set KUBEBUILDER_ASSETS")
	}
	cmd := exec.Command(filepath.Join(root, ".ci", "build"), "cluster", "etcd", "kube-apiserver") //nolint:noctx // our own script; the build may take minutes
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build etcd and kube-apiserver: %w\n%s", err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}
