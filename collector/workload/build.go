package workload

import (
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// mirrorAnnotation marks the API's view of a static pod: the kubelet runs it
// from a file of its own (core/v1 MirrorPodAnnotationKey).
const mirrorAnnotation = "kubernetes.io/config.mirror"

// builder turns records into what the inventory holds. The pod it returns is
// reused for the next one; its strings may be kept. It serves one goroutine.
type builder struct {
	strings *interner
	images  *image.Resolver
	keep    Keep
	pod     inventory.Pod
	runtime image.Runtime // of the pod at hand

	server   inventory.ServerVersion
	runtimes map[string]image.Runtime // of nodes by name
}

func newBuilder(keep Keep) *builder {
	return &builder{strings: newInterner(), images: image.NewResolver(), keep: keep}
}

// of tells the builder of what cluster the pods are.
func (b *builder) of(c inventory.Cluster) *builder {
	b.server, b.runtimes = c.Server, make(map[string]image.Runtime, len(c.Nodes))
	for i := range c.Nodes {
		b.runtimes[c.Nodes[i].Name] = image.RuntimeOf(c.Nodes[i].ContainerRuntimeVersion)
	}
	return b
}

// build fills the pod. Per pod it allocates its name, its UID and the ids of
// its containers; all else is shared with the pods before it.
func (b *builder) build(o *wire.Object, r *podRecord) *inventory.Pod {
	meta, p := &r.Metadata, &b.pod
	*p = inventory.Pod{
		Namespace:   b.strings.text(o.Namespace),
		Name:        wire.Text(o.Name),
		UID:         wire.Text(o.UID),
		Node:        b.strings.text(r.Spec.NodeName),
		Phase:       inventory.Phase(b.strings.text(r.Status.Phase)),
		Static:      meta.Annotations.has(mirrorAnnotation),
		Owner:       b.owner(meta.OwnerReferences),
		Labels:      b.labels(p.Labels[:0], meta.Labels, b.keep.label),
		Annotations: b.labels(p.Annotations[:0], meta.Annotations, b.keep.annotation),
		Containers:  p.Containers[:0],
	}
	b.workload(o, meta)
	b.runtime = b.runtimeOf(r)
	b.containers(inventory.Init, r.Spec.InitContainers, r.Status.InitContainerStatuses)
	b.containers(inventory.Regular, r.Spec.Containers, r.Status.ContainerStatuses)
	b.containers(inventory.Ephemeral, r.Spec.EphemeralContainers, r.Status.EphemeralContainerStatuses)
	b.volumes(r)
	return p
}

// containers joins one group of the spec with its statuses by name: names are
// unique within a group, and the statuses come in an order of their own. A
// status that the spec does not know is kept, for it ran.
func (b *builder) containers(kind inventory.Kind, specs list[containerRecord], statuses list[containerStatus]) {
	if len(specs) > fewNames && len(statuses) > fewNames {
		b.manyContainers(kind, specs, statuses)
		return
	}
	for i := range specs {
		b.add(kindOf(kind, &specs[i]), &specs[i], statusOf(statuses, specs[i].Name))
	}
	for i := range statuses {
		if !specified(specs, statuses[i].Name) {
			b.add(kind, &containerRecord{Name: statuses[i].Name}, &statuses[i])
		}
	}
}

// fewNames is how many names are looked up by going through them. One by one the
// time would grow with the square of an object's size: an object of 1.5 MiB may
// have twenty thousand containers.
const fewNames = 64

// manyContainers does what containers does, for long lists. Of several with one
// name the first counts, as it does in short ones.
func (b *builder) manyContainers(kind inventory.Kind, specs list[containerRecord], statuses list[containerStatus]) {
	ofName := make(map[string]*containerStatus, len(statuses))
	for i := range statuses {
		if name := string(statuses[i].Name); ofName[name] == nil {
			ofName[name] = &statuses[i]
		}
	}
	known := make(map[string]struct{}, len(specs))
	for i := range specs {
		name := string(specs[i].Name)
		known[name] = struct{}{}
		status := ofName[name]
		if status == nil {
			status = &containerStatus{}
		}
		b.add(kindOf(kind, &specs[i]), &specs[i], status)
	}
	for i := range statuses {
		if _, ok := known[string(statuses[i].Name)]; !ok {
			b.add(kind, &containerRecord{Name: statuses[i].Name}, &statuses[i])
		}
	}
}

// workload fills in what the owner of the pod tells of its workload.
func (b *builder) workload(o *wire.Object, meta *metaRecord) {
	origin := inventory.Origin{
		Owner: b.pod.Owner, TemplateHash: b.strings.text(meta.Labels.get(inventory.TemplateHashLabel)),
		Created: createdAt(o), Server: b.server,
	}
	b.pod.Workload, b.pod.Derived = origin.Workload()
}

// createdAt is when an object was made, the zero time if that is not known.
func createdAt(o *wire.Object) time.Time {
	if o.Created == 0 {
		return time.Time{}
	}
	return time.Unix(o.Created, 0).UTC()
}

// runtimeOf is the runtime of a pod: what its first container with an ID says, else
// what its node does.
func (b *builder) runtimeOf(r *podRecord) image.Runtime {
	for _, group := range r.Status.groups() {
		for i := range group {
			if runtime := runtimeIn(group[i].ContainerID); runtime != image.AnyRuntime {
				return runtime
			}
		}
	}
	return b.runtimes[b.pod.Node]
}

func (b *builder) add(kind inventory.Kind, spec *containerRecord, status *containerStatus) {
	state, reason := status.State.state()
	b.pod.Containers = append(b.pod.Containers, inventory.Container{
		Kind:   kind,
		Name:   b.strings.text(spec.Name),
		ID:     wire.Text(status.ContainerID),
		Image:  b.image(spec.Image, status),
		State:  state,
		Reason: b.strings.text(reason),
	})
}

// volumes adds the image volumes (KEP-4639). Their digest, where the cluster
// tells it (KEP-5365), is with the containers that mount them.
func (b *builder) volumes(r *podRecord) {
	var mounted map[string]*containerStatus // nil until there is an image volume
	for i := range r.Spec.Volumes {
		volume := &r.Spec.Volumes[i]
		if !volume.Image.Present {
			continue
		}
		if mounted == nil {
			mounted = r.Status.mounted()
		}
		status := mounted[string(volume.Name)]
		if status == nil {
			status = &containerStatus{}
		}
		b.pod.Containers = append(b.pod.Containers, inventory.Container{
			Kind:  inventory.Volume,
			Name:  b.strings.text(volume.Name),
			Image: b.image(volume.Image.Reference, status),
		})
	}
}

func (b *builder) image(spec text, status *containerStatus) image.Image {
	facts := image.Facts{Spec: b.strings.text(spec), Status: b.strings.text(status.Image), ImageID: b.strings.text(status.ImageID)}
	if facts.ImageID == "" {
		return b.images.Resolve(facts)
	}
	facts.Runtime, facts.Waiting = runtimeIn(status.ContainerID), status.State.waits()
	if facts.Runtime == image.AnyRuntime {
		facts.Runtime = b.runtime
	}
	return b.images.Resolve(facts)
}

// owner is the controlling owner; a pod has at most one.
func (b *builder) owner(references list[ownerRecord]) inventory.Owner {
	for i := range references {
		if references[i].Controller {
			return inventory.Owner{
				Kind: b.strings.text(references[i].Kind),
				Name: b.strings.text(references[i].Name),
			}
		}
	}
	return inventory.Owner{}
}

// labels appends those of the pairs that are kept.
func (b *builder) labels(to []inventory.Label, from pairs, keep func([]byte) bool) []inventory.Label {
	for i := range from {
		if keep(from[i].key) {
			to = append(to, inventory.Label{Key: b.strings.text(from[i].key), Value: b.strings.text(from[i].value)})
		}
	}
	return to
}

func (b *builder) node(o *wire.Object, r *nodeRecord) inventory.Node {
	info := &r.Status.NodeInfo
	return inventory.Node{
		Name:                    wire.Text(o.Name),
		UID:                     wire.Text(o.UID),
		Architecture:            b.strings.text(info.Architecture),
		OperatingSystem:         b.strings.text(info.OperatingSystem),
		OSImage:                 b.strings.text(info.OSImage),
		KernelVersion:           b.strings.text(info.KernelVersion),
		ContainerRuntimeVersion: b.strings.text(info.ContainerRuntimeVersion),
		KubeletVersion:          b.strings.text(info.KubeletVersion),
		Labels:                  b.labels(nil, r.Metadata.Labels, b.keep.label),
		Annotations:             b.labels(nil, r.Metadata.Annotations, b.keep.annotation),
	}
}

func (b *builder) namespace(o *wire.Object, r *namespaceRecord) inventory.Namespace {
	return inventory.Namespace{
		Name:        wire.Text(o.Name),
		UID:         wire.Text(o.UID),
		Labels:      b.labels(nil, r.Metadata.Labels, b.keep.label),
		Annotations: b.labels(nil, r.Metadata.Annotations, b.keep.annotation),
	}
}
