package workload

import (
	"bytes"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// crashLoop is why a container waits that has run, and ended, and will run again.
const crashLoop = "CrashLoopBackOff"

// maxScheme is longer than the scheme of every runtime.
const maxScheme = 32

// sidecarPolicy is the restart policy that makes an init container a sidecar
// (KEP-753). Never and OnFailure exist on containers too and do not.
const sidecarPolicy = "Always"

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

// waits reports whether a container waits for its image or to be created, for
// whatever reason a kubelet gives, so that the rest of its status is that of the
// container before it. One without any state waits, says the API.
func (s *stateRecord) waits() bool {
	return !s.Running.Present && !s.Terminated.Present && string(s.Waiting.Reason) != crashLoop
}

// runtimeIn is the runtime that a container ID names.
func runtimeIn(id text) image.Runtime { return image.RuntimeOf(string(id[:min(len(id), maxScheme)])) }

func (s *statusRecord) groups() [3]list[containerStatus] {
	return [...]list[containerStatus]{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses}
}

// mounted are the statuses of image volumes, by name, as those of containers: what
// the kubelet resolved them to. Each container that mounts one says so; what one says
// that has begun counts more than what one says that waits.
func (s *statusRecord) mounted() map[string]*containerStatus {
	found := map[string]*containerStatus{}
	for _, group := range s.groups() {
		for i := range group {
			group[i].addMounted(found)
		}
	}
	return found
}

func (c *containerStatus) addMounted(found map[string]*containerStatus) {
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		ref := m.VolumeStatus.Image.ImageRef
		before := found[string(m.Name)]
		if len(ref) > 0 && (before == nil || before.State.waits() && !c.State.waits()) {
			found[string(m.Name)] = &containerStatus{State: c.State, ImageID: ref, ContainerID: c.ContainerID}
		}
	}
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
