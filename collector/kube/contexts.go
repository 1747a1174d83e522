package kube

import (
	"maps"
	"slices"
)

// Contexts are the names of the contexts that Connect could choose from, sorted:
// those of the kubeconfig that it would read. Files that cannot be read have none,
// and neither has the service account of a pod.
func Contexts(opts Options) []string {
	raw, err := load(opts.origin().files)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}
