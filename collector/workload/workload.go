// Package workload makes records of what runs in a cluster, and of what it runs on,
// out of the objects that package kube lists: pods, namespaces, nodes.
//
// Of a pod's five kilobytes an inventory needs about five hundred bytes.
// The decoder walks the protobuf encoding field by field, remembers where the
// wanted bytes are, and skips the rest without copying; strings that repeat
// from pod to pod (images, labels, nodes) exist once. Where a server speaks no
// protobuf the same records are filled from streamed JSON.
//
// What an object may cost is bounded by its bytes, not by the number of labels,
// owners or containers in it.
package workload

import "stocktake/collector/kube"

// Pods is the resource of pods.
func Pods() kube.Resource { return kube.Core("pods", "Pod", true) }

// Nodes is the resource of nodes.
func Nodes() kube.Resource { return kube.Core("nodes", "Node", false) }

// jobs is the resource of Jobs.
func jobs() kube.Resource {
	return kube.Resource{Group: "batch", Version: "v1", Plural: "jobs", Kind: "Job", List: "JobList", Namespaced: true}
}

// Keeps say which labels and annotations of each resource are read.
type Keeps struct{ Pods, Nodes, Namespaces Keep }

// Keep chooses the metadata that is read. What is not kept is never copied
// from the wire: annotations of a pod may hold 256 KiB.
//
// Its functions are called from the goroutine that reads, and from no other, so that
// they may remember what they said without a lock as long as readings do not overlap.
// They must not keep the key.
type Keep struct {
	Labels      func(key []byte) bool // nil keeps all
	Annotations func(key []byte) bool // nil keeps none
}

// KeepNothing reads neither labels nor annotations.
func KeepNothing() Keep { return Keep{Labels: func([]byte) bool { return false }} }

func (k Keep) label(key []byte) bool      { return k.Labels == nil || k.Labels(key) }
func (k Keep) annotation(key []byte) bool { return k.Annotations != nil && k.Annotations(key) }
