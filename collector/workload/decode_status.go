package workload

import "stocktake/collector/wire"

// Field numbers of core/v1 generated.proto, PodStatus and below.
const (
	podStatusPhase  = 1
	statusRegular   = 8
	statusInit      = 10
	statusEphemeral = 13

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
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case podStatusPhase:
			s.Phase = f.Bytes()
		case statusRegular:
			decodeInto(&f, &s.ContainerStatuses, (*containerStatus).decode)
		case statusInit:
			decodeInto(&f, &s.InitContainerStatuses, (*containerStatus).decode)
		case statusEphemeral:
			decodeInto(&f, &s.EphemeralContainerStatuses, (*containerStatus).decode)
		}
	}
	return f.Err
}

func (c *containerStatus) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case statusName:
			c.Name = f.Bytes()
		case statusState:
			f.Check(c.State.decode(f.Bytes()))
		case statusImage:
			c.Image = f.Bytes()
		case statusImageID:
			c.ImageID = f.Bytes()
		case statusContainerID:
			c.ContainerID = f.Bytes()
		case statusMounts:
			f.Check(c.addMount(f.Bytes(), f.Size))
		}
	}
	return f.Err
}

func (s *stateRecord) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case stateWaiting:
			f.Check(s.Waiting.decode(f.Bytes(), waitingReason))
		case stateRunning:
			f.Bytes()
			s.Running.Present = true
		case stateTerminated:
			f.Check(s.Terminated.decode(f.Bytes(), terminatedReason))
		}
	}
	return f.Err
}

func (r *reasonRecord) decode(message []byte, reason int32) error {
	r.Present = true
	f := wire.Walk(message)
	for f.Next() {
		if int32(f.Num) == reason {
			r.Reason = f.Bytes()
		}
	}
	return f.Err
}

// addMount keeps a mount if it tells the digest of an image volume. Such
// mounts are rare, so their memory is not reused. The status has size bytes.
func (c *containerStatus) addMount(message []byte, size int) error {
	var m mountRecord
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case mountName:
			m.Name = f.Bytes()
		case mountStatus:
			f.Check(m.decodeStatus(f.Bytes()))
		}
	}
	if f.Err != nil || len(m.VolumeStatus.Image.ImageRef) == 0 {
		return f.Err
	}
	entry, err := c.VolumeMounts.add(entriesIn(size, leastEntry))
	if err != nil {
		return err
	}
	*entry = m
	return nil
}

func (m *mountRecord) decodeStatus(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		if f.Num == mountImage {
			f.Check(m.decodeImage(f.Bytes()))
		}
	}
	return f.Err
}

func (m *mountRecord) decodeImage(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		if f.Num == mountImageRef {
			m.VolumeStatus.Image.ImageRef = f.Bytes()
		}
	}
	return f.Err
}
