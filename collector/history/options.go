package history

import (
	"errors"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// Options say where the history is and how much of it is kept.
type Options struct {
	URL string `setting:"history.url" holds:"address" secret:"true" doc:"where runs are recorded: the path of a file (SQLite), or postgres://USER:PASSWORD@HOST/DATABASE for many clusters; empty: nowhere"`
	// Keep and KeepRuns count from the run that deletes.
	Keep     settings.Duration `setting:"history.keep" envDefault:"400d" doc:"how long what is gone is remembered, as 400d or 36h"`
	KeepRuns settings.Duration `setting:"history.keep-runs" envDefault:"90d" doc:"how long each run is remembered; of older ones one a day is"`
	Join     settings.Duration `setting:"history.join" envDefault:"35d" doc:"an image that comes back to its place within this time was there intermittently, as those of CronJobs are; 0: each time counts as a new one"`
	Timeout  time.Duration     `setting:"history.timeout" envDefault:"30s" doc:"the longest that a run is kept waiting by its history; then it ends with exit code 9"`
}

// Configured reports whether there is a history.
func (o Options) Configured() bool { return o.URL != "" }

// Check finds what is wrong with the values. The URL is a secret and in no error.
func (o Options) Check() error {
	var errs []error
	if !o.isPostgres() && strings.Contains(o.URL, "://") {
		errs = append(errs, settings.Invalid("history.url", "it is neither a path nor postgres://USER:PASSWORD@HOST/DATABASE"))
	}
	if o.isPostgres() {
		_, err := postgresConfig(o.URL, Writing, o.Timeout)
		errs = append(errs, err)
	}
	if o.Timeout <= 0 {
		errs = append(errs, settings.Invalid("history.timeout", "%s is no time to wait: give a duration above zero, for example 30s", o.Timeout))
	}
	if o.Keep <= 0 {
		errs = append(errs, settings.Invalid("history.keep", "%s would keep nothing: give a duration above zero, for example 400d", o.Keep))
	}
	return errors.Join(errs...)
}

// Path is the file of SQLite, empty where the history is elsewhere or nowhere.
func (o Options) Path() string {
	if o.isPostgres() {
		return ""
	}
	return o.URL
}

func (o Options) isPostgres() bool {
	return strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://")
}
