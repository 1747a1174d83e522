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

	known map[imageName]struct{} // all images of the run, by name or by hash
	fresh []imageName            // those that this namespace made known
	names budget                 // for those that are known by name
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
		if name.digest != hashedDigest {
			tx.names.used -= name.length()
		}
	}
}

// count counts the use of an image, and returns what it is told from others by.
func (tx *transaction) count(name imageName, invalid bool) (key imageName) {
	tx.stats.Containers++
	if name.digest == "" {
		tx.stats.WithoutDigest++
	}
	if invalid {
		tx.stats.Invalid++
	}
	if _, known := tx.known[name]; known {
		return name
	}
	key = name
	if !tx.names.take(name.length()) {
		key = name.hashed()
		if _, known := tx.known[key]; known {
			return key
		}
	}
	tx.known[key] = struct{}{}
	tx.fresh = append(tx.fresh, key)
	tx.stats.Images++
	return key
}
