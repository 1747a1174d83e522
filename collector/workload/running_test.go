package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/image"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// The places of a pod whose images the status tells.
const (
	model  = "quay.io/acme/model@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
	digest = "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
	older  = "quay.io/acme/model@sha256:0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
)

func waitingFor(reason string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
}

// builtBy reads one pod through both encodings, which must agree, on a cluster.
func builtBy(t *testing.T, c inventory.Cluster, pod corev1.Pod) inventory.Pod {
	t.Helper()
	var built []inventory.Pod
	for _, e := range []wire.Encoding{wire.Protobuf, wire.JSON} {
		err := eachPod(podtest.Page(t, e, metav1.ListMeta{}, pod), e, newBuilder(keepAll).of(c), func(p *inventory.Pod) { built = append(built, podtest.Clone(p)) })
		require.NoError(t, err)
	}
	require.Len(t, built, 2)
	require.Equal(t, built[0], built[1], "both encodings say the same")
	return built[0]
}

func TestEveryReasonToWaitButACrashLeavesTheOldDigestAlone(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"ErrImagePull": "", "ImagePullBackOff": "", "InvalidImageName": "", "ErrImageNeverPull": "", "RegistryUnavailable": "",
		"SignatureValidationFailed": "", "ImageInspectError": "", "CreateContainerConfigError": "", "CreateContainerError": "",
		"ContainerCreating": "", "PodInitializing": "", "": "", "ANewReason": "", "CrashLoopBackOff": digest,
	} {
		status := corev1.ContainerStatus{Name: "c", Image: "quay.io/acme/model:1", ImageID: model, State: waitingFor(reason)}
		p := builtBy(t, inventory.Cluster{}, corev1.Pod{
			Spec: corev1.PodSpec{
				InitContainers: []corev1.Container{{Name: "c", Image: "quay.io/acme/model:2"}},
				Containers:     []corev1.Container{{Name: "c", Image: "quay.io/acme/model:2"}},
				EphemeralContainers: []corev1.EphemeralContainer{
					{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "c", Image: "quay.io/acme/model:2"}},
				},
			},
			Status: corev1.PodStatus{
				InitContainerStatuses: []corev1.ContainerStatus{status}, ContainerStatuses: []corev1.ContainerStatus{status},
				EphemeralContainerStatuses: []corev1.ContainerStatus{status},
			},
		})
		require.Len(t, p.Containers, 3)
		for _, c := range p.Containers {
			assert.Equal(t, want, c.Image.Digest(), "%s %s", reason, c.Kind)
			assert.Equal(t, want == "", c.Image.Flags.Has(image.OldStatus), "%s %s", reason, c.Kind)
		}
	}
}

func TestAStatusWithoutAStateWaits(t *testing.T) {
	t.Parallel()
	p := builtBy(t, inventory.Cluster{}, corev1.Pod{
		Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "quay.io/acme/model:2"}}},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Image: "quay.io/acme/model:1", ImageID: model}}},
	})
	assert.Empty(t, p.Containers[0].Image.Digest())
}

func TestAnImageVolumeHasTheDigestThatAContainerHasMounted(t *testing.T) {
	t.Parallel()
	mounts := func(name, ref string, state corev1.ContainerState) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, State: state, VolumeMounts: []corev1.VolumeMountStatus{
			{Name: "v", VolumeStatus: &corev1.VolumeStatus{Image: &corev1.ImageVolumeStatus{ImageRef: ref}}},
		}}
	}
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	for name, test := range map[string]struct {
		reference string
		statuses  []corev1.ContainerStatus
		want      string
	}{
		"it runs":               {"quay.io/acme/model:1", []corev1.ContainerStatus{mounts("a", model, runs)}, digest},
		"it loops":              {"quay.io/acme/model:1", []corev1.ContainerStatus{mounts("a", model, waitingFor(crashLoop))}, digest},
		"it waits":              {"quay.io/acme/model:1", []corev1.ContainerStatus{mounts("a", model, waitingFor("ErrImagePull"))}, ""},
		"it waits, pinned":      {model, []corev1.ContainerStatus{mounts("a", model, waitingFor("ErrImagePull"))}, digest},
		"one waits, one runs":   {"quay.io/acme/model:1", []corev1.ContainerStatus{mounts("a", older, waitingFor("ErrImagePull")), mounts("b", model, runs)}, digest},
		"one runs, one waits":   {"quay.io/acme/model:1", []corev1.ContainerStatus{mounts("a", model, runs), mounts("b", older, waitingFor("ErrImagePull"))}, digest},
		"nobody has mounted it": {"quay.io/acme/model:1", []corev1.ContainerStatus{{Name: "a", State: runs}}, ""},
	} {
		p := builtBy(t, inventory.Cluster{}, corev1.Pod{
			Spec: corev1.PodSpec{
				Containers: []corev1.Container{{Name: "a"}, {Name: "b"}},
				Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: test.reference}}}},
			},
			Status: corev1.PodStatus{ContainerStatuses: test.statuses},
		})
		assert.Equal(t, test.want, p.Containers[len(p.Containers)-1].Image.Digest(), name)
	}
}

func TestTheRuntimeIsThatOfTheContainerElseOfItsPodElseOfItsNode(t *testing.T) {
	t.Parallel()
	cluster := inventory.Cluster{Nodes: []inventory.Node{
		{Name: "resolving", ContainerRuntimeVersion: "cri-o://1.34.1"}, {Name: "plain", ContainerRuntimeVersion: "containerd://2.2.1"}, {Name: "mute"},
	}}
	for name, test := range map[string]struct {
		node, id, other string
		want            string
	}{
		"container":           {"plain", "cri-o://1", "", "quay.io/podman/stable"},
		"container, plain":    {"resolving", "containerd://1", "", "docker.io/library/podman"},
		"another of the pod":  {"plain", "", "cri-o://1", "quay.io/podman/stable"},
		"its own comes first": {"mute", "docker://1", "cri-o://1", "docker.io/library/podman"},
		"node":                {"resolving", "", "", "quay.io/podman/stable"},
		"node, plain":         {"plain", "", "", "docker.io/library/podman"},
		"node that says none": {"mute", "", "", "docker.io/library/podman"},
		"unknown node":        {"gone", "", "", "docker.io/library/podman"},
	} {
		p := builtBy(t, cluster, corev1.Pod{
			Spec: corev1.PodSpec{NodeName: test.node, Containers: []corev1.Container{{Name: "c", Image: "podman:1"}}},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{
				{
					Name: "c", Image: "quay.io/podman/stable:1", ImageID: "quay.io/podman/stable@" + digest, ContainerID: test.id,
					State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
				},
				{Name: "other", ContainerID: test.other},
			}},
		})
		assert.Equal(t, test.want, p.Containers[0].Image.Ref.Name(), name)
		unknown := (test.node == "mute" || test.node == "gone") && test.id+test.other == ""
		assert.Equal(t, unknown, p.Containers[0].Image.Flags.Has(image.UnknownRuntime), name)
	}
}
