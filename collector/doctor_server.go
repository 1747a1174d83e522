package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/report"
)

// latencyRequests is for a median, and nothing to a server.
const latencyRequests = 5

const adviceRights = "have an administrator grant it: stocktake rbac prints the least role for these settings, for kubectl apply -f -"

// server looks at the API server, and at what a run would read of it.
func (d *doctor) server(ctx context.Context) {
	if d.cluster == nil {
		d.tell("API server", report.Unchecked, "the settings lead to none", "")
		return
	}
	area := "API server " + d.cluster.Host()
	version, err := d.cluster.Version(ctx)
	if err != nil {
		d.fail(inReading, area, err, adviceServer(err))
		d.tell(area, report.Unchecked, "latency, clock, rights, fair queuing, namespaces, pods", "")
		return
	}
	d.head.Server = version
	says := "Kubernetes " + version.GitVersion + " answers"
	if median, err := d.cluster.Latency(ctx, latencyRequests); err == nil {
		says += fmt.Sprintf(" in %s (the median of %d requests)", briefly(median), latencyRequests)
	}
	d.tell(area, report.Passed, says, "")
	d.rights(ctx, area)
	names, only := d.selection.named()
	if only && len(names) == 0 {
		d.fail(inReading, areaNamespaces, errNothingSelected(), "mend namespace-selectors.include and namespace-selectors.exclude")
		return
	}
	if err := d.cluster.Preflight(ctx, names...); err != nil {
		d.failReading(area, err)
		d.tell(area, report.Unchecked, "clock, fair queuing, pods", "")
	} else {
		d.sample(ctx, area, names)
	}
	d.namespaces(ctx, names, only)
}

// failReading tells of a refusal to read only if the rights have not told of it.
func (d *doctor) failReading(area string, err error) {
	if errors.Is(err, kube.ErrRefused) && len(d.faults[inReading]) > 0 {
		d.faults[inReading] = append(d.faults[inReading], fault{err, plainly(err)})
		return
	}
	advice := adviceServer(err)
	if errors.Is(err, kube.ErrRefused) {
		advice = adviceRights
	}
	d.fail(inReading, area, err, advice)
}

// adviceServer is the way out when the server does not answer, or refuses to.
func adviceServer(err error) string {
	words := err.Error()
	switch {
	case errors.Is(err, kube.ErrRefused):
		return "the server does not know who asks: renew the credentials of the kubeconfig, or see whether the pod's service account exists and its token is mounted"
	case strings.Contains(words, "certificate has expired or is not yet valid"):
		return "have the certificate renewed; if the clock of this machine is wrong, which says " + time.Now().UTC().Format(time.RFC3339) + ", set that"
	case strings.Contains(words, "x509:"):
		return "see whether the kubeconfig has the certificate-authority-data of this cluster, and whether its server is a name of the certificate"
	case strings.Contains(words, "no such host"):
		return "mend the host of the server in the kubeconfig, or the name server of this machine"
	}
	return "see whether the address is right (-kubeconfig, -context, KUBECONFIG) and whether a firewall, a VPN or a network policy is in between"
}

// rights asks for each right that a run uses.
func (d *doctor) rights(ctx context.Context, area string) {
	namespace := ""
	if inPod(d.inv.Environ) {
		namespace = toMap(d.inv.Environ)["POD_NAMESPACE"]
	}
	needed := len(d.selection.rights())
	var held []kube.Right
	for i, right := range d.set.rights(d.selection, namespace) {
		allowed, err := d.cluster.May(ctx, right)
		switch {
		case err != nil:
			d.tell(area, report.Unchecked, "the right to "+right.String()+": "+plainly(err), "")
		case allowed:
			held = append(held, right)
		case i >= needed:
			d.tell(area, report.Warned, "may not "+right.String()+": the integration goes by the cluster, not by its CronJob", adviceRights)
		default:
			d.missing(area, right)
		}
	}
	if len(held) > 0 {
		d.tell(area, report.Passed, "may "+together(held), "")
	}
}

