package doctor

import (
	"context"
	"errors"
	"fmt"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// namespaces finds out which ones a run would report.
func (d *doctor) namespaces(ctx context.Context, only bool) {
	if only {
		d.namedNamespaces(ctx)
	} else {
		d.chosenNamespaces(ctx)
	}
	if d.about.Namespaces == nil {
		return // of which was told
	}
	if len(d.about.Namespaces) == 0 && len(d.gaps) > 0 && !d.plan.Selection.All() {
		gap := d.gaps[0]
		d.fail(inReading, areaNamespaces, fmt.Errorf("no namespace can be read: %w", gap.Cause), "")
		return
	}
	if len(d.about.Namespaces) == 0 && !d.plan.Selection.All() && !d.session.Settings.Run.AllowEmpty {
		d.fail(inReading, areaNamespaces, errNothingSelected(), "mend namespace-selectors.include and namespace-selectors.exclude")
		return
	}
	if d.pods > 0 {
		d.tell(areaNamespaces, report.Passed, fmt.Sprintf("%s to read", plaintext.Plural(int(d.pods), "pod")), "")
	}
	if !d.plan.OnlyObjects() && !d.session.Settings.Run.AllowEmpty && len(d.faults[inReading]) == 0 {
		d.empty(ctx)
	}
}

// chosenNamespaces reads all namespaces and tells which the selectors choose.
func (d *doctor) chosenNamespaces(ctx context.Context) {
	all, _, err := d.plan.Namespaces(ctx)
	if err != nil {
		d.failReading(areaNamespaces, err)
		d.tell(areaNamespaces, report.Unchecked, "which ones the selectors choose", "")
		return
	}
	for _, p := range d.plan.Selection.Include {
		if !matchesAny(p, all) {
			d.tell(areaNamespaces, report.Warned, fmt.Sprintf("%q in namespace-selectors.include matches no namespace", p.Text), "mend it, if it is not for later")
		}
	}
	for _, p := range d.plan.Selection.Exclude {
		if !matchesAny(p, all) {
			d.tell(areaNamespaces, report.Warned, fmt.Sprintf("%q in namespace-selectors.exclude matches no namespace", p.Text), "mend it, if it is not for later")
		}
	}
	total := len(all)
	d.about.Namespaces = append([]inventory.Namespace{}, d.plan.Selection.Of(all)...)
	d.tell(areaNamespaces, report.Passed, fmt.Sprintf("%d of %d are reported", len(d.about.Namespaces), total), "")
}

func matchesAny(p settings.Pattern, all []inventory.Namespace) bool {
	for _, ns := range all {
		if p.Match(ns.Name) {
			return true
		}
	}
	return false
}

// namedNamespaces looks for each of those that are named.
func (d *doctor) namedNamespaces(ctx context.Context) {
	found, read, err := d.plan.Namespaces(ctx)
	for _, gap := range read.Gaps {
		d.gap(gap)
	}
	if err != nil && len(read.Gaps) == 0 {
		d.failReading(areaNamespaces, err)
		return
	}
	if len(found) > 0 {
		d.tell(areaNamespaces, report.Passed, "reported by name: "+plaintext.Some(inventory.NamesOf(found), 10), "")
	}
	d.about.Namespaces = append([]inventory.Namespace{}, found...)
}

// gap tells of a namespace that a run would not read.
func (d *doctor) gap(gap inventory.Gap) {
	advice := adviceRights
	if errors.Is(gap.Cause, kube.ErrNotFound) {
		advice = "make the namespace, or take it out of namespace-selectors.include"
	}
	if d.session.Settings.Run.AllowIncomplete {
		d.gaps = append(d.gaps, gap)
		d.tell(areaNamespaces, report.Warned, plainly(gap.Cause), advice)
		return
	}
	if errors.Is(gap.Cause, kube.ErrNotFound) {
		d.fail(inReading, areaNamespaces, gap.Cause, advice)
		return
	}
	d.failReading(areaNamespaces, gap.Cause)
}
