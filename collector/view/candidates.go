package view

import (
	"context"
	"slices"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/workload"
)

// What a shell can offer somebody who is typing. Nothing here fails: who asks for
// a word has no use for an error.

// typingTimeout is how long somebody waits for a word.
const typingTimeout = 2 * time.Second

// ContextNames are the contexts of the kubeconfig that the settings lead to.
func ContextNames(inv collector.Invocation) []string {
	set, _, _ := collector.Load(inv) // a mistake elsewhere does not matter here
	return set.Kubeconfig.Contexts()
}

// NamespaceNames are the namespaces of the cluster that the settings lead to, or
// none if the cluster does not say within two seconds.
func NamespaceNames(ctx context.Context, inv collector.Invocation) (names []string) {
	asking(ctx, inv, func(ctx context.Context, cluster *kube.Cluster) {
		all, _, err := workload.ReadNamespaces(ctx, cluster, workload.KeepNothing(), kube.Scope{})
		if err == nil {
			names = inventory.NamesOf(all)
		}
	})
	return names
}

// TypeNames are the types of objects that the cluster lists, with their groups, likewise.
func TypeNames(ctx context.Context, inv collector.Invocation) (names []string) {
	asking(ctx, inv, func(ctx context.Context, cluster *kube.Cluster) {
		found, err := cluster.Discover(ctx, false)
		if err != nil {
			return
		}
		for _, version := range found.Versions {
			for _, of := range version.Types {
				name := strings.TrimSuffix(of.Plural+"."+of.Group, ".")
				if of.Listable() && of.Invalid == nil && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	})
	return names
}

// asking asks the cluster that the settings lead to, if they lead to one.
func asking(ctx context.Context, inv collector.Invocation, ask func(context.Context, *kube.Cluster)) {
	ctx, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	set, _, _ := collector.Load(inv)
	o := set.Kube
	o.UserAgent = "stocktake/" + inv.Build.Version
	cluster, err := kube.Connect(set.Source(inv.Environ), o) // nobody is asked by a plugin: the terminal is busy
	if err != nil {
		return
	}
	defer cluster.Close()
	ask(ctx, cluster)
}
