package workload

import "errors"

// The API server bounds an object by its bytes and the lists in it not at all:
// etcd takes 1.5 MiB by default, which is enough for a hundred thousand labels.
// So a list may have as many entries as fit into the bytes of what holds it, at
// the least that an API server writes for one, and some more. A hostile answer
// cannot turn two bytes on the wire into a record of two hundred.
const (
	freeEntries = 4096
	leastPair   = 4  // bytes of a label: one character, an empty value, tags and lengths
	leastEntry  = 12 // bytes of an owner, a container or a status with the fields that are always written

	leastEntryJSON = 24 // the same in JSON, where the fields have names
)

// errTooMany is a list of more entries than the bytes on the wire can hold.
var errTooMany = errors.New("a list of more entries than its bytes can hold")

// entriesIn is how many entries a message of so many bytes may have.
func entriesIn(size, least int) int { return freeEntries + size/least }

// text is a string that was not copied yet. Decoded from protobuf it is a part
// of the page buffer and is valid until the next object is read.
type text []byte

// list is a repeated field. Its memory serves one object after another.
type list[T any] []T

// add appends a zero entry for the caller to fill in, up to so many.
func (l *list[T]) add(most int) (*T, error) {
	if len(*l) >= most {
		return nil, errTooMany
	}
	var zero T
	*l = append(*l, zero)
	return &(*l)[len(*l)-1], nil
}

// pairs is a string map in the order of the wire, which the API server sorts.
type pairs list[pair]

type pair struct{ key, value text }

// podRecord is the part of a core/v1 Pod that an inventory needs. Either
// decoder fills it; field names are those of the API.
type podRecord struct {
	Metadata metaRecord   `json:"metadata"`
	Spec     specRecord   `json:"spec"`
	Status   statusRecord `json:"status"`
}

// metaRecord is the part of the metadata that wire.Object does not have.
type metaRecord struct {
	Labels          pairs             `json:"labels"`
	Annotations     pairs             `json:"annotations"`
	OwnerReferences list[ownerRecord] `json:"ownerReferences"`
}

type ownerRecord struct {
	Kind       text `json:"kind"`
	Name       text `json:"name"`
	Controller bool `json:"controller"`
}

type specRecord struct {
	NodeName            text                  `json:"nodeName"`
	InitContainers      list[containerRecord] `json:"initContainers"`
	Containers          list[containerRecord] `json:"containers"`
	EphemeralContainers list[containerRecord] `json:"ephemeralContainers"`
	Volumes             list[volumeRecord]    `json:"volumes"`
}

type containerRecord struct {
	Name          text `json:"name"`
	Image         text `json:"image"`
	RestartPolicy text `json:"restartPolicy"`
}

type volumeRecord struct {
	Name  text        `json:"name"`
	Image imageRecord `json:"image"`
}

// imageRecord is an ImageVolumeSource. Its reference is optional, so that its
// being there is a fact of its own.
type imageRecord struct {
	Reference text
	Present   bool
}

type statusRecord struct {
	Phase                      text                  `json:"phase"`
	InitContainerStatuses      list[containerStatus] `json:"initContainerStatuses"`
	ContainerStatuses          list[containerStatus] `json:"containerStatuses"`
	EphemeralContainerStatuses list[containerStatus] `json:"ephemeralContainerStatuses"`
}

// containerStatus is a ContainerStatus.
type containerStatus struct {
	Name         text              `json:"name"`
	State        stateRecord       `json:"state"`
	Image        text              `json:"image"`
	ImageID      text              `json:"imageID"`
	ContainerID  text              `json:"containerID"`
	VolumeMounts list[mountRecord] `json:"volumeMounts"`
}

// mountRecord is a VolumeMountStatus; only image volumes have one (KEP-5365).
type mountRecord struct {
	Name         text `json:"name"`
	VolumeStatus struct {
		Image struct {
			ImageRef text `json:"imageRef"`
		} `json:"image"`
	} `json:"volumeStatus"`
}

// stateRecord is a ContainerState, of which the server sets one part.
type stateRecord struct {
	Waiting    reasonRecord `json:"waiting"`
	Running    reasonRecord `json:"running"`
	Terminated reasonRecord `json:"terminated"`
}

type reasonRecord struct {
	Reason  text
	Present bool
}

// nodeRecord is the part of a core/v1 Node that an inventory needs.
type nodeRecord struct {
	Metadata metaRecord `json:"metadata"`
	Status   struct {
		NodeInfo nodeInfoRecord `json:"nodeInfo"`
	} `json:"status"`
}

type nodeInfoRecord struct {
	KernelVersion           text `json:"kernelVersion"`
	OSImage                 text `json:"osImage"`
	ContainerRuntimeVersion text `json:"containerRuntimeVersion"`
	KubeletVersion          text `json:"kubeletVersion"`
	OperatingSystem         text `json:"operatingSystem"`
	Architecture            text `json:"architecture"`
}

// namespaceRecord is the part of a core/v1 Namespace that an inventory needs.
type namespaceRecord struct {
	Metadata metaRecord `json:"metadata"`
}

// emptied keeps the memory of a list, cleared: encoding/json would otherwise
// find in it what an object before had set.
func emptied[L ~[]T, T any](l L) L {
	clear(l)
	return l[:0]
}

// reset empties the record and keeps its memory.
func (r *podRecord) reset() {
	*r = podRecord{
		Metadata: r.Metadata.emptied(),
		Spec: specRecord{
			InitContainers:      emptied(r.Spec.InitContainers),
			Containers:          emptied(r.Spec.Containers),
			EphemeralContainers: emptied(r.Spec.EphemeralContainers),
			Volumes:             emptied(r.Spec.Volumes),
		},
		Status: statusRecord{
			InitContainerStatuses:      emptied(r.Status.InitContainerStatuses),
			ContainerStatuses:          emptied(r.Status.ContainerStatuses),
			EphemeralContainerStatuses: emptied(r.Status.EphemeralContainerStatuses),
		},
	}
}

func (r *nodeRecord) reset()      { *r = nodeRecord{Metadata: r.Metadata.emptied()} }
func (r *namespaceRecord) reset() { *r = namespaceRecord{Metadata: r.Metadata.emptied()} }

func (m *metaRecord) emptied() metaRecord {
	return metaRecord{
		Labels:          emptied(m.Labels),
		Annotations:     emptied(m.Annotations),
		OwnerReferences: emptied(m.OwnerReferences),
	}
}
