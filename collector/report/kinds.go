package report

import (
	"slices"

	"stocktake/collector/inventory"
)

// kinds are the places in a pod, in the order in which they are listed. The last
// is for those yet unknown.
var kinds = [...]inventory.Kind{
	inventory.Regular, inventory.Init, inventory.Sidecar, inventory.Ephemeral, inventory.Volume, "",
}

const maxKinds = len(kinds)

func kindNumber(kind inventory.Kind) uint8 {
	if i := slices.Index(kinds[:], kind); i >= 0 {
		return uint8(i) //nolint:gosec // there are six
	}

	return uint8(maxKinds - 1)
}

func kindsOf(seen *[maxKinds]bool) []inventory.Kind {
	list := []inventory.Kind{}
	for i, kind := range kinds {
		if seen[i] && kind != "" {
			list = append(list, kind)
		}
	}

	return list
}
