package saved

import (
	"fmt"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// held are the pods and containers of a body for Anchore, which are put together when
// it has ended.
type held struct {
	containers []heldContainer
	pods       []inventory.Pod
	index      map[string]int    // of pods by UID
	namespaces map[string]string // names by UID
	nodeNames  map[string]string // likewise
	known      []image.Image

	// Once the body has ended.
	order   []int // places of containers, pod by pod
	starts  []int // by pod: where its containers start in order
	scratch []inventory.Container
	shown   map[heldContainer]bool // of the pod at hand
}

// heldContainer is a container that waits for its pod.
type heldContainer struct {
	pod      string // its UID
	name, id string
	image    int
}

func newHeld() held {
	return held{index: map[string]int{}, namespaces: map[string]string{}, nodeNames: map[string]string{}, shown: map[heldContainer]bool{}}
}

// group returns the places of pods by namespace, and sorts containers by pod, both in
// the order in which they came.
func (h *held) group() (map[string][]int, error) {
	pods := map[string][]int{}
	for i := range h.pods {
		p := &h.pods[i]
		namespace, known := h.namespaces[p.Namespace]
		if !known {
			return nil, fmt.Errorf("pods[%d]: namespace_uid %s is that of no namespace", i, p.Namespace)
		}
		p.Namespace, p.Node = namespace, h.nodeNames[p.Node]
		pods[namespace] = append(pods[namespace], i)
	}
	return pods, h.sortContainers()
}

// sortContainers brings the containers into the order of their pods. It counts, and so
// needs no more memory than the containers themselves.
func (h *held) sortContainers() error {
	h.starts = make([]int, len(h.pods)+1)
	for i := range h.containers {
		pod, known := h.index[h.containers[i].pod]
		if !known {
			return fmt.Errorf("containers[%d]: pod_uid %s is that of no pod", i, h.containers[i].pod)
		}
		h.starts[pod+1]++
	}
	for i := range h.pods {
		h.starts[i+1] += h.starts[i]
	}
	h.order = make([]int, len(h.containers))
	next := append([]int(nil), h.starts...)
	for i := range h.containers {
		pod := h.index[h.containers[i].pod]
		h.order[next[pod]] = i
		next[pod]++
	}
	return nil
}

// pod returns a pod with its containers. One that comes twice is the same container:
// Anchore's own collector repeats those of a namespace that matches two routes.
func (h *held) pod(i int) *inventory.Pod {
	p := &h.pods[i]
	p.Containers = h.scratch[:0]
	clear(h.shown)
	for _, at := range h.order[h.starts[i]:h.starts[i+1]] {
		c := h.containers[at]
		if h.shown[c] {
			continue
		}
		h.shown[c] = true
		p.Containers = append(p.Containers, inventory.Container{Name: c.name, ID: c.id, Image: h.known[c.image]})
	}
	h.scratch = p.Containers
	return p
}
