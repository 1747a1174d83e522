package view

import "strings"

// singleName is an object as kubectl names one: deployment.apps/web.
func singleName(kind, apiVersion, name string) string {
	group, _, inGroup := strings.Cut(apiVersion, "/")
	kind = strings.ToLower(kind)
	if inGroup {
		kind += "." + group
	}
	return kind + "/" + name
}

// list is never null in JSON.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
