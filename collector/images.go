package collector

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"stocktake/collector/report"
	"stocktake/collector/settings"
)

// ImagesView says how images are shown.
type ImagesView struct {
	By        string // image, or what they are grouped by; empty: image
	Sort      string // empty: name
	Format    string // one of ImageFormats; empty: table
	NoDigest  bool   // only images whose digest is unknown
	NoHeaders bool   // tables without titles and total
}

// Images shows which images are in use and where. It needs no receiver and no
// name of the cluster.
func Images(ctx context.Context, inv Invocation, q Query, v ImagesView) Code {
	return look(ctx, inv, func(r *run, ctx context.Context) error { return r.images(ctx, q, v) })
}

func (r *run) images(ctx context.Context, q Query, v ImagesView) error {
	format, err := v.check()
	if err != nil {
		return err
	}
	stock, err := r.stock(ctx, q)
	if err != nil {
		return err
	}
	l := listing{View: v.of(stock), asked: v, stock: stock, screen: r.screen(v.NoHeaders), version: r.inv.Build.Version}
	if l.Len() == 0 && format.forPeople {
		fmt.Fprintln(r.inv.Stderr, v.nothing(stock.About))
	} else if err := format.write(r.inv.Stdout, l); err != nil {
		return err
	}
	return partial(stock.About)
}

// listing is what is written.
type listing struct {
	*report.View
	asked   ImagesView
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
func (v ImagesView) check() (imageFormat, error) {
	if err := oneOf("--by", cmp.Or(v.By, byImage), ImageGroupings()...); err != nil {
		return imageFormat{}, err
	}
	if err := oneOf("--sort", cmp.Or(v.Sort, "name"), ImageOrders(v.By)...); err != nil {
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
	return imageFormats[i], nil
}

func (v ImagesView) of(stock *report.Stock) *report.View {
	filter, order := report.Filter{WithoutDigest: v.NoDigest}, report.Order(v.Sort)
	if cmp.Or(v.By, byImage) == byImage {
		return stock.OfImages(filter, order)
	}
	return stock.OfGroups(report.Grouping(v.By), filter, order)
}

// nothing says that there is nothing to show, and where.
func (v ImagesView) nothing(a report.About) string {
	s := "No images found"
	if v.NoDigest {
		s = "No images without a digest found"
	}
	if a.Selection != "" {
		s += ": " + a.Selection
	}
	return s
}
