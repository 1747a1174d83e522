// Package view is what people look at: images, documents about them, whole objects, differences
// between inventories, what Anchore holds, which rights a run takes, and the settings.
//
// It stands on top of package collector, which reads clusters and saved inventories by
// the same way for a person as for a delivery. A view says nothing that was not asked
// for: only what goes wrong, in plain words.
package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"stocktake/collector"
	"stocktake/collector/logging"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// show does something for people, with the settings and within their deadline.
func show(ctx context.Context, inv collector.Invocation, do func(context.Context, *collector.Session) error) collector.Code {
	return collector.Start(ctx, inv, collector.Command{
		LogAs: quietly,
		Do: func(ctx context.Context, s *collector.Session) error {
			for _, w := range s.Given.Warnings {
				s.Log.Debug().Msg(w) // it concerns deliveries
			}
			return do(ctx, s)
		},
		End: func(ctx context.Context, s *collector.Session, err error) collector.Code {
			if err != nil && !errors.Is(err, collector.ErrDifferent) { // which is an answer
				fmt.Fprintf(s.Stderr, "stocktake: %s\n", plaintext.Escape(collector.Reason(ctx, err)))
			}
			return collector.CodeOf(ctx, err)
		},
	})
}

// quietly is a readable log of warnings, unless the settings want another.
func quietly(o logging.Options, given settings.Given) logging.Options {
	if _, set := given.Values["log.level"]; !set {
		o.Level = "warn"
	}
	o.Structured = cmp.Or(o.Structured, "false")
	return o
}

// stock reads what a query asks for into the model of all views of images.
func stock(ctx context.Context, s *collector.Session, q collector.Query) (*report.Stock, error) {
	all := report.NewStock()
	from, err := collector.Read(ctx, s, q, all)
	if err != nil {
		return nil, err
	}
	all.SetNodes(from.Cluster.Nodes)
	all.About = about(from)
	all.About.Selection = words(q)
	return all, nil
}

func about(from collector.Inventory) report.About {
	c := from.Cluster
	a := report.About{Cluster: c.Name, ClusterUID: c.UID, Server: c.Server.GitVersion, Collected: c.Collected}
	if o := from.Outcome; o != nil {
		a.Partial, a.Gaps, a.Consistency = !o.Complete, o.Gaps, o.Listing.Consistency
	}
	return a
}

// words say what the query leaves out, nothing if it leaves out nothing.
func words(q collector.Query) string {
	var words []string
	if len(q.Namespaces) > 0 && !q.All {
		words = append(words, "namespace "+strings.Join(q.Namespaces, ", "))
	}
	if q.Selector != "" {
		words = append(words, "labels "+q.Selector)
	}
	return strings.Join(words, "; ")
}

// partial is the last word on a view: an error if it is not whole.
func partial(a report.About) error {
	switch {
	case !a.Partial:
		return nil
	case len(a.Gaps) == 0:
		return fmt.Errorf("%w: the inventory was saved as incomplete", collector.ErrIncomplete)
	}
	return fmt.Errorf("%w: without what could not be read: %s", collector.ErrIncomplete, a.Gaps[0].Reason)
}
