package saved

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// nativeForm reads native bodies. What pods refer to comes before them, so nothing of
// them is held.
type nativeForm struct {
	*gathered

	outcome inventory.Outcome
	images  []image.Image
	expect  map[string]int // pods by namespace
	begun   map[string]bool
	next    int    // of the namespaces: those before it are done, or their pods have come
	current string // the namespace whose pods come
	count   int    // of its pods so far
	pod     inventory.Pod
}

func newNativeForm(g *gathered) *nativeForm {
	return &nativeForm{gathered: g, expect: map[string]int{}, begun: map[string]bool{}}
}

// take implements form.
func (f *nativeForm) take(member string, value []byte) error {
	switch member {
	case "format":
		return checkFormat(value)
	case "cluster":
		return f.takeCluster(value)
	case "run":
		return f.takeRun(value)
	case "gaps":
		var gap inventory.Gap
		err := json.Unmarshal(value, &gap)
		f.outcome.Gaps = append(f.outcome.Gaps, gap)
		return err
	case "nodes":
		return f.takeNode(value)
	case "namespaces":
		return f.takeNamespace(value)
	case "images":
		return f.takeImage(value)
	case "pods":
		return f.takePod(value)
	}
	return nil
}

func (f *nativeForm) takeCluster(value []byte) error {
	var cluster struct {
		Name    string                  `json:"name"`
		UID     string                  `json:"uid"`
		Version inventory.ServerVersion `json:"version"`
	}
	err := json.Unmarshal(value, &cluster)
	f.head.cluster, f.head.uid, f.head.server = cluster.Name, cluster.UID, cluster.Version
	return err
}

func (f *nativeForm) takeRun(value []byte) error {
	var run struct {
		Started     time.Time             `json:"started"`
		Finished    time.Time             `json:"finished"`
		Complete    bool                  `json:"complete"`
		Consistency inventory.Consistency `json:"consistency"`
		Version     string                `json:"resource_version"`
		Pages       int                   `json:"pages"`
	}
	err := json.Unmarshal(value, &run)
	f.head.time, f.outcome.Finished, f.outcome.Complete = run.Started, run.Finished, run.Complete
	f.outcome.Listing = inventory.Listing{ResourceVersion: run.Version, Consistency: run.Consistency, Pages: run.Pages}
	return err
}

func (f *nativeForm) takeNode(value []byte) error {
	var n struct {
		nodeText

		OS      string `json:"os"`
		OSImage string `json:"os_image"`
	}
	err := json.Unmarshal(value, &n)
	node := n.record(f.texts)
	node.OperatingSystem, node.OSImage = n.OS, n.OSImage
	f.addNode(node)
	return err
}

func (f *nativeForm) takeNamespace(value []byte) error {
	var ns struct {
		namespaceText

		Pods int `json:"pods"`
	}
	if err := json.Unmarshal(value, &ns); err != nil {
		return err
	}
	if _, err := f.claim(ns.Name); err != nil {
		return err
	}
	if len(f.begun) > 0 {
		return errors.New("namespaces come before pods")
	}
	record := ns.record(f.texts)
	f.expect[record.Name] = ns.Pods
	f.loaded.Namespaces = append(f.loaded.Namespaces, record)
	return nil
}

func (f *nativeForm) takeImage(value []byte) error {
	var i nativeImage
	err := json.Unmarshal(value, &i)
	f.images = append(f.images, i.record())
	return err
}

// finish implements form: what is left are namespaces without pods.
func (f *nativeForm) finish() error {
	if err := f.leave(); err != nil {
		return err
	}
	if err := f.pass(""); err != nil {
		return err
	}
	if f.next < len(f.loaded.Namespaces) {
		name := f.loaded.Namespaces[f.next].Name
		return fmt.Errorf("%w: namespace %q has no pods and says that it has %d", ErrSchema, name, f.expect[name])
	}
	f.head.outcome = &f.outcome
	return nil
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
	p.Namespace = f.current
	if err := p.record(&f.pod, f.texts, f.images); err != nil {
		return err
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
