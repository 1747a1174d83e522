package saved

import (
	"encoding/json"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// probe is what shows in the members of a saved body.
type probe struct {
	members    map[string]bool
	namespaces []string
	pods       int
	containers int
	images     int             // of a body of KAI, which has no pods
	incomplete bool            // it says so itself
	gaps       []inventory.Gap // that it names, the first of them
}

// maxGaps is how many gaps of a saved body are kept.
const maxGaps = 1000

// judge takes an element that tells whether the body was saved as incomplete, which
// only the native kind says. One word against it counts, whatever else is said.
func (p *probe) judge(e part) {
	switch {
	case e.member == "run" && e.key == "complete" && string(e.value) != "true":
		p.incomplete = true
	case e.member == "gaps":
		var gap inventory.Gap
		if json.Unmarshal(e.value, &gap) == nil && len(p.gaps) < maxGaps {
			p.gaps = append(p.gaps, gap)
		}
		p.incomplete = true
	}
}

// count takes an element of a member. What is not of the expected form counts for
// nothing here; the schema finds it.
func (p *probe) count(member string, element []byte) {
	switch member {
	case "pods":
		p.pods++
	case "containers":
		p.containers++
	case "namespaces", "results":
		var of struct {
			Name       string `json:"name"`
			Namespace  string `json:"namespace"`
			Containers int    `json:"containers"`
			Images     []any  `json:"images"`
		}
		if json.Unmarshal(element, &of) == nil {
			p.namespaces = append(p.namespaces, of.Name+of.Namespace)
			p.containers += of.Containers
			p.images += len(of.Images)
		}
	}
}

// kind recognises a body by members that no other kind has.
func (p *probe) kind() (payload.Kind, error) {
	switch {
	case p.members["format"]:
		return payload.Stocktake, nil
	case p.members["results"]:
		return payload.KAI, nil
	case p.members["containers"], p.members["pods"]:
		return payload.Anchore, nil
	case p.members["record"]:
		return "", errObjects
	}
	return "", errNoInventory
}
