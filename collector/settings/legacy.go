package settings

import (
	"strings"

	"github.com/xrash/smetrics"
)

// retired are keys of KAI and anchore-k8s-inventory that have no meaning here,
// with what to do instead. They are accepted, so that an existing file works,
// and each one given is warned about once.
var retired = map[string]string{
	"check-for-app-update":           "stocktake never calls home",
	"mode":                           "each run is one collection; a CronJob or a timer repeats it",
	"polling-interval-seconds":       "the schedule of the CronJob says how often to collect",
	"health-report-interval-seconds": "each run reports once",
	"dev.profile-cpu":                "profile with the benchmark of the repository",
}

// adviceList is for a name that looks like none.
const adviceList = ": `stocktake settings` lists the known ones"

// nearest suggests the known name that looks most like the unknown one.
func nearest(all Catalog, key string) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	best := mostLike(strings.ToLower(key), names)
	if best == "" {
		return adviceList
	}
	return ": did you mean " + best + "?"
}

// mostLike returns the name that is the fewest letters away from a key (inserted,
// deleted or replaced), or nothing when more than half of the key would have to change.
func mostLike(key string, names []string) string {
	best, distance := "", len(key)/2+1
	for _, name := range names {
		if d := smetrics.WagnerFischer(key, name, 1, 1, 1); d < distance {
			best, distance = name, d
		}
	}
	return best
}
