package report

import (
	"cmp"
	"slices"
	"strings"
)

// Order is what the rows of a view are sorted by: names ascending, counts the
// largest first. Rows that are equal stay in the order of their names.
type Order string

// ImageOrders are the orders of images, the usual one first.
func ImageOrders() []Order {
	return []Order{"name", "tag", "digest", "registry", "pods", "containers", "namespaces", "workloads", "nodes"}
}

// GroupOrders are the orders of groups, the usual one first.
func GroupOrders() []Order { return []Order{"name", "images", "pods", "containers", "digest"} }

// sortImages sorts lines by one of ImageOrders; by any other they stay as they
// are.
func sortImages(lines []Line, by Order) {
	slices.SortStableFunc(lines, func(a, b Line) int {
		switch by {
		case "tag":
			return strings.Compare(a.Tag, b.Tag)
		case "digest":
			return strings.Compare(a.Digest, b.Digest)
		case "registry":
			return strings.Compare(a.Registry, b.Registry)
		case "pods":
			return cmp.Compare(b.Pods, a.Pods)
		case "containers":
			return cmp.Compare(b.Containers, a.Containers)
		case "namespaces":
			return cmp.Compare(len(b.Namespaces), len(a.Namespaces))
		case "workloads":
			return cmp.Compare(len(b.Workloads), len(a.Workloads))
		case "nodes":
			return cmp.Compare(len(b.Nodes), len(a.Nodes))
		}

		return 0
	})
}

// sortGroups sorts groups by one of GroupOrders; digest puts those first with
// the most images whose digest is unknown.
func sortGroups(groups []Group, by Order) {
	slices.SortStableFunc(groups, func(a, b Group) int {
		switch by {
		case "images":
			return cmp.Compare(len(b.Images), len(a.Images))
		case "pods":
			return cmp.Compare(b.Pods, a.Pods)
		case "containers":
			return cmp.Compare(b.Containers, a.Containers)
		case "digest":
			return cmp.Compare(b.WithoutDigest, a.WithoutDigest)
		}

		return 0
	})
}
