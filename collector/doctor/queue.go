package doctor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"stocktake/collector/kube"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// queue tells which queue of the server requests stand in, and how large a part
// of it a page takes.
func (d *doctor) queue(ctx context.Context, area string, s kube.Sample) {
	if s.PriorityLevel == "" {
		d.tell(area, report.Passed, "no fair queuing: the server does not name a priority level", "")
		return
	}
	minor, _ := strconv.Atoi(strings.TrimRight(d.about.Server.Minor, "+"))
	limit := d.session.Settings.Kube.PageOf(s.Objects, s.Bytes)
	seats := s.PageSeats(limit, minor)
	page := fmt.Sprintf("a page of %d pods counts as %s", limit, plaintext.Plural(seats, "seat"))
	flow, err := d.plan.Kube().Flow(ctx, s)
	switch {
	case errors.Is(err, kube.ErrNoFlow):
		d.tell(area, report.Passed, "fair queuing: "+page+"; this server does not tell of its priority levels", "")
	case err != nil:
		d.tell(area, report.Passed, "fair queuing: "+page+"; the names of its priority level and its seats may not be read, which a run does not need", "")
	case flow.Exempt:
		d.tell(area, report.Passed, "fair queuing: flow schema "+flow.Schema+", priority level "+flow.Level+", which has no limit", "")
	default:
		d.seats(area, flow, seats, page)
	}
}

// seats judges whether the pages under way find a seat at the same time.
func (d *doctor) seats(area string, flow kube.Flow, estimated int, page string) {
	says := fmt.Sprintf("fair queuing: flow schema %s, priority level %s with %s if the server has the usual 600; %s",
		flow.Schema, flow.Level, plaintext.Plural(flow.Seats, "seat"), page)
	if estimated > flow.Most {
		says += fmt.Sprintf(", of which one request takes %d at most", flow.Most)
	}
	if inFlight := d.session.Settings.Kube.PagesInFlight; inFlight > 1 && inFlight*min(estimated, flow.Most) > flow.Seats {
		d.tell(area, report.Warned, says+fmt.Sprintf(": %d pages at a time wait for each other", inFlight),
			"set kubernetes.pages-in-flight=1, or a smaller kubernetes.request-batch-size, or have a flow schema for this user with more seats")
		return
	}
	d.tell(area, report.Passed, says, "")
}
