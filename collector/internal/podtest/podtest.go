// Package podtest has what tests know of pods: pods at random, the answers that an API
// server makes of them, and what an inventory holds of a pod, said once more on top of the
// API's own types.
package podtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"sigs.k8s.io/randfill"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// Projection is what the inventory holds of a pod, said once more on top of
// the API's own types: the lean decoders must agree with it.
func Projection(pod *corev1.Pod) inventory.Pod {
	_, static := pod.Annotations[corev1.MirrorPodAnnotationKey]
	p := inventory.Pod{
		Namespace: pod.Namespace, Name: pod.Name, UID: string(pod.UID),
		Node: pod.Spec.NodeName, Phase: inventory.Phase(pod.Status.Phase), Static: static,
		Labels: Sorted(pod.Labels), Annotations: Sorted(pod.Annotations),
	}
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil {
		p.Owner = inventory.Owner{Kind: owner.Kind, Name: owner.Name}
	}
	p.Workload, p.Derived = inventory.Origin{Owner: p.Owner, TemplateHash: pod.Labels["pod-template-hash"], Created: pod.CreationTimestamp.Time}.Workload()
	runtime := runtimeOf(pod)
	var ephemeral []corev1.Container
	for _, e := range pod.Spec.EphemeralContainers {
		ephemeral = append(ephemeral, corev1.Container(e.EphemeralContainerCommon))
	}
	p.Containers = slices.Concat(
		group(runtime, inventory.Init, pod.Spec.InitContainers, pod.Status.InitContainerStatuses),
		group(runtime, inventory.Regular, pod.Spec.Containers, pod.Status.ContainerStatuses),
		group(runtime, inventory.Ephemeral, ephemeral, pod.Status.EphemeralContainerStatuses),
		imageVolumes(runtime, pod),
	)
	return p
}

// runtimeOf is the first runtime that the status of a container names.
func runtimeOf(pod *corev1.Pod) image.Runtime {
	for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
		if runtime := image.RuntimeOf(s.ContainerID); runtime != image.AnyRuntime {
			return runtime
		}
	}
	return image.AnyRuntime
}

// factsOf are those of a container, whose status may be that of another pod's.
func factsOf(runtime image.Runtime, written string, status *corev1.ContainerStatus) image.Facts {
	if own := image.RuntimeOf(status.ContainerID); own != image.AnyRuntime {
		runtime = own
	}
	return image.Facts{Spec: written, Status: status.Image, ImageID: status.ImageID, Runtime: runtime, Waiting: waiting(status)}
}

func waiting(status *corev1.ContainerStatus) bool {
	s := &status.State
	return s.Running == nil && s.Terminated == nil && (s.Waiting == nil || s.Waiting.Reason != "CrashLoopBackOff")
}

func group(runtime image.Runtime, kind inventory.Kind, specs []corev1.Container, statuses []corev1.ContainerStatus) []inventory.Container {
	var all []inventory.Container
	known := map[string]bool{}
	for _, spec := range specs {
		known[spec.Name] = true
		k := kind
		if kind == inventory.Init && spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			k = inventory.Sidecar
		}
		var status corev1.ContainerStatus
		if i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == spec.Name }); i >= 0 {
			status = statuses[i]
		}
		all = append(all, container(runtime, k, spec.Name, spec.Image, &status))
	}
	for _, status := range statuses {
		if !known[status.Name] {
			all = append(all, container(runtime, kind, status.Name, "", &status))
		}
	}
	return all
}

func container(runtime image.Runtime, kind inventory.Kind, name, written string, status *corev1.ContainerStatus) inventory.Container {
	c := inventory.Container{
		Kind: kind, Name: name, ID: status.ContainerID,
		Image: factsOf(runtime, written, status).Resolve(),
	}
	switch s := status.State; {
	case s.Running != nil:
		c.State = inventory.StateRunning
	case s.Terminated != nil:
		c.State, c.Reason = inventory.StateTerminated, s.Terminated.Reason
	case s.Waiting != nil:
		c.State, c.Reason = inventory.StateWaiting, s.Waiting.Reason
	}
	return c
}

func imageVolumes(runtime image.Runtime, pod *corev1.Pod) []inventory.Container {
	mounts := map[string]corev1.ContainerStatus{}
	for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
		for _, m := range s.VolumeMounts {
			if m.VolumeStatus == nil || m.VolumeStatus.Image == nil || m.VolumeStatus.Image.ImageRef == "" {
				continue
			}
			if known, ok := mounts[m.Name]; !ok || waiting(&known) && !waiting(&s) {
				mounts[m.Name] = corev1.ContainerStatus{ImageID: m.VolumeStatus.Image.ImageRef, ContainerID: s.ContainerID, State: s.State}
			}
		}
	}
	var all []inventory.Container
	for _, v := range pod.Spec.Volumes {
		if v.Image != nil {
			status := mounts[v.Name]
			all = append(all, inventory.Container{
				Kind: inventory.Volume, Name: v.Name,
				Image: factsOf(runtime, v.Image.Reference, &status).Resolve(),
			})
		}
	}
	return all
}

