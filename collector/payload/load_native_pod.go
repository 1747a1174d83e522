package payload

import (
	"cmp"
	"encoding/json"
	"fmt"

	"stocktake/collector/inventory"
)

// nativePod is a pod as the native body has it.
type nativePod struct {
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	UID         string            `json:"uid"`
	Phase       inventory.Phase   `json:"phase"`
	Node        string            `json:"node"`
	Static      bool              `json:"static"`
	Owner       inventory.Owner   `json:"owner"`
	Workload    nativeWorkload    `json:"workload"`
	Labels      labelList         `json:"labels"`
	Annotations labelList         `json:"annotations"`
	Containers  []nativeContainer `json:"containers"`
}

type nativeWorkload struct {
	inventory.Owner
	Derived bool `json:"derived"`
}

type nativeContainer struct {
	Kind   inventory.Kind  `json:"kind"`
	Name   string          `json:"name"`
	ID     string          `json:"id"`
	Image  int             `json:"image"`
	State  inventory.State `json:"state"`
	Reason string          `json:"reason"`
}

func (f *nativeForm) takePod(value []byte) error {
	var p nativePod
	if err := json.Unmarshal(value, &p); err != nil {
		return err
	}
	if f.current != p.Namespace {
		if err := f.leave(); err != nil {
			return err
		}
		if err := f.enter(p.Namespace); err != nil {
			return err
		}
	}
	f.count++
	f.pod = inventory.Pod{
		Namespace: f.current, Name: p.Name, UID: p.UID, Phase: inventory.Phase(f.texts.text(string(p.Phase))), Node: f.texts.text(p.Node),
		Static: p.Static, Owner: p.Owner, Workload: cmp.Or(p.Workload.Owner, p.Owner), Derived: p.Workload.Derived, Labels: p.Labels, Annotations: p.Annotations, Containers: f.pod.Containers[:0],
	}
	for i, c := range p.Containers {
		if c.Image >= len(f.images) {
			return fmt.Errorf("containers[%d].image: %d, and %d images came before the pods", i, c.Image, len(f.images))
		}
		f.pod.Containers = append(f.pod.Containers, inventory.Container{
			Kind: inventory.Kind(f.texts.text(string(c.Kind))), Name: f.texts.text(c.Name), ID: c.ID, Image: f.images[c.Image],
			State: inventory.State(f.texts.text(string(c.State))), Reason: f.texts.text(c.Reason),
		})
	}
	return f.showPod(&f.pod)
}

// enter begins with the pods of a namespace.
func (f *nativeForm) enter(namespace string) error {
	_, known := f.expect[namespace]
	switch {
	case !known:
		return fmt.Errorf("namespace %q is not among the namespaces, which come before the pods", namespace)
	case f.begun[namespace]:
		return fmt.Errorf("pods of namespace %q stand apart from the others", namespace)
	}
	if err := f.pass(namespace); err != nil {
		return err
	}
	f.begun[namespace] = true
	f.current, f.count = f.texts.text(namespace), 0
	return nil
}

// pass ends the namespaces without pods that stand before a namespace, so that all are
// visited in the order of the body.
func (f *nativeForm) pass(namespace string) error {
	for f.next < len(f.loaded.Namespaces) {
		name := f.loaded.Namespaces[f.next].Name
		if name != namespace && f.expect[name] > 0 && !f.begun[name] {
			return nil // its pods are still to come
		}
		f.next++
		if name == namespace {
			return nil
		}
		if f.begun[name] {
			continue
		}
		f.begun[name] = true
		if err := f.showEnd(name); err != nil {
			return err
		}
	}
	return nil
}

// leave ends the namespace, which must have as many pods as it says: if not, somebody
// has cut the body short.
func (f *nativeForm) leave() error {
	if f.current == "" {
		return nil
	}
	namespace := f.current
	f.current = ""
	if want := f.expect[namespace]; f.count != want {
		return fmt.Errorf("%w: namespace %q has %d pods and says that it has %d", ErrSchema, namespace, f.count, want)
	}
	return f.showEnd(namespace)
}
