package doctor

import (
	"context"
	"fmt"

	"stocktake/collector"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/workload"
)

// namespacesAsked is in how many namespaces doctor looks for a pod at most. Where
// there are pods at all, one of the first few has one.
const namespacesAsked = 100

// empty tells when a run would find no pod that it reports, and refuse to deliver that.
func (d *doctor) empty(ctx context.Context) {
	namespaces := []string{""} // the whole cluster
	if !d.plan.Selection.All() {
		namespaces = inventory.NamesOf(d.about.Namespaces)
	}
	asked := namespaces[:min(len(namespaces), namespacesAsked)]
	running, fields := d.onlyRunning(), ""
	if running {
		fields = "status.phase=Running"
	}
	for _, name := range asked {
		if found, err := d.plan.Kube().Has(ctx, workload.Pods(), name, fields); err != nil || found {
			return // what cannot be asked was told of before
		}
	}
	what := "pod"
	if running {
		what = "pod in the phase Running"
	}
	if len(asked) < len(namespaces) {
		d.tell(areaNamespaces, report.Unchecked, fmt.Sprintf("whether there is a %s: none in the first %d namespaces", what, len(asked)), "")
		return
	}
	advice := "see whether this is the cluster that is meant; set allow-empty=true if it is"
	if running {
		advice += ", or ignore-not-running=false to report pods in every phase"
	}
	d.fail(inReading, areaNamespaces, fmt.Errorf("%w: not one %s in %s", collector.ErrEmpty, what, d.whereLooked()), advice)
}

// whereLooked says in which namespaces there is no pod.
func (d *doctor) whereLooked() string {
	if d.plan.Selection.All() {
		return "the whole cluster"
	}
	return "the namespaces that are reported (" + plaintext.Some(inventory.NamesOf(d.about.Namespaces), 10) + ")"
}

// onlyRunning reports whether one of the bodies of a run has no pods but those in the
// phase Running.
func (d *doctor) onlyRunning() bool {
	kinds := d.kinds()
	if len(kinds) == 0 {
		kinds[string(d.session.Settings.PrintedKind())] = true
	}
	delete(kinds, string(payload.Stocktake))
	return d.session.Settings.Payload.IgnoreNotRunning && len(kinds) > 0
}
