package view

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stocktake/collector"
	"stocktake/collector/compare"
	"stocktake/collector/plaintext"
	"stocktake/collector/settings"
)

// DiffQuery says what is compared: two saved inventories of any kind, of which one may
// be stdin (-) or the live cluster (live).
type DiffQuery struct {
	Old, New   string
	Namespaces []string // by exact name; empty: as namespace-selectors say
}

// DiffOptions says how the changes are shown.
type DiffOptions struct {
	By        string // image or namespace; empty: image
	Format    string // one of DiffFormats; empty: table
	NoHeaders bool
}

// live stands for the cluster in the place of a file.
const live = "live"

// Diff shows what became of the images between two inventories.
func Diff(ctx context.Context, inv collector.Invocation, q DiffQuery, v DiffOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return diff(ctx, s, q, v) })
}

func diff(ctx context.Context, s *collector.Session, q DiffQuery, v DiffOptions) error {
	if err := errors.Join(q.check(), v.check()); err != nil {
		return err
	}
	before, err := readSide(ctx, s, q.Old, q.Namespaces)
	if err != nil {
		return err
	}
	after, err := readSide(ctx, s, q.New, q.Namespaces)
	if err != nil {
		return err
	}
	p := pair{old: before, new: after}
	result := p.compare(q.Namespaces, s.Settings.Payload.Tag)
	for _, note := range p.notes(result) {
		fmt.Fprintf(s.Stderr, "stocktake: %s\n", plaintext.Escape(strings.ReplaceAll(note, "\n", " ")))
	}
	if err := showDiff(s, v, p, result); err != nil {
		return err
	}
	return p.verdict(result)
}

// check refuses what can be read but once.
func (q DiffQuery) check() error {
	if q.Old == q.New && (q.Old == "-" || q.Old == live) {
		return fmt.Errorf("%w: diff: both inventories are %s: give one of them as a file", settings.ErrInvalid, q.Old)
	}
	return nil
}

// pair is what is compared.
type pair struct{ old, new *inventoryRead }

// compare compares in the view that both can give.
func (p pair) compare(namespaces []string, inserted string) *compare.Result {
	o := compare.Options{Namespaces: namespaces, Inserted: inserted, OldPartial: p.old.partial(), NewPartial: p.new.partial()}
	return compare.Compare(p.old.as(p.new.kind), p.new.as(p.old.kind), o)
}

// verdict is the exit code: what was found is certain, that nothing was is so only if
// all was compared.
func (p pair) verdict(result *compare.Result) error {
	switch {
	case !result.Same():
		return collector.ErrDifferent
	case p.old.partial() || p.new.partial():
		return fmt.Errorf("%w: no difference in what could be compared", collector.ErrIncomplete)
	}
	return nil
}
