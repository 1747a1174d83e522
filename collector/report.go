package collector

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"

	"stocktake/collector/file"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ReportFormats are the forms in which Report writes.
func ReportFormats() []string { return []string{"html"} }

// Report writes a document about the images in use to a file, or to stdout if the
// path is "-". It needs no receiver and no name of the cluster.
func Report(ctx context.Context, inv Invocation, q Query, format, path string) Code {
	return look(ctx, inv, func(r *run, ctx context.Context) error { return r.report(ctx, q, format, path) })
}

func (r *run) report(ctx context.Context, q Query, format, path string) error {
	if err := oneOf("-o", format, ReportFormats()...); err != nil {
		return err
	}
	stock, err := r.stock(ctx, q)
	if err != nil {
		return err
	}
	if err := r.writeReport(ctx, stock, path); err != nil {
		return err
	}
	return partial(stock.About)
}

// writeReport touches the file only when the document is there: the one of
// yesterday is better than half of one. Whoever wrote it decides who may read it.
func (r *run) writeReport(ctx context.Context, stock *report.Stock, path string) error {
	lines := stock.Images(report.Filter{})
	if path == "-" {
		return stock.HTML(r.inv.Stdout, lines, r.inv.Build.Version)
	}
	var page bytes.Buffer
	if err := stock.HTML(&page, lines, r.inv.Build.Version); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if before, err := os.Stat(path); err == nil {
		mode = before.Mode().Perm()
	}
	if _, err := file.Replace(ctx, path, &page, mode); err != nil {
		return fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	return nil
}
