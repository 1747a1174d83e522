package payload

import "stocktake/collector/inventory"

// namespaces are those that bodies may name, each once, in the order of the API.
type namespaces struct {
	all   []reported
	index map[string]int // by name
}

// reported is a namespace with what became of it.
type reported struct {
	inventory.Namespace

	begun bool
	whole bool // it has ended without a gap
}

func newNamespaces(room int) namespaces {
	return namespaces{index: make(map[string]int, room)}
}

// add makes a namespace known. Of those of one name the first counts.
func (n *namespaces) add(ns inventory.Namespace) {
	if _, known := n.index[ns.Name]; !known {
		n.index[ns.Name] = len(n.all)
		n.all = append(n.all, reported{Namespace: ns})
	}
}

// find returns a namespace, nil if it is not one to report. It is valid until the next
// one is added.
func (n *namespaces) find(name string) *reported {
	i, known := n.index[name]
	if !known {
		return nil
	}
	return &n.all[i]
}
