package anchoretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
)

// Counts are the objects of a report. Images counts the entries of a KAI body, the other fields those of a v2 body;
// Namespaces is filled for both.
type Counts struct {
	Namespaces int `json:"namespaces"`
	Nodes      int `json:"nodes"`
	Pods       int `json:"pods"`
	Containers int `json:"containers"`
	Images     int `json:"images"`
}

// CheckV2 reports the first reason for which a body of the v2 path (or of v1's kubernetes-inventory, which is the same)
// would be refused, worded as the service would: "None is not of type 'array' - 'containers'".
func CheckV2(body []byte) error {
	_, err := readV2(bytes.NewReader(body))
	return err
}

// v2Report is what must be remembered of a report to judge the references in it. Members come in any order (containers
// before pods, usually), so references are settled at the end.
type v2Report struct {
	counts     Counts
	namespaces uidSet
	nodes      uidSet
	pods       uidSet
	placed     []placement // by pod, in order
	podOf      []uid       // by container, in order
	containers uidSet      // hashes of pod UID and container id
}

// placement is where a pod says it belongs.
type placement struct {
	namespace uid
	node      uid
	hasNode   bool
}

// readV2 checks a report while it streams.
func readV2(r io.Reader) (Counts, error) {
	c := &v2Report{namespaces: uidSet{}, nodes: uidSet{}, pods: uidSet{}, containers: uidSet{}}
	seen, err := members(r, c.member)
	if err != nil {
		return c.counts, err
	}
	if err := checkPresent(seen, v2Top); err != nil {
		return c.counts, err
	}
	return c.counts, c.settle()
}

func (c *v2Report) member(name string, dec *json.Decoder) error {
	switch name {
	case "namespaces":
		return elements(dec, name, c.namespace)
	case "nodes":
		return elements(dec, name, c.node)
	case "pods":
		return elements(dec, name, c.pod)
	case "containers":
		return elements(dec, name, c.container)
	}
	return checkMember(dec, name, v2Top)
}

func (c *v2Report) namespace(path string, item object) error {
	c.counts.Namespaces++
	return c.identified(path, item, v2Namespace, c.namespaces)
}

func (c *v2Report) node(path string, item object) error {
	c.counts.Nodes++
	return c.identified(path, item, v2Node, c.nodes)
}

func (c *v2Report) pod(path string, item object) error {
	c.counts.Pods++
	if err := c.identified(path, item, v2Pod, c.pods); err != nil {
		return err
	}
	var p placement
	p.namespace, _ = parseUID(item["namespace_uid"])
	if raw, ok := item["node_uid"]; ok {
		p.node, _ = parseUID(raw)
		p.hasNode = true
	}
	c.placed = append(c.placed, p)
	return nil
}

func (c *v2Report) container(path string, item object) error {
	c.counts.Containers++
	if err := checkObject(path, item, v2Container); err != nil {
		return err
	}
	pod, _ := parseUID(item["pod_uid"])
	c.podOf = append(c.podOf, pod)
	if !c.containers.add(containerKey(pod, item["id"])) {
		return at(path+".id", fmt.Errorf("%s is in this report twice", excerpt(item["id"])))
	}
	return nil
}

// identified checks an object that has a UID of its own, which no other of its kind may have.
func (c *v2Report) identified(path string, item object, schema []property, known uidSet) error {
	if err := checkObject(path, item, schema); err != nil {
		return err
	}
	id, err := parseUID(item["uid"])
	if err != nil {
		return at(path+".uid", err)
	}
	if !known.add(id) {
		return at(path+".uid", fmt.Errorf("'%s' is in this report twice", id))
	}
	return nil
}

// settle judges the references between objects, now that all are known.
func (c *v2Report) settle() error {
	for i, p := range c.placed {
		if !c.namespaces.has(p.namespace) {
			return dangling(fmt.Sprintf("pods.%d.namespace_uid", i), p.namespace, "namespaces")
		}
		if p.hasNode && !c.nodes.has(p.node) {
			return dangling(fmt.Sprintf("pods.%d.node_uid", i), p.node, "nodes")
		}
	}
	for i, pod := range c.podOf {
		if !c.pods.has(pod) {
			return dangling(fmt.Sprintf("containers.%d.pod_uid", i), pod, "pods")
		}
	}
	return nil
}

func dangling(path string, id uid, among string) error {
	return at(path, fmt.Errorf("'%s' is not among the %s of this report", id, among))
}

// containerKey stands for a container in a set; 16 bytes instead of the hundred that runtimes give their ids.
func containerKey(pod uid, id json.RawMessage) uid {
	h := fnv.New128a()
	h.Write(pod[:])
	h.Write(id)
	return uid(h.Sum(nil))
}
