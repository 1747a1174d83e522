package view

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stocktake/collector"
	"stocktake/collector/plaintext"
	"stocktake/collector/settings"
)

// DiffQuery says what is compared: two saved inventories of any kind, of which one may
// be stdin (-) or the live cluster (live), or moments of the history.
type DiffQuery struct {
	Old, New   string
	Namespaces []string // by exact name; empty: as namespace-selectors say
}

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
