package view

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"stocktake/collector"
	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ImageOptions says how images are shown.
type ImageOptions struct {
	By        string // image, or what they are grouped by; empty: image
	Sort      string // empty: name
	Format    string // one of ImageFormats; empty: table
	NoDigest  bool   // only images whose digest is unknown
	Seen      bool   // look up in the history when each was seen
	NoHeaders bool   // tables without titles and total
}

// Images shows which images are in use and where. It needs no receiver and no
// name of the cluster.
func Images(ctx context.Context, inv collector.Invocation, q collector.Query, v ImageOptions) collector.Code {
	return show(ctx, inv, func(ctx context.Context, s *collector.Session) error { return images(ctx, s, q, v) })
}

func images(ctx context.Context, s *collector.Session, q collector.Query, v ImageOptions) error {
	format, err := v.check()
	if err != nil {
		return err
	}
	all, err := stock(ctx, s, q)
	if err != nil {
		return err
	}
	if v.Seen {
		if err := lookUp(ctx, s, all); err != nil {
			return err
		}
	}
	l := listing{View: v.of(all), asked: v, stock: all, screen: s.Screen(v.NoHeaders), version: s.Build.Version}
	if l.Len() == 0 && format.forPeople {
		fmt.Fprintln(s.Stderr, v.nothing(all.About))
	} else if err := format.write(s.Stdout, l); err != nil {
		return err
	}
	return partial(all.About)
}

// listing is what is written.
type listing struct {
	*report.View
	asked   ImageOptions
	stock   *report.Stock
	screen  report.Screen
	version string // of this program
}

// imageFormat is a form in which images are written.
type imageFormat struct {
	name      string
	forPeople bool // who prefer a sentence to a table without rows
	write     func(io.Writer, listing) error
}

// imageFormats are the forms, the usual one first.
var imageFormats = []imageFormat{
	{"table", true, func(w io.Writer, l listing) error { return l.Table(w, l.screen) }},
	{"wide", true, func(w io.Writer, l listing) error { return l.Wide(w, l.screen) }},
	{"json", false, func(w io.Writer, l listing) error { return l.JSON(w) }},
	{"ndjson", false, func(w io.Writer, l listing) error { return l.NDJSON(w) }},
	{"csv", false, func(w io.Writer, l listing) error { return l.CSV(w) }},
	{"name", false, func(w io.Writer, l listing) error { return l.Names(w) }},
	{cyclonedx, false, func(w io.Writer, l listing) error { return l.cyclonedx(w) }},
}

// ImageFormats are the names of the forms in which Images writes.
func ImageFormats() []string {
	names := make([]string, len(imageFormats))
	for i, f := range imageFormats {
		names[i] = f.name
	}
	return names
}

// ImageGroupings are what Images can be grouped by.
func ImageGroupings() []string {
	return []string{byImage, string(report.ByNamespace), string(report.ByWorkload), string(report.ByNode), string(report.ByRegistry)}
}

const byImage = "image"

// ImageOrders are what Images can be sorted by, when they are grouped like that.
func ImageOrders(by string) []string {
	orders := report.GroupOrders()
	if cmp.Or(by, byImage) == byImage {
		orders = report.ImageOrders()
	}
	names := make([]string, len(orders))
	for i, o := range orders {
		names[i] = string(o)
	}
	return names
}

// check refuses what there is not, before anything is asked of a cluster.
func (v ImageOptions) check() (imageFormat, error) {
	if err := settings.OneOf("--by", cmp.Or(v.By, byImage), ImageGroupings()...); err != nil {
		return imageFormat{}, err
	}
	if err := settings.OneOf("--sort", cmp.Or(v.Sort, "name"), ImageOrders(v.By)...); err != nil {
		return imageFormat{}, err
	}
	name := cmp.Or(v.Format, imageFormats[0].name)
	i := slices.IndexFunc(imageFormats, func(f imageFormat) bool { return f.name == name })
	if i < 0 {
		return imageFormat{}, settings.Invalid("-o", "%q is not one of %s", v.Format, strings.Join(ImageFormats(), ", "))
	}
	if name == cyclonedx && cmp.Or(v.By, byImage) != byImage {
		return imageFormat{}, settings.Invalid("-o", "%s lists images: it does not go with --by %s", name, v.By)
	}
	if v.Seen && cmp.Or(v.By, byImage) != byImage {
		return imageFormat{}, settings.Invalid("--seen", "the history is asked of images: it does not go with --by %s", v.By)
	}
	return imageFormats[i], nil
}

func (v ImageOptions) of(stock *report.Stock) *report.View {
	filter, order := report.Filter{WithoutDigest: v.NoDigest}, report.Order(v.Sort)
	if cmp.Or(v.By, byImage) == byImage {
		return stock.OfImages(filter, order)
	}
	return stock.OfGroups(report.Grouping(v.By), filter, order)
}

// nothing says that there is nothing to show, and where.
func (v ImageOptions) nothing(a report.About) string {
	s := "No images found"
	if v.NoDigest {
		s = "No images without a digest found"
	}
	if a.Selection != "" {
		s += ": " + a.Selection
	}
	return s
}

// cyclonedx is the name of the format.
const cyclonedx = "cyclonedx"

// cyclonedx writes the images as a CycloneDX document. One of a part of the images
// says that it is: whoever imports it may take what is not in it for gone.
func (l listing) cyclonedx(w io.Writer) error {
	about := l.stock.About
	if l.asked.NoDigest {
		about.Selection = strings.TrimPrefix(about.Selection+"; images without digest", "; ")
	}
	return report.CycloneDX(w, about, l.stock.Images(report.Filter{WithoutDigest: l.asked.NoDigest}), l.version)
}
