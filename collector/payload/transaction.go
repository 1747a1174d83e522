package payload

import "stocktake/collector/inventory"

// transaction is one namespace while its pods arrive. It becomes part of bodies
// as a whole or not at all.
type transaction struct {
	ordinal   int // 1 for the first of the run
	isOpen    bool
	name      string
	namespace *inventory.Namespace // nil if it is not one to report
	accounts  []string
	visited   int // pods in any phase
	lists     []list
	nodes     []int // that its pods refer to, each once
	stats     Stats
	mark      mark // the spool before it

	known map[imageName]struct{} // all images of the run
	fresh []imageName            // those that this namespace made known
}

func newTransaction(arrays int) transaction {
	return transaction{lists: make([]list, arrays), known: map[imageName]struct{}{}}
}

// reset forgets the last namespace and keeps the memory.
func (tx *transaction) reset() {
	for i := range tx.lists {
		tx.lists[i].reset()
	}
	*tx = transaction{ordinal: tx.ordinal, lists: tx.lists, nodes: tx.nodes[:0], known: tx.known, fresh: tx.fresh[:0]}
}

// forget makes the images of the namespace unknown again.
func (tx *transaction) forget() {
	for _, name := range tx.fresh {
		delete(tx.known, name)
	}
}

// count counts the use of an image.
func (tx *transaction) count(name imageName, invalid bool) {
	tx.stats.Containers++
	if name.digest == "" {
		tx.stats.WithoutDigest++
	}
	if invalid {
		tx.stats.Invalid++
	}
	key := name.key()
	if _, known := tx.known[key]; known {
		return
	}
	tx.known[key] = struct{}{}
	tx.fresh = append(tx.fresh, key)
	tx.stats.Images++
}
