package collector

import "strings"

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

// nearest suggests the known name that looks most like the unknown one.
func nearest(all []setting, key string) string {
	best, distance := "", len(key)/2+1
	for _, s := range all {
		if d := editDistance(strings.ToLower(key), s.name); d < distance {
			best, distance = s.name, d
		}
	}
	if best == "" {
		return ": `stocktake settings` lists the known ones"
	}
	return ": did you mean " + best + "?"
}

// editDistance counts the letters to insert, delete or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
