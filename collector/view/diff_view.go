package view

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"stocktake/collector"
	"stocktake/collector/compare"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// DiffOptions says how the changes are shown.
type DiffOptions struct {
	By        string // image or namespace; empty: image
	Format    string // one of DiffFormats; empty: table
	NoHeaders bool
}

// DiffFormats are the forms in which Diff writes, the usual one first.
func DiffFormats() []string { return []string{"table", "wide", "json"} }

// DiffGroupings are what Diff can be grouped by.
func DiffGroupings() []string { return []string{byImage, string(report.ByNamespace)} }

// check refuses what there is not, before anything is read.
func (v DiffOptions) check() error {
	return errors.Join(
		settings.OneOf("--by", cmp.Or(v.By, byImage), DiffGroupings()...),
		settings.OneOf("-o", cmp.Or(v.Format, "table"), DiffFormats()...),
	)
}

// of returns the changes as they are listed: an image once, with all namespaces to
// which the same has happened, or each namespace by itself.
func (v DiffOptions) of(changes []compare.Change) []compare.Change {
	if v.By == string(report.ByNamespace) {
		return compare.ByNamespace(changes)
	}
	return compare.ByImage(changes)
}

// showDiff writes the changes.
func showDiff(s *collector.Session, v DiffOptions, p pair, result *compare.Result) error {
	if v.Format == "json" {
		return report.Document(s.Stdout, p.document(v, result))
	}
	if result.Same() {
		fmt.Fprintln(s.Stderr, "No differences found")
		return nil
	}
	view := report.OfChanges(v.of(result.Changes), v.By == string(report.ByNamespace))
	if v.Format == "wide" {
		return view.Wide(s.Stdout, s.Screen(v.NoHeaders))
	}
	return view.Table(s.Stdout, s.Screen(v.NoHeaders))
}

// diffDocument is a comparison as JSON shows it.
type diffDocument struct {
	Old       diffSide             `json:"old"`
	New       diffSide             `json:"new"`
	Same      bool                 `json:"same"`
	Counts    map[compare.Kind]int `json:"counts"` // of the changes below
	Changes   []compare.Change     `json:"changes"`
	Uncertain []compare.Change     `json:"uncertain"`
	Unread    []compare.Unread     `json:"not_compared"`
	OnlyInOld []string             `json:"namespaces_only_in_old"`
	OnlyInNew []string             `json:"namespaces_only_in_new"`
}

// diffSide is one of the inventories.
type diffSide struct {
	Source     string          `json:"source"` // as it was given
	Kind       payload.Kind    `json:"kind"`   // stocktake for the live cluster
	Cluster    string          `json:"cluster"`
	ClusterUID string          `json:"cluster_uid,omitempty"`
	Time       time.Time       `json:"time"`
	Complete   *bool           `json:"complete,omitempty"` // missing where the kind does not say it
	Gaps       []inventory.Gap `json:"gaps,omitempty"`
}

func (p pair) document(v DiffOptions, result *compare.Result) diffDocument {
	d := diffDocument{
		Old: p.old.side(), New: p.new.side(), Same: result.Same(), Counts: map[compare.Kind]int{},
		Changes: list(v.of(result.Changes)), Uncertain: list(v.of(result.Uncertain)), Unread: list(result.Unread),
		OnlyInOld: list(result.OnlyOld), OnlyInNew: list(result.OnlyNew),
	}
	for _, kind := range compare.Kinds() {
		d.Counts[kind] = 0
	}
	for _, c := range d.Changes {
		d.Counts[c.Kind]++
	}
	return d
}

func (i *inventoryRead) side() diffSide {
	c := i.from.Cluster
	s := diffSide{Source: i.source, Kind: i.kind, Cluster: c.Name, ClusterUID: c.UID, Time: c.Collected.UTC(), Gaps: i.gaps()}
	if i.from.Outcome != nil {
		s.Complete = &i.from.Outcome.Complete
	}
	return s
}
