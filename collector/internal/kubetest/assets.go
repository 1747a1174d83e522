package kubetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"stocktake/collector/internal/programs"
)

// assetsDir returns the folder that holds etcd and kube-apiserver, both there.
func assetsDir() (string, error) {
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		return dir, checkAssets(dir)
	}
	dir, err := programs.Build("cluster", "etcd", "kube-apiserver")
	if err != nil {
		return "", fmt.Errorf("%w\nor set KUBEBUILDER_ASSETS to a folder that holds them", err)
	}
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
