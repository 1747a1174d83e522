package payload

import (
	"fmt"

	"stocktake/collector/inventory"
)

// group returns the places of pods by namespace, and sorts containers by pod, both in
// the order in which they came.
func (f *anchoreForm) group() (map[string][]int, error) {
	pods := map[string][]int{}
	for i := range f.pods {
		p := &f.pods[i]
		namespace, known := f.namespaces[p.Namespace]
		if !known {
			return nil, fmt.Errorf("pods[%d]: namespace_uid %s is that of no namespace", i, p.Namespace)
		}
		p.Namespace, p.Node = namespace, f.nodes[p.Node]
		pods[namespace] = append(pods[namespace], i)
	}
	return pods, f.sortContainers()
}

// sortContainers brings the containers into the order of their pods. It counts, and so
// needs no more memory than the containers themselves.
func (f *anchoreForm) sortContainers() error {
	f.starts = make([]int, len(f.pods)+1)
	for i := range f.containers {
		pod, known := f.index[f.containers[i].pod]
		if !known {
			return fmt.Errorf("containers[%d]: pod_uid %s is that of no pod", i, f.containers[i].pod)
		}
		f.starts[pod+1]++
	}
	for i := range f.pods {
		f.starts[i+1] += f.starts[i]
	}
	f.order = make([]int, len(f.containers))
	next := append([]int(nil), f.starts...)
	for i := range f.containers {
		pod := f.index[f.containers[i].pod]
		f.order[next[pod]] = i
		next[pod]++
	}
	return nil
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

// pod returns a pod with its containers. One that comes twice is the same container:
// Anchore's own collector repeats those of a namespace that matches two routes.
func (f *anchoreForm) pod(i int) *inventory.Pod {
	p := &f.pods[i]
	p.Containers = f.scratch[:0]
	clear(f.shown)
	for _, at := range f.order[f.starts[i]:f.starts[i+1]] {
		c := f.containers[at]
		if f.shown[c] {
			continue
		}
		f.shown[c] = true
		p.Containers = append(p.Containers, inventory.Container{Name: c.name, ID: c.id, Image: f.known[c.image]})
	}
	f.scratch = p.Containers
	return p
}
