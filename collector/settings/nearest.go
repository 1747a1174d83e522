package settings

import (
	"strings"

	"github.com/xrash/smetrics"
)

// adviceList is for a name that looks like none.
const adviceList = ": `stocktake settings` lists the known ones"

// advice suggests the known name that looks most like the unknown one.
func advice(all Catalog, key string) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	best := Nearest(strings.ToLower(key), names)
	if best == "" {
		return adviceList
	}
	return ": did you mean " + best + "?"
}

// Nearest returns the name that is the fewest letters away from a key (inserted,
// deleted or replaced), or nothing when more than half of the key would have to change.
func Nearest(key string, names []string) string {
	best, distance := "", len(key)/2+1
	for _, name := range names {
		if d := smetrics.WagnerFischer(key, name, 1, 1, 1); d < distance {
			best, distance = name, d
		}
	}
	return best
}
