package payload

import "stocktake/collector/inventory"

// layout is the outline of one kind of body: fixed text with an array in every
// opening, and an encoder that fills the arrays.
type layout struct {
	frame   []string // around the arrays, so one more than there are arrays
	encoder encoder
	nodes   *nodeList                       // nil if the kind does not list nodes
	images  *imageList                      // nil if the kind does not number images
	opening func(*inventory.Outcome) string // what the frame begins with, if that tells how the run ended
	uids    bool                            // whether receivers know namespaces by UID
	whole   bool                            // whether everything goes into one body
}

// encoder writes the pods of one namespace into the arrays of a transaction. It
// appends to their tails, and compresses and stores nothing, so that it cannot
// fail.
type encoder interface {
	// pod writes one pod.
	pod(tx *transaction, p *inventory.Pod)
	// end writes what a namespace has but once; it may have had no pods.
	end(tx *transaction)
}

// nodeList is what a layout needs to list nodes, each once in a body, in the body
// in which they are needed.
type nodeList struct {
	array  int // which array of the layout lists them
	all    []*inventory.Node
	append func(dst []byte, n *inventory.Node) []byte
}

// arrays returns how many arrays there are.
func (l *layout) arrays() int {
	return len(l.frame) - 1
}

// frameSize returns the length of a body with empty arrays.
func (l *layout) frameSize() int64 {
	var size int64
	for _, part := range l.frame {
		size += int64(len(part))
	}
	return size
}
