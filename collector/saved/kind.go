package saved

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"stocktake/collector/payload"
)

// kindBy recognises a kind by a member, or says that bodies of several kinds have it.
// All bodies that name nodes and pods before anything of the native one are Anchore's.
func kindBy(member string) (kind payload.Kind, neutral bool) {
	switch member {
	case "format", "cluster", "run", "gaps", "images":
		return payload.Stocktake, false
	case "inventory_type", "results":
		return payload.KAI, false
	case "containers", "namespaces", "nodes", "pods":
		return payload.Anchore, false
	case "record":
		return payload.Objects, false
	case "cluster_name", "timestamp", "serverVersionMetadata":
		return "", true
	}
	return "", false
}

// checkFormat refuses native bodies of a version that is not known here. What a later
// version says could be misunderstood in silence.
func checkFormat(value []byte) error {
	var format string
	if err := json.Unmarshal(value, &format); err != nil {
		return err
	}
	name, _, _ := strings.Cut(payload.StocktakeFormat, "/")
	switch version, ours := strings.CutPrefix(format, name+"/"); {
	case format == payload.StocktakeFormat:
		return nil
	case ours:
		return fmt.Errorf("%.40q is what a newer %s writes, and this one reads %q: update it", name+"/"+version, name, payload.StocktakeFormat)
	}
	return fmt.Errorf("%.80q is not %q", format, payload.StocktakeFormat)
}

// errObjects is a body of whole objects in the place of an inventory.
var errObjects = fmt.Errorf("%w: whole objects, not an inventory: stocktake objects -f shows them", ErrSchema)

var errNoInventory = fmt.Errorf("%w: not an inventory: it has neither of the members format, results, containers and pods", ErrSchema)

//go:embed anchore.schema.json
var anchoreSchema string

//go:embed kai.schema.json
var kaiSchema string

// schemas are those of all kinds, each read once, when it is wanted.
var schemas = map[payload.Kind]func() (*schema, error){
	payload.Anchore:   sync.OnceValues(func() (*schema, error) { return readSchema(anchoreSchema) }),
	payload.KAI:       sync.OnceValues(func() (*schema, error) { return readSchema(kaiSchema) }),
	payload.Stocktake: sync.OnceValues(func() (*schema, error) { return readSchema(payload.StocktakeSchema()) }),
}

// schemaOf returns the schema of bodies of a kind.
func schemaOf(kind payload.Kind) (*schema, error) {
	read, known := schemas[kind]
	if !known {
		return nil, fmt.Errorf("no inventory is of the kind %q", kind)
	}
	return read()
}
