package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/report"
	"stocktake/collector/transport"
	"stocktake/collector/workload"
)

// latencyRequests is for a median, and nothing to a server.
const latencyRequests = 5

// server looks at the API server, and at what a run would read of it.
func (d *doctor) server(ctx context.Context) {
	if d.plan.Kube() == nil {
		d.tell("API server", report.Unchecked, "the settings lead to none", "")
		return
	}
	area := "API server " + d.plan.Kube().Host()
	d.tell(area, report.Passed, "it is that of "+d.plan.Kube().Origin(), "")
	if exposed := d.plan.Kube().Exposed(); exposed.Why != "" {
		d.tell(area, report.Warned, exposed.Why, exposed.WayOut)
	}
	if !d.version(ctx, area) {
		d.tell(area, report.Unchecked, "latency, clock, rights, fair queuing, namespaces, pods", "")
		return
	}
	d.rights(ctx, area)
	names, only := d.plan.Selection.Named()
	if only && len(names) == 0 {
		d.fail(inReading, areaNamespaces, errNothingSelected(), "mend namespace-selectors.include and namespace-selectors.exclude")
		return
	}
	d.reads(ctx, area, names)
	if found := d.prospect(ctx); found != nil {
		if d.plan.OnlyObjects() { // no pod has told
			d.certificate(area, found.Server)
			d.clock(area, found.Server)
		}
		d.objects(found)
	}
	if !d.plan.OnlyObjects() || !d.plan.Selection.All() {
		d.namespaces(ctx, only)
	}
}

// reads looks at what an inventory is made of.
func (d *doctor) reads(ctx context.Context, area string, names []string) {
	if d.plan.OnlyObjects() {
		return
	}
	if err := d.plan.Kube().Preflight(ctx, d.plan.Selection.Scope(), collector.Reads()...); err != nil {
		d.failReading(area, err)
		d.tell(area, report.Unchecked, "clock, fair queuing, pods", "")
		return
	}
	d.sample(ctx, area, names)
}

// version looks whether the server answers, and as what.
func (d *doctor) version(ctx context.Context, area string) bool {
	version, err := d.plan.Kube().Version(ctx)
	switch {
	case errors.Is(err, kube.ErrVersionUnknown):
		d.tell(area, report.Unchecked, plainly(err)+"; a run goes on without, and its bodies do not tell it",
			"nothing needs it; who wants it in the bodies has the cluster role system:public-info-viewer bound, which lets get /version")
		return true
	case err != nil:
		d.fail(inReading, area, err, adviceServer(err))
		return false
	}
	d.about.Server = version
	says := "Kubernetes " + cmp.Or(version.GitVersion, version.Major+"."+version.Minor) + " answers"
	if median, err := d.plan.Kube().Latency(ctx, latencyRequests); err == nil {
		says += fmt.Sprintf(" in %s (the median of %d requests)", briefly(median), latencyRequests)
	}
	d.tell(area, report.Passed, says, "")
	return true
}

// sample looks at the first pods and at what their answer says of the server.
func (d *doctor) sample(ctx context.Context, area string, names []string) {
	if len(names) == 0 {
		names = []string{""}
	}
	var first kube.Sample
	for _, name := range names {
		s, err := d.plan.Kube().Sample(ctx, workload.Pods(), name)
		if err != nil {
			continue // of a namespace that may not be read, which the rights tell
		}
		d.pods += s.Objects
		if first.Clock.IsZero() || first.Objects < s.Objects {
			first = s
		}
	}
	d.queue(ctx, area, first)
	d.certificate(area, first)
	d.clock(area, first)
}

func (d *doctor) certificate(area string, s kube.Sample) {
	left := time.Until(s.CertificateEnd)
	if s.CertificateEnd.IsZero() || left > 3*24*time.Hour {
		return
	}
	d.tell(area, report.Warned, "its certificate ends at "+s.CertificateEnd.UTC().Format(time.RFC3339), "have it renewed before that")
}

func (d *doctor) clock(area string, s kube.Sample) {
	d.tellFinding(area, transport.Clock{
		Whose: "the server", Known: !s.Clock.IsZero(), Ahead: s.Ahead, Doubt: "tokens and certificates",
	}.Finding())
}

// briefly is a duration for people.
func briefly(d time.Duration) string { return cmp.Or(d.Round(100*time.Microsecond), d).String() }
