package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"stocktake/collector"
	"stocktake/collector/objects"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ObjectOptions says how whole objects are shown.
type ObjectOptions struct {
	By        string // one of ObjectGroupings; empty: type
	Format    string // one of ObjectFormats; empty: table
	NoHeaders bool   // tables without titles and total
}

// ObjectGroupings are what Objects can be counted by, the usual one first.
func ObjectGroupings() []string { return []string{byType, byNamespace, byOwner} }

// ObjectFormats are the forms in which Objects writes, the usual one first.
func ObjectFormats() []string {
	return []string{"table", "wide", "json", "ndjson", "yaml", "name"}
}

// check refuses what there is not, before anything is asked of a cluster.
func (v ObjectOptions) check() error {
	if err := settings.OneOf("--by", cmp.Or(v.By, byType), ObjectGroupings()...); err != nil {
		return err
	}
	if err := settings.OneOf("-o", cmp.Or(v.Format, "table"), ObjectFormats()...); err != nil {
		return err
	}
	if !v.counts() && cmp.Or(v.By, byType) != byType {
		return settings.Invalid("-o", "%s lists objects: it does not go with --by %s", v.Format, v.By)
	}
	return nil
}

// counts reports whether objects are counted, and not shown themselves.
func (v ObjectOptions) counts() bool { return slices.Contains([]string{"", "table", "wide"}, v.Format) }

// Objects shows how many whole objects there are of which types, or the objects themselves,
// without their secrets. It needs no receiver and no name of the cluster.
func Objects(ctx context.Context, inv collector.Invocation, q collector.ObjectQuery, v ObjectOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return wholeObjects(ctx, s, q, v) })
}

func wholeObjects(ctx context.Context, s *collector.Session, q collector.ObjectQuery, v ObjectOptions) error {
	if err := v.check(); err != nil {
		return err
	}
	found, err := collector.OpenObjects(ctx, s, q)
	if err != nil {
		return err
	}
	defer found.Discard()
	if v.counts() {
		err = countObjects(s, found.Reading, v)
	} else if errors.Is(found.Lacks, collector.ErrIncomplete) || found.Lacks == nil {
		err = printObjects(s.Stdout, found.Reading, v.Format) // a program must not take a part for all
	}
	return cmp.Or(err, found.Lacks)
}

// countObjects writes a table.
func countObjects(s *collector.Session, found *objects.Reading, v ObjectOptions) error {
	t := newObjectTally(cmp.Or(v.By, byType), found)
	if v.By == byOwner {
		if err := found.FindOwners(); err != nil {
			return err
		}
	}
	if err := found.Each(t.add); err != nil {
		return err
	}
	rows := t.rows()
	if len(rows) == 0 {
		fmt.Fprintln(s.Stderr, "No objects found")
		return nil
	}
	title := map[string]string{byType: report.ObjectTypes, byNamespace: report.ObjectNamespaces, byOwner: report.ObjectOwners}[t.by]
	all := report.OfObjects(title, rows, t.total())
	if v.Format == "wide" {
		return all.Wide(s.Stdout, s.Screen(v.NoHeaders))
	}
	return all.Table(s.Stdout, s.Screen(v.NoHeaders))
}
