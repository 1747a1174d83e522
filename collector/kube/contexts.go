package kube

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/client-go/tools/clientcmd"
)

// Contexts are the names of the contexts that Connect could choose from, sorted:
// those of the kubeconfig in Path, else of the files in KUBECONFIG, else of
// ~/.kube/config. Files that cannot be read have none.
func Contexts(opts Options) []string {
	files := []string{clientcmd.RecommendedHomeFile}
	switch {
	case opts.Path == InCluster:
		return nil
	case opts.Path != "":
		files = []string{opts.Path}
	case os.Getenv(clientcmd.RecommendedConfigPathEnvVar) != "":
		files = filepath.SplitList(os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: files, Warner: func(error) {}}
	raw, err := rules.Load()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}
