package payload

import (
	"strconv"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

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

// countImage counts the use of an image that is always reported.
func (s *Stats) countImage(img *image.Image, fresh bool) {
	s.Containers++
	if fresh {
		s.Images++
	}
	if img.Digest() == "" {
		s.WithoutDigest++
	}
	if img.Flags.Has(image.Invalid) {
		s.Invalid++
	}
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

func appendInt(dst []byte, key string, value int) []byte {
	return strconv.AppendInt(appendKey(dst, key), int64(value), 10)
}

func appendBool(dst []byte, key string, value bool) []byte {
	return strconv.AppendBool(appendKey(dst, key), value)
}
