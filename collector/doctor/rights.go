package doctor

import (
	"context"
	"fmt"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// rights asks for each right that a run uses.
func (d *doctor) rights(ctx context.Context, area string) {
	namespace := ""
	if settings.InPod(d.session.Environ) {
		namespace = d.session.Variable("POD_NAMESPACE")
	}
	var held []kube.Right
	rights, needed := d.session.Settings.Rights(d.plan.Selection, nil, namespace)
	for i, right := range rights {
		allowed, err := d.plan.Kube().May(ctx, right)
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
			said[i] += " in " + plaintext.Some(namespaces, 5)
		}
	}
	return strings.Join(said, ", ")
}

// missing tells of a right that is not there. Where incomplete inventories are
// allowed, a run gets along without some.
func (d *doctor) missing(area string, right kube.Right) {
	err := fmt.Errorf("%w: may not %s", kube.ErrRefused, right)
	nodes := right.Resource == "nodes"
	if d.session.Settings.Run.AllowIncomplete && (nodes || right.Namespace != "") {
		d.gaps = append(d.gaps, inventory.Gap{Source: right.Resource, Reason: err.Error(), Cause: err})
		d.tell(area, report.Warned, "may not "+right.String()+": the inventory is incomplete without", adviceRights)
		return
	}
	d.fail(inReading, area, err, adviceRights)
}
