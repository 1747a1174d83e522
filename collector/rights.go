package collector

import (
	"stocktake/collector/kube"
)

// rights are what a run with these settings asks of the API server, no more and
// no less: those of preflight and of reading (read.go), and in a pod those of
// finding the CronJob that it belongs to (integration.go). The namespace is the
// one that the pod is in, empty outside of a cluster.
func (s Settings) rights(chosen selection, namespace string) []kube.Right {
	rights := chosen.rights()
	if s.introduces() && namespace != "" {
		rights = append(rights,
			kube.Right{Verb: "get", Resource: "pods", Namespace: namespace},
			kube.Right{Verb: "get", Group: "batch", Resource: "jobs", Namespace: namespace})
	}
	return rights
}

// rights are those that reading needs. Namespaces that are named are read one by
// one; all others are chosen from the whole cluster.
func (s selection) rights() []kube.Right {
	names, only := s.named()
	if !only {
		return []kube.Right{
			{Verb: "list", Resource: "pods"},
			{Verb: "list", Resource: "namespaces"},
			{Verb: "list", Resource: "nodes"},
		}
	}
	var rights []kube.Right
	for _, name := range names {
		rights = append(rights,
			kube.Right{Verb: "list", Resource: "pods", Namespace: name},
			kube.Right{Verb: "get", Resource: "namespaces", Namespace: name})
	}
	return rights
}

// introduces reports whether runs register as an integration of Anchore.
func (s Settings) introduces() bool {
	return s.Registration.Enabled && s.Anchore.Configured() && !s.Run.DryRun
}
