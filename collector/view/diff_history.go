package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/inventory"
	"stocktake/collector/moment"
	"stocktake/collector/settings"
)

// isMoment reports whether a side of a comparison is a word for a time. A file of that name is
// given with its folder: ./yesterday.
func isMoment(source string) bool {
	_, err := moment.Parse(source, time.Now())
	return err == nil
}

// asOf reads a cluster as the last complete run saw it that began before the moment, or
// in it where that is a day.
func asOf(ctx context.Context, s *collector.Session, word string, v inventory.Visitor) (from collector.Inventory, err error) {
	m, err := moment.Parse(word, s.Began)
	if err != nil {
		return from, settings.Invalid("moment", "%w", err)
	}
	selection, err := s.Settings.Select.Selection()
	if err != nil {
		return from, err
	}
	before := m.End
	if m.Start.Equal(m.End) {
		before = m.End.Add(time.Millisecond) // a run of that moment counts
	}
	err = viewing(ctx, s, func(h *history.View) error {
		name, err := clusterIn(h, s.Settings.Run)
		if err != nil {
			return err
		}
		from.Cluster, err = h.AsOf(name, before, inventory.Filter{Visitor: v, Namespaces: selection.Match})
		if errors.Is(err, history.ErrNoRun) {
			return fmt.Errorf("%s: %w: %w", word, collector.ErrEmpty, err)
		}
		from.Cluster.Namespaces = selection.Of(from.Cluster.Namespaces)
		return err
	})
	return from, err
}

// clusterIn is the cluster whose history is meant: the one of the settings, or the only one.
func clusterIn(h *history.View, o collector.RunOptions) (string, error) {
	if name := cmp.Or(o.ClusterID, o.LegacyCluster); name != "" {
		return name, nil
	}
	switch names := h.Clusters(); len(names) {
	case 0:
		return "", fmt.Errorf("%w: the history holds no cluster", collector.ErrEmpty)
	case 1:
		return names[0], nil
	default:
		return "", settings.Invalid("cluster-id", "the history has several clusters (%s): say which by CLUSTER_ID or --set cluster-id=NAME", strings.Join(names, ", "))
	}
}