// together says rights with their namespaces in one place: "list pods in a, b".
func together(rights []kube.Right) string {
	var said []string
	in := map[string][]string{}
	for _, r := range rights {
		namespace := r.Namespace
		r.Namespace = ""
		if _, known := in[r.String()]; !known {
			said = append(said, r.String())
		}
		in[r.String()] = append(in[r.String()], namespace)
	}
	for i, words := range said {
		if namespaces := in[words]; namespaces[0] != "" {
			said[i] += " in " + some(namespaces, 5)
		}
	}
	return strings.Join(said, ", ")
}

// missing tells of a right that is not there. Where incomplete inventories are
// allowed, a run gets along without some.
func (d *doctor) missing(area string, right kube.Right) {
	err := fmt.Errorf("%w: may not %s", kube.ErrRefused, right)
	nodes := right.Resource == "nodes"
	if d.set.Run.AllowIncomplete && (nodes || right.Namespace != "") {
		d.summary.Gaps = append(d.summary.Gaps, inventory.Gap{Source: right.Resource, Reason: err.Error(), Cause: err})
		d.tell(area, report.Warned, "may not "+right.String()+": the inventory is incomplete without", adviceRights)
		return
	}
	d.fail(inReading, area, err, adviceRights)
}

// sample looks at the first pods and at what their answer says of the server.
func (d *doctor) sample(ctx context.Context, area string, names []string) {
	if len(names) == 0 {
		names = []string{""}
	}
	var first kube.Sample
	for _, name := range names {
		s, err := d.cluster.Sample(ctx, name)
		if err != nil {
			continue // of a namespace that may not be read, which the rights tell
		}
		d.pods += s.Pods
		if first.Clock.IsZero() || first.Pods < s.Pods {
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
	ahead := s.Ahead.Round(time.Second)
	switch {
	case s.Clock.IsZero():
		d.tell(area, report.Unchecked, "clock: the server does not tell its time", "")
	case ahead.Abs() <= 30*time.Second:
		d.tell(area, report.Passed, "clock: as here", "")
	default:
		way := "ahead of"
		if ahead < 0 {
			way = "behind"
		}
		d.tell(area, report.Warned, fmt.Sprintf("clock: %s %s the one here, which says %s", ahead.Abs(), way, time.Now().UTC().Format(time.RFC3339)),
			"have both set by NTP: tokens and certificates may seem over, or not yet begun")
	}
}

// queue tells which queue of the server requests stand in, and how large a part
// of it a page takes.
func (d *doctor) queue(ctx context.Context, area string, s kube.Sample) {
	if s.PriorityLevel == "" {
		d.tell(area, report.Passed, "no fair queuing: the server does not name a priority level", "")
		return
	}
	minor, _ := strconv.Atoi(strings.TrimRight(d.head.Server.Minor, "+"))
	seats := s.PageSeats(d.set.Kube.BatchSize, minor)
	page := fmt.Sprintf("a page of %d pods counts as %s", d.set.Kube.BatchSize, plural(seats, "seat"))
	flow, err := d.cluster.Flow(ctx, s)
	switch {
	case err != nil:
		d.tell(area, report.Passed, "fair queuing: "+page+"; the names of its priority level and its seats may not be read, which a run does not need", "")
	case flow.Exempt:
		d.tell(area, report.Passed, "fair queuing: flow schema "+flow.Schema+", priority level "+flow.Level+", which has no limit", "")
	default:
		d.seats(area, flow, min(seats, flow.Most), page)
	}
}

// seats judges whether the pages under way find a seat at the same time.
func (d *doctor) seats(area string, flow kube.Flow, seats int, page string) {
	says := fmt.Sprintf("fair queuing: flow schema %s, priority level %s with %s if the server has the usual 600; %s",
		flow.Schema, flow.Level, plural(flow.Seats, "seat"), page)
	if seats == flow.Most {
		says += fmt.Sprintf(", of which one request takes %d at most", flow.Most)
	}
	if inFlight := d.set.Kube.PagesInFlight; seats*inFlight > max(1, flow.Seats) {
		d.tell(area, report.Warned, says+fmt.Sprintf(": %d pages at a time wait for each other", inFlight),
			"set kubernetes.pages-in-flight=1, or a smaller kubernetes.request-batch-size, or have a flow schema for this user with more seats")
		return
	}
	d.tell(area, report.Passed, says, "")
}

// some lists the first few.
func some(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// briefly is a duration for people.
func briefly(d time.Duration) string { return cmp.Or(d.Round(100*time.Microsecond), d).String() }
