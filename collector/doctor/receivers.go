package doctor

import (
	"context"
	"errors"
	"slices"

	"stocktake/collector/deliver"
	"stocktake/collector/report"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// receivers looks at everybody who would get the inventory.
func (d *doctor) receivers(ctx context.Context) {
	if len(d.plan.Receivers) == 0 {
		d.withoutReceivers()
		return
	}
	about := deliver.Survey{
		Cluster: d.plan.Cluster, Accounts: d.accounts(), DefaultAccount: d.session.Settings.Route.DefaultAccount, Introduces: d.session.Settings.Introduces(),
	}
	for _, t := range d.plan.Receivers {
		area := "receiver " + t.Prober.Where()
		t.Prober.Probe(ctx, about, func(f transport.Finding) { d.found(ctx, area, f) })
	}
}

func (d *doctor) withoutReceivers() {
	switch {
	case d.session.Settings.Run.DryRun:
		d.tell("receivers", report.Unchecked, "nothing is sent with dry-run", "")
	case len(d.faults[atStart]) > 0:
		d.tell("receivers", report.Unchecked, "the settings lead to none", "")
	default:
		d.tell("receivers", report.Passed, "none: the inventory is printed", "")
	}
}

// found shows what a probe found, with where a wrong setting comes from. The end of the examination is nobody's fault.
func (d *doctor) found(ctx context.Context, area string, f transport.Finding) {
	if errors.Is(f.Err, settings.ErrInvalid) {
		f.Err = d.session.Given.Locate(f.Err)
		f.Says = plainly(f.Err)
	}
	if f.Verdict == transport.Fault && ctx.Err() == nil {
		when := inPreflight
		if f.Late {
			when = inDelivery
		}
		d.faults[when] = append(d.faults[when], fault{f.Err, f.Says})
	}
	d.tellFinding(area, f)
}

// accounts are those that would get an inventory, as far as the namespaces are
// known; else those that the settings name.
func (d *doctor) accounts() []string {
	if d.plan.Router == nil {
		return []string{""}
	}
	accounts := slices.Clone(d.plan.Router.Accounts())
	if d.about.Namespaces != nil {
		accounts = nil
		for _, ns := range d.about.Namespaces {
			accounts = append(accounts, d.plan.Router.Route(ns)...)
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}
