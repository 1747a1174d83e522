package settings

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
