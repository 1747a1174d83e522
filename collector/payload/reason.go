package payload

// Reason says why records were left out of the bodies. The words are part of the
// summary's format.
type Reason string

const (
	// NamespaceWithoutUID is a namespace that no receiver can store, and its pods.
	NamespaceWithoutUID Reason = "namespace-without-uid"
	// NamespaceWithoutAccount is a namespace that is routed to nobody.
	NamespaceWithoutAccount Reason = "namespace-without-account"
	// NamespaceEmpty is a namespace without pods, left out by IgnoreEmpty.
	NamespaceEmpty Reason = "namespace-empty"
	// NodeWithoutUID is a node that no receiver can store.
	NodeWithoutUID Reason = "node-without-uid"
	// PodWithoutUID is a pod that no receiver can store, and its containers.
	PodWithoutUID Reason = "pod-without-uid"
	// PodOfUnknownNamespace is a pod of a namespace that is not in the body; often
	// one created after the namespaces were listed.
	PodOfUnknownNamespace Reason = "pod-of-unknown-namespace"
	// PodNotRunning is a pod in another phase than Running, left out by
	// IgnoreNotRunning.
	PodNotRunning Reason = "pod-not-running"
	// NodeUnknown is a pod's reference to a node that is not in the body. Only the
	// reference is left out.
	NodeUnknown Reason = "node-unknown"
	// ContainerWithoutID is a container that was not created yet.
	ContainerWithoutID Reason = "container-without-id"
	// ImageVolume is an image that is mounted, not run, so that no container has
	// its ID.
	ImageVolume Reason = "image-volume"
	// ImageBlank is a container without any text for an image.
	ImageBlank Reason = "image-blank"
	// ImageWithoutTag is an image that the policy drop left out.
	ImageWithoutTag Reason = "image-without-tag"
)

// Policy reports whether a setting asked for it. All other reasons are defects of
// the records.
func (r Reason) Policy() bool {
	switch r {
	case NamespaceWithoutAccount, NamespaceEmpty, PodNotRunning, ImageWithoutTag:
		return true
	default:
		return false
	}
}

// maxNames is how many of the records that were left out for a reason are named.
const maxNames = 5

// Left is what was left out for one reason.
type Left struct {
	Reason Reason   `json:"reason"`
	Count  int      `json:"count"`
	Names  []string `json:"names,omitempty"` // the first few: "namespace/pod/container"
}
