package kubetest

import (
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// UID returns the UID of a seeded object: the same each time, and with the marks
// of a random UUID (RFC 9562, version 4), as the API server gives out. Nodes and
// namespaces have no namespace.
func UID(namespace, name string) types.UID {
	sum := sha256.Sum256([]byte(namespace + "/" + name))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return types.UID(id.String())
}

// Namespace returns an active namespace.
func Namespace(name string) *corev1.Namespace {
	namespace := &corev1.Namespace{
		ObjectMeta: metadata("", name),
		Spec:       corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
		Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}
	namespace.Labels = map[string]string{corev1.LabelMetadataName: name}
	return namespace
}

// Node returns a ready node: linux on amd64, containerd.
func Node(name string) *corev1.Node {
	node := &corev1.Node{
		ObjectMeta: metadata("", name),
		Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
				LastHeartbeatTime: metav1.Time{Time: Born()}, LastTransitionTime: metav1.Time{Time: Born()},
			}},
			NodeInfo: corev1.NodeSystemInfo{
				MachineID:               Hex("machine", name)[:32],
				SystemUUID:              string(UID("system", name)),
				BootID:                  string(UID("boot", name)),
				Architecture:            "amd64",
				OperatingSystem:         "linux",
				OSImage:                 "Debian GNU/Linux 13 (trixie)",
				KernelVersion:           "6.12.48+deb13-amd64",
				ContainerRuntimeVersion: "containerd://2.2.1",
				KubeletVersion:          "v1.36.3",
			},
		},
	}
	node.Labels = map[string]string{
		corev1.LabelHostname:   name,
		corev1.LabelOSStable:   "linux",
		corev1.LabelArchStable: "amd64",
	}
	return node
}

// metadata is what every stored object has. The managed fields are short, but
// valid: the API server cannot print an object whose fields are not JSON.
func metadata(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace:         namespace,
		Name:              name,
		UID:               UID(namespace, name),
		Generation:        1,
		CreationTimestamp: metav1.Time{Time: Born()},
		ManagedFields: []metav1.ManagedFieldsEntry{
			managed("kubelet", "status", `{"f:status":{"f:phase":{}}}`),
		},
	}
}

func managed(manager, subresource, fields string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{
		Manager:     manager,
		Operation:   metav1.ManagedFieldsOperationUpdate,
		APIVersion:  "v1",
		Time:        &metav1.Time{Time: Born().Add(time.Second)},
		FieldsType:  "FieldsV1",
		FieldsV1:    metav1.NewFieldsV1(fields),
		Subresource: subresource,
	}
}
