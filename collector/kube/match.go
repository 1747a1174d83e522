package kube

import (
	"bytes"

	"stocktake/collector/inventory"
)

// kindOf tells a sidecar from the init containers it is declared among.
func kindOf(group inventory.Kind, spec *containerRecord) inventory.Kind {
	if group == inventory.Init && string(spec.RestartPolicy) == sidecarPolicy {
		return inventory.Sidecar
	}
	return group
}

// statusOf finds a status by name; a container that was not created yet has an
// empty one.
func statusOf(statuses list[containerStatus], name text) *containerStatus {
	for i := range statuses {
		if bytes.Equal(statuses[i].Name, name) {
			return &statuses[i]
		}
	}
	return &containerStatus{}
}

func specified(specs list[containerRecord], name text) bool {
	for i := range specs {
		if bytes.Equal(specs[i].Name, name) {
			return true
		}
	}
	return false
}

// state is the part of a ContainerState that is set, with its reason.
func (s *stateRecord) state() (inventory.State, text) {
	switch {
	case s.Running.Present:
		return inventory.StateRunning, nil
	case s.Terminated.Present:
		return inventory.StateTerminated, s.Terminated.Reason
	case s.Waiting.Present:
		return inventory.StateWaiting, s.Waiting.Reason
	}
	return "", nil
}

// mounted is what the kubelet resolved the image volume of this name to. Each
// container that mounts it says so; they all mount the same.
func (s *statusRecord) mounted(name text) text {
	for _, group := range []list[containerStatus]{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses} {
		for i := range group {
			for j := range group[i].VolumeMounts {
				m := &group[i].VolumeMounts[j]
				if len(m.VolumeStatus.Image.ImageRef) > 0 && bytes.Equal(m.Name, name) {
					return m.VolumeStatus.Image.ImageRef
				}
			}
		}
	}
	return nil
}

func (p pairs) has(key string) bool {
	for i := range p {
		if string(p[i].key) == key {
			return true
		}
	}
	return false
}

// get is the value of a key, nil when it is not there.
func (p pairs) get(key string) text {
	for i := range p {
		if string(p[i].key) == key {
			return p[i].value
		}
	}
	return nil
}
