package payload

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
)

// bodyProbe is what shows in the members of a saved body.
type bodyProbe struct {
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
func (c *bodyProbe) judge(p part) {
	switch {
	case p.member == "run" && p.key == "complete" && string(p.value) != "true":
		c.incomplete = true
	case p.member == "gaps":
		var gap inventory.Gap
		if json.Unmarshal(p.value, &gap) == nil && len(c.gaps) < maxGaps {
			c.gaps = append(c.gaps, gap)
		}
		c.incomplete = true
	}
}

// count takes an element of a member. What is not of the expected form counts for
// nothing here; the schema finds it.
func (c *bodyProbe) count(member string, element []byte) {
	switch member {
	case "pods":
		c.pods++
	case "containers":
		c.containers++
	case "namespaces", "results":
		var of struct {
			Name       string `json:"name"`
			Namespace  string `json:"namespace"`
			Containers int    `json:"containers"`
			Images     []any  `json:"images"`
		}
		if json.Unmarshal(element, &of) == nil {
			c.namespaces = append(c.namespaces, of.Name+of.Namespace)
			c.containers += of.Containers
			c.images += len(of.Images)
		}
	}
}

// kind recognises a body by members that no other kind has.
func (c *bodyProbe) kind() (Kind, error) {
	switch {
	case c.members["format"]:
		return Stocktake, nil
	case c.members["results"]:
		return KAI, nil
	case c.members["containers"], c.members["pods"]:
		return Anchore, nil
	}
	return "", errNoInventory
}

var errNoInventory = fmt.Errorf("%w: not an inventory: it has neither of the members format, results, containers and pods", ErrSchema)

//go:embed anchore.schema.json
var anchoreSchema string

//go:embed kai.schema.json
var kaiSchema string

// checkSaved compares a body with the schema of its kind.
func checkSaved(b *Body) error {
	s, err := schemaOf(b.Kind)
	if err != nil {
		return err
	}
	plain := b.Plain()
	return errors.Join(s.check(plain), plain.Close())
}

// schemaOf returns the schema of bodies of a kind.
func schemaOf(kind Kind) (*schema, error) {
	schemas := map[Kind]string{Anchore: anchoreSchema, KAI: kaiSchema, Stocktake: stocktakeSchema}
	if schemas[kind] == "" {
		return nil, fmt.Errorf("no inventory is of the kind %q", kind)
	}
	return readSchema(schemas[kind])
}
