package workload

import "stocktake/collector/wire"

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
	f := wire.Walk(message)
	for f.Next() {
		if f.Num == objectMetadata {
			f.Check(r.Metadata.decode(f.Bytes()))
		}
	}
	return f.Err
}

// decode reads a Node; its list of cached images is among what is skipped.
func (r *nodeRecord) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case objectMetadata:
			f.Check(r.Metadata.decode(f.Bytes()))
		case objectStatus:
			f.Check(r.decodeStatus(f.Bytes()))
		}
	}
	return f.Err
}

func (r *nodeRecord) decodeStatus(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		if f.Num == nodeStatusInfo {
			f.Check(r.Status.NodeInfo.decode(f.Bytes()))
		}
	}
	return f.Err
}

func (i *nodeInfoRecord) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case infoKernelVersion:
			i.KernelVersion = f.Bytes()
		case infoOSImage:
			i.OSImage = f.Bytes()
		case infoRuntimeVersion:
			i.ContainerRuntimeVersion = f.Bytes()
		case infoKubeletVersion:
			i.KubeletVersion = f.Bytes()
		case infoOperatingSystem:
			i.OperatingSystem = f.Bytes()
		case infoArchitecture:
			i.Architecture = f.Bytes()
		}
	}
	return f.Err
}
