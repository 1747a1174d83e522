package kube

// Field numbers of core/v1 generated.proto.
const (
	nodeStatusInfo = 7

	infoKernelVersion   = 4
	infoOSImage         = 5
	infoRuntimeVersion  = 6
	infoKubeletVersion  = 7
	infoOperatingSystem = 9
	infoArchitecture    = 10
)

func (r *namespaceRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		if f.num == objectMetadata {
			f.check(r.Metadata.decode(f.bytes()))
		}
	}
	return f.err
}

// decode reads a Node; its list of cached images is among what is skipped.
func (r *nodeRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case objectMetadata:
			f.check(r.Metadata.decode(f.bytes()))
		case objectStatus:
			f.check(r.decodeStatus(f.bytes()))
		}
	}
	return f.err
}

func (r *nodeRecord) decodeStatus(message []byte) error {
	f := walk(message)
	for f.next() {
		if f.num == nodeStatusInfo {
			f.check(r.Status.NodeInfo.decode(f.bytes()))
		}
	}
	return f.err
}

func (i *nodeInfoRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case infoKernelVersion:
			i.KernelVersion = f.bytes()
		case infoOSImage:
			i.OSImage = f.bytes()
		case infoRuntimeVersion:
			i.ContainerRuntimeVersion = f.bytes()
		case infoKubeletVersion:
			i.KubeletVersion = f.bytes()
		case infoOperatingSystem:
			i.OperatingSystem = f.bytes()
		case infoArchitecture:
			i.Architecture = f.bytes()
		}
	}
	return f.err
}
