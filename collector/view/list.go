package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"stocktake/collector"
	"stocktake/collector/deliver"
	"stocktake/collector/logging"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ListOptions says what of Anchore's inventory is shown, and how.
type ListOptions struct {
	Namespaces []string // by exact name; empty: all
	Verify     string   // a saved inventory to compare with, "-" for stdin; empty: none
	Format     string   // one of ListFormats; empty: table
	NoHeaders  bool
}

// ListFormats are the forms in which List writes, the usual one first.
func ListFormats() []string { return []string{"table", "wide", "json", "ndjson"} }

// List reads back what Anchore holds for a cluster, and may compare it with what was
// sent: exit code 10 says that something is missing there.
func List(ctx context.Context, inv collector.Invocation, v ListOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return stored(ctx, s, v) })
}

func stored(ctx context.Context, s *collector.Session, v ListOptions) error {
	if err := settings.OneOf("-o", cmp.Or(v.Format, "table"), ListFormats()...); err != nil {
		return err
	}
	sent, err := sentBefore(s, v.Verify)
	if err != nil {
		return err
	}
	cluster, err := clusterOf(s, sent)
	if err != nil {
		return err
	}
	all, err := storedByAnchore(ctx, s, cluster)
	if err != nil {
		return err
	}
	all = within(all, v.Namespaces)
	if sent != nil {
		all = sent.verify(all, v.Namespaces)
	}
	if err := showStored(s, v, cluster, all); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(h report.Stored) bool { return h.Status == report.Missing }) {
		return collector.ErrDifferent
	}
	return nil
}

// clusterOf is the cluster to ask about: that of the settings, or of what was sent.
func clusterOf(s *collector.Session, sent *sentInventory) (string, error) {
	o := s.Settings.Run
	if sent != nil && o.ClusterID == "" && o.LegacyCluster == "" {
		return sent.cluster, nil
	}
	cluster, err := o.Name()
	if err == nil && sent != nil && sent.cluster != cluster {
		return "", fmt.Errorf("%w: %s is an inventory of the cluster %q, and cluster-id is %q", settings.ErrInvalid, sent.name, sent.cluster, cluster)
	}
	return cluster, err
}

// storedByAnchore asks for everything of a cluster, in each account that settings name.
func storedByAnchore(ctx context.Context, s *collector.Session, cluster string) ([]report.Stored, error) {
	o := s.Settings.Anchore
	if !o.Configured() {
		return nil, fmt.Errorf("%w: nobody to ask: set ANCHORE_URL, ANCHORE_USER and ANCHORE_PASSWORD", settings.ErrInvalid)
	}
	o.Accounts = s.Settings.Route.Credentials()
	anchore, err := deliver.NewAnchore(o, s.Agent(), logging.Delivery(s.Log))
	if err != nil {
		return nil, err
	}
	defer anchore.Close()
	if err := anchore.Preflight(ctx); err != nil {
		return nil, err
	}
	var all []report.Stored
	for _, account := range accountsNamed(s.Settings) {
		items, err := anchore.Stored(ctx, cluster, account)
		if err != nil {
			return nil, err
		}
		for _, one := range items {
			all = append(all, report.Stored{
				Account: one.Account, Namespace: one.Namespace, Image: one.Image, Digest: one.Digest, Context: one.Context, Type: one.Type,
				Created: one.Created, Updated: one.Updated, Seen: one.Seen,
			})
		}
	}
	return all, nil
}

// accountsNamed are those that the settings name, each once. Accounts in the labels of
// namespaces are known to the cluster alone.
func accountsNamed(all collector.Settings) []string {
	o := all.Route
	names := []string{all.Anchore.Account}
	for _, route := range o.Routes {
		names = append(names, route.Account)
	}
	if o.DefaultAccount != "" {
		names = append(names, o.DefaultAccount)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// within returns what is of the given namespaces.
func within(all []report.Stored, namespaces []string) []report.Stored {
	if len(namespaces) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(h report.Stored) bool { return !slices.Contains(namespaces, h.Namespace) })
}

// showStored writes what Anchore holds.
func showStored(s *collector.Session, v ListOptions, cluster string, all []report.Stored) error {
	view := report.OfStored(all)
	switch v.Format {
	case "json":
		return view.JSON(s.Stdout)
	case "ndjson":
		return view.NDJSON(s.Stdout)
	}
	if view.Len() == 0 {
		fmt.Fprintf(s.Stderr, "No images of cluster %s found\n", plaintext.Escape(cluster))
		return nil
	}
	if v.Format == "wide" {
		return view.Wide(s.Stdout, s.Screen(v.NoHeaders))
	}
	return view.Table(s.Stdout, s.Screen(v.NoHeaders))
}
