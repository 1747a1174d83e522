package objects

import (
	"fmt"
	"slices"
	"strings"

	"stocktake/collector/kube"
)

// namesOf names resources, in order of appearance.
func namesOf(rights []kube.Right) string {
	var names []string
	for _, r := range rights {
		name := strings.TrimPrefix(r.String(), "list ")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// forbidden says how to get the rights that lack, or to do without.
func forbidden(cause error, lacks []kube.Right) error {
	return fmt.Errorf("objects: %w: grant %s (stocktake rbac prints the whole role), or leave out what may not be listed with objects.skip-forbidden=true", cause, rulesOf(lacks))
}

// rulesOf are rights as a role spells them.
func rulesOf(rights []kube.Right) string {
	var groups []string
	plurals := map[string][]string{}
	for _, r := range rights {
		if plurals[r.Group] == nil {
			groups = append(groups, r.Group)
		}
		if !slices.Contains(plurals[r.Group], r.Resource) {
			plurals[r.Group] = append(plurals[r.Group], r.Resource)
		}
	}
	rules := make([]string, len(groups))
	for i, group := range groups {
		rules[i] = fmt.Sprintf(`{apiGroups: [%q], resources: ["%s"], verbs: ["list"]}`, group, strings.Join(plurals[group], `", "`))
	}
	return strings.Join(rules, ", ")
}
