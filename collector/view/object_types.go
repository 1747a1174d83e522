package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"stocktake/collector"
	"stocktake/collector/objects"
	"stocktake/collector/objecttype"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ObjectTypeFormats are the forms in which ObjectTypes writes, the usual one first.
func ObjectTypeFormats() []string { return []string{"table", "wide", "json", "name"} }

// ObjectTypes shows which types of objects a query reads, and of all others why not.
func ObjectTypes(ctx context.Context, inv collector.Invocation, q collector.ObjectQuery, v ObjectOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return objectTypes(ctx, s, q, v) })
}

func objectTypes(ctx context.Context, s *collector.Session, q collector.ObjectQuery, v ObjectOptions) error {
	if err := settings.OneOf("-o", cmp.Or(v.Format, "table"), ObjectTypeFormats()...); err != nil {
		return err
	}
	if q.File != "" || q.Selector != "" || cmp.Or(v.By, byType) != byType {
		return fmt.Errorf("%w: types are asked of a cluster, not counted: --file, --selector and --by do not go with them", settings.ErrInvalid)
	}
	chosen, err := collector.ObjectTypes(ctx, s, q)
	if len(chosen.Types)+len(chosen.Others) == 0 && err != nil {
		return err
	}
	if err := showObjectTypes(s, v, report.OfObjectTypes(typeRows(chosen), string(objecttype.Chosen))); err != nil {
		return err
	}
	for _, warning := range chosen.Warnings {
		fmt.Fprintf(s.Stderr, "warning: %s\n", plaintext.Escape(warning))
	}
	return err
}

func showObjectTypes(s *collector.Session, v ObjectOptions, all *report.View) error {
	switch v.Format {
	case "wide":
		return all.Wide(s.Stdout, s.Screen(v.NoHeaders))
	case "json":
		return all.JSON(s.Stdout)
	case "name":
		return all.Names(s.Stdout)
	}
	return all.Table(s.Stdout, s.Screen(v.NoHeaders))
}

// typeRows has what is read first, then what was asked for and is not read, then the others.
func typeRows(chosen objects.Choices) []report.ObjectType {
	asked := slices.Clone(chosen.Types)
	slices.SortStableFunc(asked, func(a, b objecttype.Choice) int { return cmp.Compare(notRead(a), notRead(b)) })
	var rows []report.ObjectType
	for _, c := range slices.Concat(asked, chosen.Others) {
		rows = append(rows, report.ObjectType{
			Type: c.FullName(), State: string(c.State), Reason: plaintext.Flat(c.Reason), Version: c.Version, Kind: c.Kind,
			ShortNames: c.ShortNames, Namespaced: c.Namespaced, Level: chosen.Level(c),
		})
	}
	return rows
}

func notRead(c objecttype.Choice) int {
	if c.State == objecttype.Chosen {
		return 0
	}
	return 1
}
