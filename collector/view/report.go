package view

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"

	"stocktake/collector"
	"stocktake/collector/file"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ReportFormats are the forms in which Report writes.
func ReportFormats() []string { return []string{"html"} }

// Report writes a document about the images in use to a file, or to stdout if the
// path is "-". It needs no receiver and no name of the cluster.
func Report(ctx context.Context, inv collector.Invocation, q collector.Query, format, path string) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return document(ctx, s, q, format, path) })
}

func document(ctx context.Context, s *collector.Session, q collector.Query, format, path string) error {
	if err := settings.OneOf("-o", format, ReportFormats()...); err != nil {
		return err
	}
	all, err := stock(ctx, s, q)
	if err != nil {
		return err
	}
	if err := writeReport(ctx, s, all, path); err != nil {
		return err
	}
	return partial(all.About)
}

// writeReport touches the file only when the document is there: the one of
// yesterday is better than half of one. Whoever wrote it decides who may read it.
func writeReport(ctx context.Context, s *collector.Session, all *report.Stock, path string) error {
	lines := all.Images(report.Filter{})
	if path == "-" {
		return all.HTML(s.Stdout, lines, s.Build.Version)
	}
	var page bytes.Buffer
	if err := all.HTML(&page, lines, s.Build.Version); err != nil {
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
