package payload

import (
	_ "embed"

	"stocktake/collector/inventory"
)

// StocktakeFormat names the native body and the version of its schema.
const StocktakeFormat = "stocktake/v1"

//go:embed stocktake.schema.json
var stocktakeSchema string

// StocktakeSchema returns the published schema of the native body.
func StocktakeSchema() string { return stocktakeSchema }

// The arrays of the native body. What others refer to comes first, so that a
// reader needs one pass: pods name their namespace and node, and containers give
// the place of their image in the array of images.
const (
	nativeNodesArray = iota
	nativeNamespacesArray
	nativeImagesArray
	nativePodsArray
)

// stocktake encodes the native body: everything that is known, of pods in every
// phase. Consumers filter; what is missing here cannot be had back. Its schema is
// stocktake.schema.json.
type stocktake struct {
	images    *imageList
	platforms map[string]inventory.Platform // of nodes by name
}

func newStocktake(head *Head) layout {
	s := &stocktake{images: newImageList(nativeImagesArray), platforms: map[string]inventory.Platform{}}
	nodes := &nodeList{array: nativeNodesArray, append: appendNativeNode}
	for i := range head.Nodes {
		node := &head.Nodes[i]
		if _, known := s.platforms[node.Name]; known {
			continue
		}
		s.platforms[node.Name] = node.Platform()
		nodes.all = append(nodes.all, node)
	}
	return layout{
		frame:   []string{"", `],"namespaces":[`, `],"images":[`, `],"pods":[`, `]}`},
		opening: func(o *inventory.Outcome) string { return nativeOpening(head, o) },
		encoder: s,
		nodes:   nodes,
		images:  s.images,
		whole:   true,
	}
}

// pod writes a pod with its containers.
func (s *stocktake) pod(tx *transaction, p *inventory.Pod) {
	tx.stats.Pods++
	s.images.startPod()
	l := &tx.lists[nativePodsArray]
	l.next()
	dst := append(l.tail, '{')
	dst = appendMember(dst, "namespace", p.Namespace)
	dst = appendMember(dst, "name", p.Name)
	dst = appendOptional(dst, "uid", p.UID)
	dst = appendOptional(dst, "phase", string(p.Phase))
	dst = appendOptional(dst, "node", p.Node)
	dst = appendBool(dst, "static", p.Static)
	dst = s.appendOwners(dst, p)
	dst = appendLabels(dst, "labels", p.Labels)
	dst = appendLabels(dst, "annotations", p.Annotations)
	dst = append(appendKey(dst, "containers"), '[')
	for i := range p.Containers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.appendContainer(dst, tx, p.Node, &p.Containers[i])
	}
	l.tail = append(dst, ']', '}')
}

// appendOwners appends the controlling object, and the one that a person would
// name: the workload. Both are missing from a pod that nothing controls.
func (s *stocktake) appendOwners(dst []byte, p *inventory.Pod) []byte {
	if p.Owner == (inventory.Owner{}) {
		return dst
	}
	dst = append(appendOwner(dst, "owner", p.Owner), '}')
	dst = appendOwner(dst, "workload", p.Workload)
	return append(appendBool(dst, "derived", p.Derived), '}')
}

// appendOwner leaves the object open.
func appendOwner(dst []byte, key string, o inventory.Owner) []byte {
	dst = append(appendKey(dst, key), '{')
	dst = appendMember(dst, "kind", o.Kind)
	return appendMember(dst, "name", o.Name)
}

func (s *stocktake) appendContainer(dst []byte, tx *transaction, node string, c *inventory.Container) []byte {
	number, fresh := s.images.number(&c.Image, s.platforms[node])
	tx.stats.countImage(&c.Image, fresh)
	dst = append(dst, '{')
	dst = appendMember(dst, "kind", string(c.Kind))
	dst = appendMember(dst, "name", c.Name)
	dst = appendOptional(dst, "id", c.ID)
	dst = appendInt(dst, "image", number)
	dst = appendOptional(dst, "state", string(c.State))
	dst = appendOptional(dst, "reason", c.Reason)
	return append(dst, '}')
}

// end writes the namespace itself.
func (s *stocktake) end(tx *transaction) {
	l := &tx.lists[nativeNamespacesArray]
	l.next()
	dst := append(l.tail, '{')
	dst = appendMember(dst, "name", tx.namespace.Name)
	dst = appendOptional(dst, "uid", tx.namespace.UID)
	dst = appendLabels(dst, "labels", tx.namespace.Labels)
	dst = appendLabels(dst, "annotations", tx.namespace.Annotations)
	dst = appendInt(dst, "pods", tx.stats.Pods)
	dst = appendInt(dst, "containers", tx.stats.Containers)
	l.tail = append(dst, '}')
}

// nativeOpening is the native body up to its first array. It tells how the run
// ended, although it comes first: a reader must know at once whether the inventory
// is complete, and the frame is written last.
func nativeOpening(head *Head, o *inventory.Outcome) string {
	dst := appendMember([]byte("{"), "format", StocktakeFormat)
	dst = append(appendKey(dst, "cluster"), '{')
	dst = appendMember(dst, "name", head.Cluster)
	dst = appendOptional(dst, "uid", head.ClusterUID)
	if head.Server.Known() {
		dst = appendServer(appendKey(dst, "version"), &head.Server)
	}
	dst = append(dst, '}')
	dst = appendRun(appendKey(dst, "run"), head, o)
	dst = append(appendKey(dst, "gaps"), '[')
	for i, gap := range o.Gaps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendGap(dst, gap)
	}
	dst = append(dst, ']')
	return string(append(appendKey(dst, "nodes"), '['))
}

func appendRun(dst []byte, head *Head, o *inventory.Outcome) []byte {
	dst = append(dst, '{')
	dst = appendOptional(dst, "id", head.Run)
	dst = appendOptional(dst, "tool_version", head.ToolVersion)
	dst = appendMember(dst, "started", stamp(head.Time))
	dst = appendMember(dst, "finished", stamp(o.Finished))
	dst = appendBool(dst, "complete", o.Complete)
	dst = appendOptional(dst, "consistency", string(o.Listing.Consistency))
	dst = appendOptional(dst, "resource_version", o.Listing.ResourceVersion)
	dst = appendInt(dst, "pages", o.Listing.Pages)
	return append(dst, '}')
}

func appendGap(dst []byte, gap inventory.Gap) []byte {
	dst = appendMember(append(dst, '{'), "source", gap.Source)
	return append(appendMember(dst, "reason", gap.Reason), '}')
}

func appendNativeNode(dst []byte, n *inventory.Node) []byte {
	dst = append(dst, '{')
	dst = appendMember(dst, "name", n.Name)
	dst = appendOptional(dst, "uid", n.UID)
	dst = appendOptional(dst, "os", n.OperatingSystem)
	dst = appendOptional(dst, "arch", n.Architecture)
	dst = appendOptional(dst, "os_image", n.OSImage)
	dst = appendOptional(dst, "kernel_version", n.KernelVersion)
	dst = appendOptional(dst, "container_runtime_version", n.ContainerRuntimeVersion)
	dst = appendOptional(dst, "kubelet_version", n.KubeletVersion)
	dst = appendLabels(dst, "labels", n.Labels)
	dst = appendLabels(dst, "annotations", n.Annotations)
	return append(dst, '}')
}
