package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/objects"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

const areaObjects = "whole objects"

const adviceType = "mend what serves it, or take the type out with objects.remove-types; with allow-incomplete=true a run goes on without"

// prospect looks at the types that a run would collect, and at how much they are. It returns nil
// where there is nothing to tell.
func (d *doctor) prospect(ctx context.Context) *objects.Prospect {
	found, err := d.plan.ProbeObjects(ctx)
	if err != nil {
		d.failReading(areaObjects, err)
		return nil
	}
	return found
}

// objects tells what was found.
func (d *doctor) objects(found *objects.Prospect) {
	for _, warning := range found.Warnings {
		d.tell(areaObjects, report.Warned, warning, "mend the name, if it is not for later")
	}
	for _, err := range found.Fails {
		advice := adviceType
		if errors.Is(err, kube.ErrRefused) {
			advice = adviceRights
		}
		d.fail(inReading, areaObjects, err, advice)
	}
	for _, gap := range found.Gaps {
		d.gaps = append(d.gaps, gap)
		d.tell(areaObjects, report.Warned, plainly(gap.Cause)+": a run goes on without", "")
	}
	d.expect(found)
}

// expect tells how much there is to collect.
func (d *doctor) expect(found *objects.Prospect) {
	if found.Asked < found.Lists {
		d.tell(areaObjects, report.Unchecked, fmt.Sprintf("%d of %s: the first %d were asked for a few objects", found.Lists-found.Asked, plaintext.Plural(found.Lists, "list"), found.Asked), "")
	}
	if len(found.Uncounted) > 0 {
		d.tell(areaObjects, report.Unchecked, "how many there are of "+plaintext.Some(found.Uncounted, 10)+", which the server does not tell", "")
	}
	if found.Objects == 0 && len(found.Fails) == 0 && found.Asked == found.Lists && !d.session.Settings.Run.AllowEmpty {
		d.fail(inReading, areaObjects, fmt.Errorf("%w: not one object of the types that are chosen: they are not delivered unless allow-empty=true", collector.ErrEmpty), "mend objects.types")
		return
	}
	if len(found.Fails) > 0 || found.Objects == 0 {
		return
	}
	d.objs = found.Sent
	where := ""
	if !d.plan.Selection.All() {
		where = " in all namespaces"
		if _, only := d.plan.Selection.Named(); only {
			where = " in the namespaces that are named"
		}
	}
	d.tell(areaObjects, report.Passed, fmt.Sprintf("%s may be listed; about %s%s to read, in some %s; they make some %s in %s, before compression",
		plaintext.Plural(found.Types, "type"), plaintext.Plural(int(found.Objects), "object"), where, roughly(found.Lasts), mebibytes(found.Sent), plaintext.Plural(int(found.Bodies), "chunk")), "")
}

// roughly is a duration that nobody knows to the second.
func roughly(d time.Duration) string { return (d.Truncate(10*time.Second) + 10*time.Second).String() }
