package tree

import "encoding/json"

// node is an object with those that it owns.
type node struct {
	uid   string
	owner []byte // a key; of a root there is none
	item  []byte
	below []*node
}

// nodes are those of a bucket.
type nodes []*node

// each calls the function with every tree, in the order in which the roots came. An object
// whose owner is not among the nodes is a root.
func (all nodes) each(grown func(root *node) error) error {
	known := make(map[key]*node, len(all))
	for _, n := range all {
		if self := keyOf(n.uid); known[self] == nil {
			known[self] = n
		}
	}
	var roots []*node
	for _, n := range all {
		var owner *node
		if n.owner != nil {
			owner = known[key(n.owner)]
		}
		if owner == nil {
			roots = append(roots, n)
			continue
		}
		owner.below = append(owner.below, n)
	}
	for _, root := range roots {
		if len(root.below) == 0 && !root.standsAlone() {
			continue
		}
		if err := grown(root); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) standsAlone() bool {
	o, _ := readObject(n.item) // it was read before
	return standsAlone(o.kind)
}

// name is the object for people.
func (n *node) name() string {
	o, _ := readObject(n.item) // it was read before
	if o.namespace == "" {
		return o.kind + " " + o.name
	}
	return o.kind + " " + o.namespace + "/" + o.name
}

// append appends the tree in the form that the service takes: what is said of the object
// follows the members children and uid.
func (n *node) append(dst []byte) []byte {
	dst = append(dst, `{"children":[`...)
	for i, below := range n.below {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = below.append(dst)
	}
	uid, _ := json.Marshal(n.uid) // of a string there is no error
	dst = append(append(append(dst, `],"uid":`...), uid...), ',')
	return append(dst, n.item[1:]...)
}
