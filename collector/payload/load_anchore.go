package payload

import (
	"encoding/json"
	"fmt"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// anchoreForm reads bodies for Anchore. Containers come first and name their pod, pods
// come last and name their namespace, and bodies of others have both in no order; so
// the records are held, compactly, until the body has ended.
type anchoreForm struct {
	*loader
	containers []heldContainer
	pods       []inventory.Pod
	index      map[string]int    // of pods by UID
	namespaces map[string]string // names by UID
	nodes      map[string]string // likewise
	images     map[kaiImage]int
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

func newAnchoreForm(l *loader) *anchoreForm {
	return &anchoreForm{
		loader: l, index: map[string]int{}, namespaces: map[string]string{}, nodes: map[string]string{}, images: map[kaiImage]int{},
		shown: map[heldContainer]bool{},
	}
}

// take implements form.
func (f *anchoreForm) take(member string, value []byte) error {
	switch member {
	case "containers":
		return f.takeContainer(value)
	case "namespaces":
		return f.takeNamespace(value)
	case "nodes":
		return f.takeNode(value)
	case "pods":
		return f.takePod(value)
	}
	return f.head.take(member, value)
}

func (f *anchoreForm) takeContainer(value []byte) error {
	var c struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Pod    string `json:"pod_uid"`
		Tag    string `json:"image_tag"`
		Digest string `json:"image_digest"`
	}
	if err := json.Unmarshal(value, &c); err != nil {
		return err
	}
	number, known := f.images[kaiImage{c.Tag, c.Digest}]
	if !known {
		number = len(f.known)
		f.images[kaiImage{c.Tag, c.Digest}] = number
		f.known = append(f.known, newNamer(&f.options).imageOf(Anchore, c.Tag, c.Digest))
	}
	f.containers = append(f.containers, heldContainer{pod: f.uid(c.Pod), name: f.texts.text(c.Name), id: c.ID, image: number})
	return nil
}

// uid keeps one copy of the UID that the containers of a pod repeat one after the other.
func (f *anchoreForm) uid(pod string) string {
	if n := len(f.containers); n > 0 && f.containers[n-1].pod == pod {
		return f.containers[n-1].pod
	}
	return pod
}

func (f *anchoreForm) takeNamespace(value []byte) error {
	var ns struct {
		Name        string    `json:"name"`
		UID         string    `json:"uid"`
		Labels      labelList `json:"labels"`
		Annotations labelList `json:"annotations"`
	}
	if err := json.Unmarshal(value, &ns); err != nil {
		return err
	}
	if f.namespaces[ns.UID] == ns.Name {
		return nil // Anchore's own collector repeats one that matches two of its routes
	}
	f.namespaces[ns.UID] = f.texts.text(ns.Name)
	first, err := f.claim(ns.Name)
	if first {
		f.loaded.Namespaces = append(f.loaded.Namespaces, inventory.Namespace{
			Name: f.texts.text(ns.Name), UID: ns.UID, Labels: ns.Labels, Annotations: ns.Annotations,
		})
	}
	return err
}

func (f *anchoreForm) takeNode(value []byte) error {
	var n struct {
		Name        string    `json:"name"`
		UID         string    `json:"uid"`
		OS          string    `json:"operating_system"`
		Arch        string    `json:"arch"`
		Kernel      string    `json:"kernel_version"`
		Runtime     string    `json:"container_runtime_version"`
		Kubelet     string    `json:"kubelet_version"`
		Labels      labelList `json:"labels"`
		Annotations labelList `json:"annotations"`
	}
	if err := json.Unmarshal(value, &n); err != nil || n.Name == "" {
		return err // Anchore's own collector has a node of nothing for pods without one
	}
	f.nodes[n.UID] = f.texts.text(n.Name)
	f.addNode(inventory.Node{
		Name: f.texts.text(n.Name), UID: n.UID, OperatingSystem: n.OS, Architecture: n.Arch, KernelVersion: n.Kernel,
		ContainerRuntimeVersion: n.Runtime, KubeletVersion: n.Kubelet, Labels: n.Labels, Annotations: n.Annotations,
	})
	return nil
}

func (f *anchoreForm) takePod(value []byte) error {
	var p struct {
		Name        string    `json:"name"`
		UID         string    `json:"uid"`
		Namespace   string    `json:"namespace_uid"`
		Node        string    `json:"node_uid"`
		Labels      labelList `json:"labels"`
		Annotations labelList `json:"annotations"`
	}
	if err := json.Unmarshal(value, &p); err != nil {
		return err
	}
	if _, known := f.index[p.UID]; known {
		return nil // repeated as namespaces are
	}
	f.index[p.UID] = len(f.pods)
	f.texts.labels(p.Labels)
	f.texts.labels(p.Annotations)
	f.pods = append(f.pods, inventory.Pod{
		Namespace: f.texts.text(p.Namespace), Name: p.Name, UID: p.UID, Node: f.texts.text(p.Node), Labels: p.Labels, Annotations: p.Annotations,
	})
	return nil
}

// finish implements form: now that everything is known, it is put together.
func (f *anchoreForm) finish() error {
	byNamespace, err := f.group()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return f.show(byNamespace)
}
