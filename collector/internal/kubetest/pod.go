package kubetest

import (
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kind says where in a pod an image is named.
type Kind int

// The places of a pod that name an image. A sidecar is an init container that is
// always restarted (KEP-753), a volume is an image that is mounted (KEP-4639).
const (
	Regular Kind = iota
	Init
	Sidecar
	Ephemeral
	Volume
)

// State is what a container's status says.
type State int

// The states of a container. ByPhase follows the pod's phase: waiting while it is
// pending, terminated once it is over, else running. Missing has no status at all.
const (
	ByPhase State = iota
	Waiting
	Running
	Terminated
	Missing
)

// Container is one use of an image by a pod.
type Container struct {
	Kind Kind
	Name string
	// Image is what the specification asks for.
	Image string
	// StatusImage is what the status calls it; Image when empty.
	StatusImage string
	// ImageID is taken as it is: empty means that the status has none. For a volume
	// it is the imageRef in the status of the container that mounts it.
	ImageID string
	// ContainerID is made up when empty, unless the container is waiting.
	ContainerID string
	State       State
	// Reason is why the container waits or ended; the usual one when empty.
	Reason string
	// MissingInSpec leaves the container to the status alone.
	MissingInSpec bool
}

// Pod is a pod in the terms of the images it runs. Object makes a whole one of
// it, which a test may then change at will.
type Pod struct {
	// Namespace is "default" when empty.
	Namespace, Name string
	// Node is empty for a pod that is not scheduled.
	Node string
	// Phase is Running when empty.
	Phase       corev1.PodPhase
	Containers  []Container
	Labels      map[string]string
	Annotations map[string]string
	// Owner is the controlling object, as Kind/Name: "ReplicaSet/web-5d4f".
	Owner string
	// Mirror marks the API's image of a static pod; its owner is then its node.
	Mirror bool
}

// Born is when all seeded objects were created.
func Born() time.Time { return time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC) }

// Object returns the pod with specification and status, always the same one.
func (p Pod) Object() *corev1.Pod {
	if p.Namespace == "" {
		p.Namespace = metav1.NamespaceDefault
	}
	if p.Phase == "" {
		p.Phase = corev1.PodRunning
	}
	pod := &corev1.Pod{
		ObjectMeta: metadata(p.Namespace, p.Name),
		Spec: corev1.PodSpec{
			NodeName:           p.Node,
			RestartPolicy:      p.restartPolicy(),
			ServiceAccountName: "default",
		},
		Status: corev1.PodStatus{Phase: p.Phase, QOSClass: corev1.PodQOSBestEffort},
	}
	pod.Labels, pod.Annotations = p.Labels, p.annotations()
	pod.OwnerReferences = p.owners()
	if p.Node != "" {
		pod.Status.StartTime = &metav1.Time{Time: Born()}
		pod.Status.HostIP, pod.Status.PodIP = "10.1.0.1", "10.2.0.1"
	}
	for _, c := range p.Containers {
		c.addSpec(pod)
		c.addStatus(pod)
	}
	return pod
}

func (p Pod) restartPolicy() corev1.RestartPolicy {
	if p.Phase == corev1.PodSucceeded || p.Phase == corev1.PodFailed {
		return corev1.RestartPolicyNever
	}
	return corev1.RestartPolicyAlways
}

func (p Pod) annotations() map[string]string {
	if !p.Mirror {
		return p.Annotations
	}
	annotations := map[string]string{
		corev1.MirrorPodAnnotationKey: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		"kubernetes.io/config.source": "file",
		"kubernetes.io/config.hash":   "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		"kubernetes.io/config.seen":   Born().Format(time.RFC3339Nano),
	}
	maps.Copy(annotations, p.Annotations)
	return annotations
}

func (p Pod) owners() []metav1.OwnerReference {
	owner := p.Owner
	if owner == "" && p.Mirror {
		owner = "Node/" + p.Node
	}
	kind, name, found := strings.Cut(owner, "/")
	if !found {
		return nil
	}
	yes := true
	return []metav1.OwnerReference{{
		APIVersion: apiVersion(kind),
		Kind:       kind,
		Name:       name,
		UID:        UID(kind, name),
		Controller: &yes,
	}}
}

func apiVersion(kind string) string {
	switch kind {
	case "Node", "ReplicationController":
		return "v1"
	case "Job":
		return "batch/v1"
	default:
		return "apps/v1"
	}
}
