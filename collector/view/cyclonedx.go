package view

import (
	"io"
	"strings"

	"stocktake/collector/bom"
	"stocktake/collector/report"
)

// cyclonedx is the name of the format.
const cyclonedx = "cyclonedx"

// cyclonedx writes the images as a CycloneDX document. One of a part of the images
// says that it is: whoever imports it may take what is not in it for gone.
func (l listing) cyclonedx(w io.Writer) error {
	about := l.stock.About
	if l.asked.NoDigest {
		about.Selection = strings.TrimPrefix(about.Selection+"; images without digest", "; ")
	}
	return bom.Write(w, about, l.stock.Images(report.Filter{WithoutDigest: l.asked.NoDigest}), l.version)
}
