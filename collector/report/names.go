package report

// names gives each of several strings a number.
type names struct {
	index map[string]int32
	all   []string
}

func (n *names) number(name string) int32 {
	number, known := n.index[name]
	if known {
		return number
	}
	if n.index == nil {
		n.index = map[string]int32{}
	}
	number = int32(len(n.all)) //nolint:gosec // at most one for each pod
	n.index[name] = number
	n.all = append(n.all, name)

	return number
}
