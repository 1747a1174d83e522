package saved

import (
	"encoding/json"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// anchoreForm reads bodies for Anchore. Containers come first and name their pod, pods
// come last and name their namespace, and bodies of others have both in no order; so
// the records are held, compactly, until the body has ended.
type anchoreForm struct {
	*gathered
	held

	images map[heldImage]int
}

// heldImage is an image as the body has it.
type heldImage struct{ tag, digest string }

func newAnchoreForm(g *gathered) *anchoreForm {
	return &anchoreForm{gathered: g, held: newHeld(), images: map[heldImage]int{}}
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
	number, known := f.images[heldImage{c.Tag, c.Digest}]
	if !known {
		number = len(f.known)
		f.images[heldImage{c.Tag, c.Digest}] = number
		f.known = append(f.known, imageOf(payload.Anchore, c.Tag, c.Digest, f.inserted))
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
	var ns namespaceText
	if err := json.Unmarshal(value, &ns); err != nil {
		return err
	}
	if f.namespaces[ns.UID] == ns.Name {
		return nil // Anchore's own collector repeats one that matches two of its routes
	}
	f.namespaces[ns.UID] = f.texts.text(ns.Name)
	first, err := f.claim(ns.Name)
	if first {
		f.loaded.Namespaces = append(f.loaded.Namespaces, ns.record(f.texts))
	}
	return err
}

func (f *anchoreForm) takeNode(value []byte) error {
	var n struct {
		nodeText

		OS string `json:"operating_system"`
	}
	if err := json.Unmarshal(value, &n); err != nil || n.Name == "" {
		return err // Anchore's own collector has a node of nothing for pods without one
	}
	node := n.record(f.texts)
	node.OperatingSystem = n.OS
	f.nodeNames[n.UID] = node.Name
	f.addNode(node)
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

// show visits the namespaces that no body before this one had.
func (f *anchoreForm) show(pods map[string][]int) error {
	for _, ns := range f.loaded.Namespaces {
		if f.home[ns.Name] != len(f.times) {
			continue
		}
		for _, i := range pods[ns.Name] {
			if err := f.showPod(f.pod(i)); err != nil {
				return err
			}
		}
		if err := f.showEnd(ns.Name); err != nil {
			return err
		}
	}
	return nil
}
