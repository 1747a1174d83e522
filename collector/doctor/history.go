package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"stocktake/collector/history"
	"stocktake/collector/report"
)

const areaHistory = "history"

// history looks at where runs are recorded.
func (d *doctor) history(ctx context.Context) {
	o := d.session.Settings.History
	if !o.Configured() || len(d.faults[atStart]) > 0 {
		return
	}
	if d.session.Settings.Run.DryRun {
		d.tell(areaHistory, report.Unchecked, "a dry run is not recorded", "")
		return
	}
	if path := o.Path(); path != "" && !d.holdsHistory(filepath.Dir(path)) {
		return
	}
	status, err := history.Probe(ctx, o)
	switch {
	case errors.Is(err, history.ErrMissing):
		d.tell(areaHistory, report.Passed, "there is none yet: the next run makes it", "")
	case errors.Is(err, history.ErrNotMigrated) && o.Path() != "":
		d.tell(areaHistory, report.Passed, "its schema is older than this program: the next run brings it up to date, and leaves a copy", "")
	case err != nil:
		d.fail(inRecording, areaHistory, err, adviceHistory(err))
	default:
		d.tell(areaHistory, report.Passed, fmt.Sprintf("%s, schema %d, %s, %d runs of %d clusters; it can be written", status.Engine, status.Version, mebibytes(status.Bytes), status.Runs, len(status.Clusters)), "")
		d.lastRecorded(status)
	}
}

// adviceHistory is the way out when a run could not be recorded.
func adviceHistory(err error) string {
	switch {
	case errors.Is(err, history.ErrNotMigrated):
		return "run stocktake history migrate with a role that may make tables"
	case errors.Is(err, history.ErrTooNew):
		return "use a program that is as new as those that write it"
	}
	return "see whether history.url is right, and whether its role or this user may write there"
}

// holdsHistory looks at the folder of a file: each run makes a journal beside it.
func (d *doctor) holdsHistory(folder string) bool {
	if err := writable(folder); err != nil {
		d.fail(inRecording, areaHistory, fmt.Errorf("%w: no journal can be made in its folder: %w", history.ErrUnavailable, err), "give history.url a file in a writable folder (a persistent volume in a pod)")
		return false
	}
	if name, shared := sharedFilesystem(folder); shared {
		d.tell(areaHistory, report.Warned, "its file is on "+name+", whose locks do not always hold: two runs at a time may break it",
			"use PostgreSQL, or a volume that one node mounts (ReadWriteOncePod)")
	}
	return true
}

// lastRecorded tells how old what is known of this cluster is.
func (d *doctor) lastRecorded(status history.Status) {
	for _, c := range status.Clusters {
		if c.Name != d.plan.Cluster || c.Read.IsZero() {
			continue
		}
		d.tell(areaHistory, report.Passed, fmt.Sprintf("%s was read last %s ago, and is known since %s", c.Name, time.Since(c.Read).Round(time.Minute), c.Since.UTC().Format(time.DateOnly)), "")
		return
	}
	d.tell(areaHistory, report.Passed, "nothing is known of this cluster yet", "")
}
