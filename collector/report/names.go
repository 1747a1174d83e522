package report

import "slices"

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

// named returns the names of the numbers, without the empty one.
func (n *names) named(numbers []int32) []string {
	list := make([]string, 0, len(numbers))
	for _, number := range numbers {
		list = append(list, n.all[number])
	}

	return distinct(list)
}

// distinct sorts the list and drops what repeats and what is empty.
func distinct(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > 0 && list[0] == "" {
		list = list[1:]
	}

	return list
}

// appendNew skips what was appended last, which is most of what repeats.
func appendNew[T comparable](list []T, item T) []T {
	if len(list) > 0 && list[len(list)-1] == item {
		return list
	}

	return append(list, item)
}
