package view

import (
	"fmt"
	"strconv"
	"strings"
)

// some lists the first few.
func some(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// singleName is an object as kubectl names one: deployment.apps/web.
func singleName(kind, apiVersion, name string) string {
	group, _, inGroup := strings.Cut(apiVersion, "/")
	kind = strings.ToLower(kind)
	if inGroup {
		kind += "." + group
	}
	return kind + "/" + name
}
