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
