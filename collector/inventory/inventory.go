// Package inventory is the waist of stocktake: the records that a run
// produces, as plain data. Producers (kube) fill them in, consumers (payload,
// report) read them, and neither knows of the other.
//
// A cluster has nodes and namespaces, a namespace has pods, and a pod has
// containers of several kinds, each of which runs one image. Whatever could
// not be read is a Gap: it is part of the result and decides what may be
// delivered, because an inventory that misses a namespace looks exactly like a
// cluster that lost one.
//
// Nothing here is a map: order is the order of the API, so that the same
// cluster always gives the same bytes.
package inventory

import (
	"time"

	"stocktake/collector/image"
)

// Namespace is a Kubernetes namespace.
type Namespace struct {
	Name        string
	UID         string
	Labels      []Label
	Annotations []Label
}

// Node is a machine of the cluster, with what its kubelet reports of it
// (core/v1 NodeSystemInfo).
type Node struct {
	Name                    string
	UID                     string
	Architecture            string // as the kubelet says it, "amd64"; see Platform
	OperatingSystem         string // likewise: "linux", "windows", of some virtual kubelets "Linux"
	OSImage                 string // "Debian GNU/Linux 12 (bookworm)"
	KernelVersion           string
	ContainerRuntimeVersion string // "containerd://2.2.1"
	KubeletVersion          string
	Labels                  []Label
	Annotations             []Label
}

// Cluster is what is known of a cluster besides its pods.
type Cluster struct {
	Name       string        // by which receivers know it, or else whatever it can be told by
	UID        string        // that of the namespace kube-system (kubernetes#77487); empty if it is not known
	Collected  time.Time     // when its reading began
	Server     ServerVersion // the zero version if it is not known
	Namespaces []Namespace
	Nodes      []Node // none if they were not read
}

// Label is one label or annotation.
type Label struct {
	Key, Value string
}

// Phase is where a pod is in its life, in the words of the API.
type Phase string

// The phases of core/v1 PodPhase.
const (
	Pending   Phase = "Pending"
	Running   Phase = "Running"
	Succeeded Phase = "Succeeded"
	Failed    Phase = "Failed"
	Unknown   Phase = "Unknown"
)

// Pod is one pod with all its containers.
type Pod struct {
	Namespace string
	Name      string
	UID       string
	Node      string // empty while the pod is not scheduled
	Phase     Phase
	Static    bool // a mirror pod: the kubelet runs it from a file, and the API only shows it
	Owner     Owner
	// Workload is the top-most owner, as far as it is known. Derived says that it is
	// not Owner, and that names told it.
	Workload    Owner
	Derived     bool
	Labels      []Label
	Annotations []Label
	Containers  []Container
}

// Owner is the controlling object of a pod (metadata.ownerReferences with
// controller: true), exactly as the API names it. The zero Owner is none.
type Owner struct {
	Kind, Name string
}

// Kind says where in a pod an image is used.
type Kind string

// The places of a pod specification that name an image. A sidecar is an init
// container with restartPolicy Always (KEP-753); an image volume is mounted,
// not run (KEP-4639), and so has no container ID.
const (
	Init      Kind = "init"
	Sidecar   Kind = "sidecar"
	Regular   Kind = "container"
	Ephemeral Kind = "ephemeral"
	Volume    Kind = "volume"
)

// State is what a container is doing, in the words of the API; empty when the
// status does not say.
type State string

// The states of core/v1 ContainerState.
const (
	StateWaiting    State = "waiting"
	StateRunning    State = "running"
	StateTerminated State = "terminated"
)

// Container is one use of an image by a pod. Names are unique in a pod only
// together with the kind.
type Container struct {
	Kind   Kind
	Name   string
	ID     string // "containerd://<64 hex>", empty until the container was created
	Image  image.Image
	State  State
	Reason string // why it waits or ended: "ImagePullBackOff", "OOMKilled"
}

// Gap is something that should have been read and was not.
type Gap struct {
	Source string `json:"source"` // "nodes", "pods", "pods of namespace team-a"
	Reason string `json:"reason"`
	Cause  error  `json:"-"` // what the reason was made from, for those who decide by it
	// Namespace is the one that is not whole, empty when it is more than one.
	Namespace string `json:"-"`
}

// Consistency says what moment the pods of a run belong to.
type Consistency string

// A listing is a snapshot while all pages come from one resource version.
// After an expired continue token (410, kubernetes#67284) the rest of the
// pages is of a later moment, and the whole is mixed.
const (
	Snapshot Consistency = "snapshot"
	Mixed    Consistency = "mixed"
)

// Add adds up the listing of something else. Both are of one moment only if their
// resource versions say so.
func (l *Listing) Add(one Listing) {
	if l.ResourceVersion == "" {
		l.ResourceVersion = one.ResourceVersion
	}
	if one.Consistency == Mixed || one.ResourceVersion != "" && one.ResourceVersion != l.ResourceVersion {
		l.Consistency = Mixed
	}
	l.Pages += one.Pages
	l.Items += one.Items
	l.Repeated += one.Repeated
	l.Requests += one.Requests
	l.Throttled += one.Throttled
	l.Bytes += one.Bytes
}

// Listing tells how one kind of object was read.
type Listing struct {
	ResourceVersion string // of the first page
	Consistency     Consistency
	Pages           int
	Items           int
	Repeated        int   // items the server listed twice, counted once
	Requests        int   // pages and the attempts that failed
	Throttled       int   // answers 429
	Bytes           int64 // read from the wire after transport decoding
	Unordered       bool  // the server lists in an order of its own
}

// NamesOf are the names of namespaces.
func NamesOf(namespaces []Namespace) []string {
	names := make([]string, len(namespaces))
	for i, ns := range namespaces {
		names[i] = ns.Name
	}
	return names
}
