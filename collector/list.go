package collector

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"stocktake/collector/deliver"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ListView says what of Anchore's inventory is shown, and how.
type ListView struct {
	Namespaces []string // by exact name; empty: all
	Verify     string   // a saved inventory to compare with, "-" for stdin; empty: none
	Format     string   // one of ListFormats; empty: table
	NoHeaders  bool
}

// ListFormats are the forms in which List writes, the usual one first.
func ListFormats() []string { return []string{"table", "wide", "json", "ndjson"} }

// List reads back what Anchore holds for a cluster, and may compare it with what was
// sent: exit code 10 says that something is missing there.
func List(ctx context.Context, inv Invocation, v ListView) Code {
	return look(ctx, inv, func(r *run, ctx context.Context) error { return r.list(ctx, v) })
}

func (r *run) list(ctx context.Context, v ListView) error {
	if err := oneOf("-o", cmp.Or(v.Format, "table"), ListFormats()...); err != nil {
		return err
	}
	sent, err := r.sentBefore(v.Verify)
	if err != nil {
		return err
	}
	cluster, err := r.clusterOf(sent)
	if err != nil {
		return err
	}
	held, err := r.heldByAnchore(ctx, cluster)
	if err != nil {
		return err
	}
	held = within(held, v.Namespaces)
	if sent != nil {
		held = sent.verify(held, v.Namespaces)
	}
	if err := r.showHeld(v, cluster, held); err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(h report.Held) bool { return h.Status == report.HeldMissing }) {
		return errDifferent
	}
	return nil
}

// clusterOf is the cluster to ask about: that of the settings, or of what was sent.
func (r *run) clusterOf(sent *sentInventory) (string, error) {
	o := r.set.Run
	if sent != nil && o.ClusterID == "" && o.LegacyCluster == "" {
		return sent.cluster, nil
	}
	cluster, err := o.cluster()
	if err == nil && sent != nil && sent.cluster != cluster {
		return "", fmt.Errorf("%w: %s is an inventory of the cluster %q, and cluster-id is %q", settings.ErrInvalid, sent.name, sent.cluster, cluster)
	}
	return cluster, err
}

// heldByAnchore asks for everything of a cluster, in each account that settings name.
func (r *run) heldByAnchore(ctx context.Context, cluster string) ([]report.Held, error) {
	o := r.set.Anchore
	if !o.Configured() {
		return nil, fmt.Errorf("%w: nobody to ask: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD", settings.ErrInvalid)
	}
	o.Accounts = r.set.Route.credentials()
	anchore, err := deliver.NewAnchore(o, r.userAgent(), r.onDelivery)
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, anchore.Close)
	if err := anchore.Preflight(ctx); err != nil {
		return nil, err
	}
	var held []report.Held
	for _, account := range r.accounts() {
		items, err := anchore.Stored(ctx, cluster, account)
		if err != nil {
			return nil, err
		}
		for _, s := range items {
			held = append(held, report.Held{
				Account: s.Account, Namespace: s.Namespace, Image: s.Image, Digest: s.Digest, Context: s.Context, Type: s.Type,
				Created: s.Created, Updated: s.Updated, Seen: s.Seen,
			})
		}
	}
	return held, nil
}

// accounts are those that the settings name, each once. Accounts in the labels of
// namespaces are known to the cluster alone.
func (r *run) accounts() []string {
	o := r.set.Route
	all := []string{r.set.Anchore.Account}
	for _, route := range o.Routes {
		all = append(all, route.Account)
	}
	if o.DefaultAccount != "" {
		all = append(all, o.DefaultAccount)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// within returns what is of the given namespaces.
func within(held []report.Held, namespaces []string) []report.Held {
	if len(namespaces) == 0 {
		return held
	}
	return slices.DeleteFunc(held, func(h report.Held) bool { return !slices.Contains(namespaces, h.Namespace) })
}

// showHeld writes what Anchore holds.
func (r *run) showHeld(v ListView, cluster string, held []report.Held) error {
	view := report.OfHeld(held)
	switch v.Format {
	case "json":
		return view.JSON(r.inv.Stdout)
	case "ndjson":
		return view.NDJSON(r.inv.Stdout)
	}
	if view.Len() == 0 {
		fmt.Fprintf(r.inv.Stderr, "No images of cluster %s found\n", plaintext.Escape(cluster))
		return nil
	}
	if v.Format == "wide" {
		return view.Wide(r.inv.Stdout, r.screen(v.NoHeaders))
	}
	return view.Table(r.inv.Stdout, r.screen(v.NoHeaders))
}