// Sorted are labels in the order of their keys.
func Sorted(m map[string]string) []inventory.Label {
	var all []inventory.Label
	for k, v := range m {
		all = append(all, inventory.Label{Key: k, Value: v})
	}
	slices.SortFunc(all, func(a, b inventory.Label) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// Random fills every field of pods at random, and then makes spec and
// status meet where chance never would.
func Random(n int, seed int64) []corev1.Pod {
	random := rand.New(rand.NewSource(seed))
	codecs := serializer.NewCodecFactory(runtime.NewScheme())
	filler := fuzzer.FuzzerFor(metafuzzer.Funcs, random, codecs).NumElements(0, 3).MaxDepth(12)
	pods := make([]corev1.Pod, n)
	for i := range pods {
		pod := &pods[i]
		filler.Fill(pod)
		pod.TypeMeta = metav1.TypeMeta{}
		meet(filler, random, pod)
	}
	return pods
}

// meet gives spec and status names in common.
func meet(filler *randfill.Filler, random *rand.Rand, pod *corev1.Pod) {
	always := corev1.ContainerRestartPolicyAlways
	for i := range pod.Spec.InitContainers {
		if random.Intn(2) == 0 {
			pod.Spec.InitContainers[i].RestartPolicy = &always
		}
	}
	rename := func(statuses []corev1.ContainerStatus, name func(int) string, n int) {
		for i := range statuses {
			if n > 0 && random.Intn(3) > 0 {
				statuses[i].Name = name(random.Intn(n))
			}
		}
	}
	spec := &pod.Spec
	rename(pod.Status.InitContainerStatuses, func(i int) string { return spec.InitContainers[i].Name }, len(spec.InitContainers))
	rename(pod.Status.ContainerStatuses, func(i int) string { return spec.Containers[i].Name }, len(spec.Containers))
	rename(pod.Status.EphemeralContainerStatuses, func(i int) string { return spec.EphemeralContainers[i].Name }, len(spec.EphemeralContainers))
	mount(filler, random, pod)
	settle(random, pod)
	if random.Intn(4) == 0 {
		metav1.SetMetaDataAnnotation(&pod.ObjectMeta, corev1.MirrorPodAnnotationKey, "hash")
	}
	if random.Intn(2) == 0 {
		metav1.SetMetaDataLabel(&pod.ObjectMeta, inventory.TemplateHashLabel, "5d4f8c7b9")
	}
}

// mount makes some volumes images, and lets containers mount them.
func mount(filler *randfill.Filler, random *rand.Rand, pod *corev1.Pod) {
	volumes := pod.Spec.Volumes
	for i := range volumes {
		if random.Intn(2) == 0 {
			volumes[i].Image = &corev1.ImageVolumeSource{}
			filler.Fill(&volumes[i].Image.Reference)
		}
	}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range statuses {
			for j := range statuses[i].VolumeMounts {
				mount := &statuses[i].VolumeMounts[j]
				if len(volumes) > 0 {
					mount.Name = volumes[random.Intn(len(volumes))].Name
				}
				mount.VolumeStatus = &corev1.VolumeStatus{Image: &corev1.ImageVolumeStatus{}}
				filler.Fill(&mount.VolumeStatus.Image.ImageRef)
			}
		}
	}
}

// settle lets some pods be made by a CronJob, on nodes of both sorts, and their
// containers wait for images of which the status names another.
func settle(random *rand.Rand, pod *corev1.Pod) {
	yes := true
	if random.Intn(3) == 0 {
		name := fmt.Sprintf("nightly-%d", pod.CreationTimestamp.Unix()/60)
		pod.OwnerReferences = []metav1.OwnerReference{{Kind: "Job", Name: name, Controller: &yes}}
	}
	states := []corev1.ContainerState{
		{}, {Running: &corev1.ContainerStateRunning{}}, {Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}},
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		c.Image = []string{"nginx:1", "nginx:2", "quay.io/a/nginx:1"}[random.Intn(3)]
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: "quay.io/a/nginx:1", ImageID: "quay.io/a/nginx@sha256:" + strings.Repeat("0a", 32),
			ContainerID: []string{"", "cri-o://0a", "containerd://0a"}[random.Intn(3)], State: states[random.Intn(len(states))],
		})
	}
}

// Page is a page as the API server writes it.
func Page(t testing.TB, e wire.Encoding, meta metav1.ListMeta, pods ...corev1.Pod) []byte {
	t.Helper()
	list := &corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, ListMeta: meta, Items: pods}
	return Encoded(t, e, list)
}

// Encoded is a list as the API server writes it.
func Encoded(t testing.TB, e wire.Encoding, list runtime.Object) []byte {
	t.Helper()
	if e == wire.JSON {
		b, err := json.Marshal(list)
		require.NoError(t, err)
		return b
	}
	var b bytes.Buffer
	require.NoError(t, protobuf.NewSerializer(nil, nil).Encode(list, &b))
	return b.Bytes()
}

// Clone copies what a visitor may not keep.
func Clone(p *inventory.Pod) inventory.Pod {
	pod := *p
	pod.Labels = append([]inventory.Label(nil), p.Labels...)
	pod.Annotations = append([]inventory.Label(nil), p.Annotations...)
	pod.Containers = append([]inventory.Container(nil), p.Containers...)
	return pod
}

// Small has a little of everything that is read.
func Small(name string) corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	yes := true
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "w"}}
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: "n", UID: "u", Labels: map[string]string{"l": "v"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "K", Name: "o", Controller: &yes}},
		},
		Spec: corev1.PodSpec{
			NodeName:       "m",
			InitContainers: []corev1.Container{{Name: "i", Image: "i:1", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "c", Image: "c:1"}},
			Volumes:        []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: "r"}}}},
		},
		Status: corev1.PodStatus{
			Phase:                 corev1.PodRunning,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", State: waiting}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "c", ImageID: "c@sha256:1", ContainerID: "x://1"}},
		},
	}
}
