package kubetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// addSpec adds the container to the pod's specification.
func (c Container) addSpec(pod *corev1.Pod) {
	if c.MissingInSpec {
		return
	}
	spec := &pod.Spec
	container := corev1.Container{Name: c.Name, Image: c.Image}
	switch c.Kind {
	case Regular:
		spec.Containers = append(spec.Containers, container)
	case Sidecar:
		always := corev1.ContainerRestartPolicyAlways
		container.RestartPolicy = &always
		spec.InitContainers = append(spec.InitContainers, container)
	case Init:
		spec.InitContainers = append(spec.InitContainers, container)
	case Ephemeral:
		spec.EphemeralContainers = append(spec.EphemeralContainers, corev1.EphemeralContainer{
			EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: c.Name, Image: c.Image},
		})
	case Volume:
		c.addVolume(spec)
	}
}

// addVolume mounts the image in the first container, when one came before it.
func (c Container) addVolume(spec *corev1.PodSpec) {
	spec.Volumes = append(spec.Volumes, corev1.Volume{
		Name:         c.Name,
		VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: c.Image}},
	})
	if len(spec.Containers) > 0 {
		first := &spec.Containers[0]
		first.VolumeMounts = append(first.VolumeMounts, corev1.VolumeMount{Name: c.Name, MountPath: c.mountPath(), ReadOnly: true})
	}
}

func (c Container) mountPath() string { return "/mnt/" + c.Name }

// addStatus adds the container to the pod's status.
func (c Container) addStatus(pod *corev1.Pod) {
	if c.State == Missing {
		return
	}
	status := &pod.Status
	switch c.Kind {
	case Regular:
		status.ContainerStatuses = append(status.ContainerStatuses, c.status(pod))
	case Init, Sidecar:
		status.InitContainerStatuses = append(status.InitContainerStatuses, c.status(pod))
	case Ephemeral:
		status.EphemeralContainerStatuses = append(status.EphemeralContainerStatuses, c.status(pod))
	case Volume:
		c.addVolumeStatus(status)
	}
}

// addVolumeStatus says which image was mounted (KEP-5365). A real
// API server admits it only with the feature gate ImageVolumeWithDigest.
func (c Container) addVolumeStatus(status *corev1.PodStatus) {
	if c.ImageID == "" || len(status.ContainerStatuses) == 0 {
		return
	}
	first := &status.ContainerStatuses[0]
	first.VolumeMounts = append(first.VolumeMounts, corev1.VolumeMountStatus{
		Name:         c.Name,
		MountPath:    c.mountPath(),
		ReadOnly:     true,
		VolumeStatus: &corev1.VolumeStatus{Image: &corev1.ImageVolumeStatus{ImageRef: c.ImageID}},
	})
}

func (c Container) status(pod *corev1.Pod) corev1.ContainerStatus {
	state := c.State
	if state == ByPhase {
		state = c.stateIn(pod.Status.Phase)
	}
	status := corev1.ContainerStatus{
		Name:        c.Name,
		Image:       c.StatusImage,
		ImageID:     c.ImageID,
		ContainerID: c.ContainerID,
		State:       c.containerState(state, pod.Status.Phase),
		Ready:       state == Running,
	}
	if status.Image == "" {
		status.Image = c.Image
	}
	if status.ContainerID == "" && state != Waiting {
		status.ContainerID = "containerd://" + Hex(pod.Namespace, pod.Name, c.Name)
	}
	return status
}

// stateIn is the state that a container usually has in a pod of this phase.
func (c Container) stateIn(phase corev1.PodPhase) State {
	switch {
	case phase == corev1.PodPending:
		return Waiting
	case phase == corev1.PodSucceeded, phase == corev1.PodFailed, c.Kind == Init:
		return Terminated
	default:
		return Running
	}
}

func (c Container) containerState(state State, phase corev1.PodPhase) corev1.ContainerState {
	born := metav1.Time{Time: Born()}
	switch state {
	case Waiting:
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: cmp.Or(c.Reason, "ContainerCreating")}}
	case Terminated:
		ended := &corev1.ContainerStateTerminated{Reason: cmp.Or(c.Reason, "Completed"), StartedAt: born, FinishedAt: born}
		if phase == corev1.PodFailed && c.Kind != Init {
			ended.ExitCode, ended.Reason = 1, cmp.Or(c.Reason, "Error")
		}
		return corev1.ContainerState{Terminated: ended}
	default:
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: born}}
	}
}

// Hex returns 64 hex digits that depend on the words alone: the body of a
// container ID or of a digest.
func Hex(words ...string) string {
	hash := sha256.New()
	for _, word := range words {
		hash.Write([]byte(word))
		hash.Write([]byte{0})
	}
	return hex.EncodeToString(hash.Sum(nil))
}
