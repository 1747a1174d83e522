package view

import (
	"cmp"
	"context"

	"stocktake/collector"
	"stocktake/collector/history"
	"stocktake/collector/report"
)

// lookUp asks the history when each image was seen: in the cluster of the settings, or if they name
// none in all.
func lookUp(ctx context.Context, s *collector.Session, all *report.Stock) error {
	var clusters []string
	if name := cmp.Or(s.Settings.Run.ClusterID, s.Settings.Run.LegacyCluster); name != "" {
		clusters = []string{name}
	}
	return viewing(ctx, s, func(h *history.View) error {
		return all.LookUp(func(p report.Pictured) (report.SeenSpan, error) {
			seen, _, err := h.Seen(history.Image{Digest: cmp.Or(p.Digest, p.ConfigID), Name: p.Name, Tag: p.Tag}, clusters)
			return report.SeenSpan{First: report.Instant{Time: seen.First}, Last: report.Instant{Time: seen.Last}}, err
		})
	})
}
