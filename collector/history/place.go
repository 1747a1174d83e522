package history

import (
	"strings"

	"stocktake/collector/inventory"
)

// place is where an image is used, in numbers of texts. Places are comparable.
type place struct {
	namespace, workloadKind, workload uint32
	containerKind, container          uint32
	derived                           bool
}

// workloadOf is the workload that a pod counts for. Pods without an owner, and workloads
// that others than Kubernetes itself make, come under new names all the time: a
// pipeline's build-x7k2p is build-* here, and derived.
func workloadOf(p *inventory.Pod) (of inventory.Owner, derived bool) {
	if of = p.Workload; of == (inventory.Owner{}) {
		of = p.Owner
	}
	if of == (inventory.Owner{}) && p.Name != "" {
		of = inventory.Owner{Kind: "Pod", Name: p.Name}
	}
	switch of.Kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "CronJob", "Node":
		return of, false
	}
	if base, ok := withoutSuffix(of.Name); ok {
		return inventory.Owner{Kind: of.Kind, Name: base + "-*"}, true
	}
	return of, false
}

// What the API server appends to metadata.generateName: five of these
// (k8s.io/apimachinery/pkg/util/rand), which spell few words.
const (
	suffixLength = 5
	suffixLetter = "bcdfghjklmnpqrstvwxz2456789"
)

// withoutSuffix cuts a dash and the suffix of a generated name off.
func withoutSuffix(name string) (string, bool) {
	dash := len(name) - suffixLength - 1
	if dash < 1 || name[dash] != '-' || strings.Trim(name[dash+1:], suffixLetter) != "" {
		return "", false
	}
	return name[:dash], true
}
