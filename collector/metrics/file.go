package metrics

import (
	"bytes"
	"context"
	"errors"

	"github.com/prometheus/common/expfmt"

	"stocktake/collector/file"
)

// Write puts what the run has to say into a file, at once or not at all, and keeps
// what the file says of this cluster and the run does not. The file is in the
// OpenMetrics text format, and as it has gauges only, in the older text format too,
// which is what node_exporter reads (from files named *.prom). Everybody may read
// it: node_exporter runs as another user.
//
// A file that is no text of metrics is replaced like any other, and then the error
// says that what it said is lost.
func (r *Run) Write(path string) error {
	if err := file.CheckPlace(path); err != nil {
		return err
	}
	kept, lost := r.kept(path)
	text, err := encode(append(r.inFile(), kept...), expfmt.NewFormat(expfmt.TypeOpenMetrics))
	if err != nil {
		return err
	}
	_, err = file.Replace(context.Background(), path, bytes.NewReader(text), 0o644)
	return errors.Join(err, lost)
}
