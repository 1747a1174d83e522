package payload

import (
	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// The arrays of the v2 body, in alphabetical order like all of its keys, because
// Anchore's own collector writes them so.
const (
	containersArray = iota
	namespacesArray
	nodesArray
	podsArray
)

// anchore encodes the body of POST /v2/kubernetes-inventory. Its schema wants
// UIDs of 36 characters, container IDs and image tags, and arrays that are never
// null; it ignores keys it does not know, such as serverVersionMetadata.
type anchore struct {
	names namer
	nodes []*inventory.Node
	index map[string]int // of nodes by name
	last  []int          // by node: the ordinal of the namespace that last referred to it
}

func newAnchore(head *Head, names namer, left *Stats) layout {
	a := &anchore{names: names, index: make(map[string]int, len(head.Nodes))}
	for i := range head.Nodes {
		a.takeNode(&head.Nodes[i], left)
	}
	a.last = make([]int, len(a.nodes))
	return layout{
		frame:   anchoreFrame(head),
		encoder: a,
		nodes:   &nodeList{array: nodesArray, all: a.nodes, append: appendNode},
		uids:    true,
	}
}

// takeNode makes a node known to pods.
func (a *anchore) takeNode(n *inventory.Node, left *Stats) {
	if !isUID(n.UID) {
		left.leave(NodeWithoutUID, n.Name)
		return
	}
	if _, known := a.index[n.Name]; known {
		return
	}
	a.index[n.Name] = len(a.nodes)
	a.nodes = append(a.nodes, n)
}

func anchoreFrame(head *Head) []string {
	start := appendMember([]byte("{"), "cluster_name", head.Cluster)
	start = append(start, `,"containers":[`...)
	end := append([]byte(`],"serverVersionMetadata":`), appendServer(nil, &head.Server)...)
	end = appendMember(end, "timestamp", stamp(head.Time))
	end = append(end, '}')
	return []string{string(start), `],"namespaces":[`, `],"nodes":[`, `],"pods":[`, string(end)}
}

// pod writes a pod and its containers.
func (a *anchore) pod(tx *transaction, p *inventory.Pod) {
	if !isUID(p.UID) {
		tx.stats.leave(PodWithoutUID, p.Namespace, p.Name)
		return
	}
	l := &tx.lists[podsArray]
	l.next()
	l.tail = append(l.tail, '{')
	l.tail = appendLabels(l.tail, "annotations", p.Annotations)
	l.tail = appendLabels(l.tail, "labels", p.Labels)
	l.tail = appendMember(l.tail, "name", p.Name)
	l.tail = appendMember(l.tail, "namespace_uid", tx.namespace.UID)
	l.tail = appendOptional(l.tail, "node_uid", a.node(tx, p))
	l.tail = appendMember(l.tail, "uid", p.UID)
	l.tail = append(l.tail, '}')
	tx.stats.Pods++
	for i := range p.Containers {
		a.container(tx, p, &p.Containers[i])
	}
}

// node returns the UID of the pod's node, if the body lists the node, and notes
// that the namespace needs it.
func (a *anchore) node(tx *transaction, p *inventory.Pod) string {
	if p.Node == "" {
		return ""
	}
	i, known := a.index[p.Node]
	if !known {
		tx.stats.leave(NodeUnknown, p.Namespace, p.Name)
		return ""
	}
	if a.last[i] != tx.ordinal {
		a.last[i] = tx.ordinal
		tx.nodes = append(tx.nodes, i)
	}
	return a.nodes[i].UID
}

func (a *anchore) container(tx *transaction, p *inventory.Pod, c *inventory.Container) {
	name, reason := a.names.anchore(c)
	if reason != "" {
		tx.stats.leave(reason, p.Namespace, p.Name, c.Name)
		return
	}
	l := &tx.lists[containersArray]
	l.next()
	l.tail = append(l.tail, '{')
	l.tail = appendMember(l.tail, "id", c.ID)
	l.tail = appendMember(l.tail, "image_digest", name.digest)
	l.tail = name.append(appendKey(l.tail, "image_tag"))
	l.tail = appendMember(l.tail, "name", c.Name)
	l.tail = appendMember(l.tail, "pod_uid", p.UID)
	l.tail = append(l.tail, '}')
	tx.count(name, c.Image.Flags.Has(image.Invalid))
}

// end writes the namespace itself.
func (a *anchore) end(tx *transaction) {
	l := &tx.lists[namespacesArray]
	l.next()
	l.tail = append(l.tail, '{')
	l.tail = appendLabels(l.tail, "annotations", tx.namespace.Annotations)
	l.tail = appendLabels(l.tail, "labels", tx.namespace.Labels)
	l.tail = appendMember(l.tail, "name", tx.namespace.Name)
	l.tail = appendMember(l.tail, "uid", tx.namespace.UID)
	l.tail = append(l.tail, '}')
}

func appendNode(dst []byte, n *inventory.Node) []byte {
	dst = append(dst, '{')
	dst = appendLabels(dst, "annotations", n.Annotations)
	dst = appendOptional(dst, "arch", n.Architecture)
	dst = appendOptional(dst, "container_runtime_version", n.ContainerRuntimeVersion)
	dst = appendOptional(dst, "kernel_version", n.KernelVersion)
	dst = appendOptional(dst, "kubelet_version", n.KubeletVersion)
	dst = appendLabels(dst, "labels", n.Labels)
	dst = appendMember(dst, "name", n.Name)
	dst = appendOptional(dst, "operating_system", n.OperatingSystem)
	dst = appendMember(dst, "uid", n.UID)
	return append(dst, '}')
}

// isUID reports whether s has the form that Anchore's schema asks of every UID:
// lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12. The API server
// makes no others, but it accepts any text from who creates objects by hand, and
// one bad UID makes the receiver refuse the whole body.
func isUID(s string) bool {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		isDigit := '0' <= s[i] && s[i] <= '9' || 'a' <= s[i] && s[i] <= 'f'
		if isDigit != (form[i] == 'x') || !isDigit && s[i] != '-' {
			return false
		}
	}
	return true
}
