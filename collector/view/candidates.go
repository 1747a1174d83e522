package view

import (
	"context"
	"time"

	"stocktake/collector"
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
func NamespaceNames(ctx context.Context, inv collector.Invocation) []string {
	ctx, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	set, _, _ := collector.Load(inv)
	o := set.Kube
	o.UserAgent = "stocktake/" + inv.Build.Version
	cluster, err := kube.Connect(set.Source(inv.Environ), o) // nobody is asked by a plugin: the terminal is busy
	if err != nil {
		return nil
	}
	defer cluster.Close()
	all, _, err := workload.ReadNamespaces(ctx, cluster, workload.KeepNothing(), kube.Scope{})
	if err != nil {
		return nil
	}
	return namesOf(all)
}
