package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"stocktake/collector"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

const (
	areaSettings = "settings"
	adviceShow   = "stocktake settings shows what counts and where it comes from"
)

// settings looks at what was given.
func (d *doctor) settings() {
	s := d.session
	for _, one := range each(s.Err) {
		d.fail(atStart, areaSettings, one, adviceShow)
	}
	for _, warning := range s.Given.Warnings {
		d.tell(areaSettings, report.Warned, warning, "")
	}
	if s.Err == nil { // what was not understood has no value to judge
		for _, one := range each(s.Settings.Run.Check()) {
			d.fail(atStart, areaSettings, one, "")
		}
	}
	if err := checkLog(s.Settings.Log.File); err != nil {
		d.fail(atStart, areaSettings, err, "")
	}
	if len(d.faults[atStart]) == 0 {
		d.tell(areaSettings, report.Passed, sources(s.Given), "")
	}
}

// sources says how many settings there are.
func sources(set settings.Given) string {
	if len(set.Values) == 0 {
		return "no setting is given, the defaults count"
	}
	from := map[string]bool{}
	var names []string
	for _, s := range collector.Catalog() {
		v, ok := set.Values[s.Name]
		source, _, _ := strings.Cut(v.Source, " ")
		if ok && !from[source] {
			from[source] = true
			names = append(names, source)
		}
	}
	return fmt.Sprintf("%d settings are given (%s), all are understood", len(set.Values), strings.Join(names, ", "))
}

// prepare makes the plan of a run, and goes on after a mistake.
func (d *doctor) prepare() *collector.Plan {
	p := collector.NewPlan(d.session, func(err error) (goOn bool) {
		for _, one := range each(err) {
			d.fail(atStart, areaSettings, one, "")
		}
		return true
	})
	if p.Cluster != "" {
		d.tell(areaSettings, report.Passed, "the cluster is called "+p.Cluster, "")
	}
	return p
}

// checkLog finds out whether the log file could be opened, without making it.
func checkLog(path string) error {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return nil
	case err == nil && !info.Mode().IsRegular():
		return settings.Invalid("log.file", "%s is not a regular file", path)
	case err != nil:
		err = writable(filepath.Dir(path))
	default:
		err = appendable(path)
	}
	if err != nil {
		return settings.Invalid("log.file", "%v: leave it empty to log to stderr", err)
	}
	return nil
}

func appendable(path string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}
