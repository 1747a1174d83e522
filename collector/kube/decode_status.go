package kube

// Field numbers of core/v1 generated.proto, ContainerStatus and below.
const (
	statusName        = 1
	statusState       = 2
	statusImage       = 6
	statusImageID     = 7
	statusContainerID = 8
	statusMounts      = 12

	stateWaiting     = 1
	stateRunning     = 2
	stateTerminated  = 3
	waitingReason    = 1
	terminatedReason = 3

	mountName     = 1
	mountStatus   = 5
	mountImage    = 1
	mountImageRef = 1
)

func (s *statusRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case podStatusPhase:
			s.Phase = f.bytes()
		case statusRegular:
			decodeInto(&f, &s.ContainerStatuses, (*containerStatus).decode)
		case statusInit:
			decodeInto(&f, &s.InitContainerStatuses, (*containerStatus).decode)
		case statusEphemeral:
			decodeInto(&f, &s.EphemeralContainerStatuses, (*containerStatus).decode)
		}
	}
	return f.err
}

func (c *containerStatus) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case statusName:
			c.Name = f.bytes()
		case statusState:
			f.check(c.State.decode(f.bytes()))
		case statusImage:
			c.Image = f.bytes()
		case statusImageID:
			c.ImageID = f.bytes()
		case statusContainerID:
			c.ContainerID = f.bytes()
		case statusMounts:
			f.check(c.addMount(f.bytes(), f.size))
		}
	}
	return f.err
}

func (s *stateRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case stateWaiting:
			f.check(s.Waiting.decode(f.bytes(), waitingReason))
		case stateRunning:
			f.bytes()
			s.Running.Present = true
		case stateTerminated:
			f.check(s.Terminated.decode(f.bytes(), terminatedReason))
		}
	}
	return f.err
}

func (r *reasonRecord) decode(message []byte, reason int32) error {
	r.Present = true
	f := walk(message)
	for f.next() {
		if int32(f.num) == reason {
			r.Reason = f.bytes()
		}
	}
	return f.err
}

// addMount keeps a mount if it tells the digest of an image volume. Such
// mounts are rare, so their memory is not reused. The status has size bytes.
func (c *containerStatus) addMount(message []byte, size int) error {
	var m mountRecord
	f := walk(message)
	for f.next() {
		switch f.num {
		case mountName:
			m.Name = f.bytes()
		case mountStatus:
			f.check(m.decodeStatus(f.bytes()))
		}
	}
	if f.err != nil || len(m.VolumeStatus.Image.ImageRef) == 0 {
		return f.err
	}
	entry, err := c.VolumeMounts.add(entriesIn(size, leastEntry))
	if err != nil {
		return err
	}
	*entry = m
	return nil
}

func (m *mountRecord) decodeStatus(message []byte) error {
	f := walk(message)
	for f.next() {
		if f.num == mountImage {
			f.check(m.decodeImage(f.bytes()))
		}
	}
	return f.err
}

func (m *mountRecord) decodeImage(message []byte) error {
	f := walk(message)
	for f.next() {
		if f.num == mountImageRef {
			m.VolumeStatus.Image.ImageRef = f.bytes()
		}
	}
	return f.err
}
