package metrics

import (
	"bytes"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// ContentType is that of Text (https://prometheus.io/docs/instrumenting/exposition_formats/).
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Text returns what the run has to say, in the text format of Prometheus and without
// the label of the cluster, as a Pushgateway wants it.
func (r *Run) Text() ([]byte, error) {
	return encode(r.families(), expfmt.NewFormat(expfmt.TypeTextPlain))
}

func encode(families []*dto.MetricFamily, format expfmt.Format) ([]byte, error) {
	var text bytes.Buffer
	enc := expfmt.NewEncoder(&text, format)
	for _, f := range families {
		if len(f.GetMetric()) == 0 {
			continue // a family without metrics cannot be written
		}
		if err := enc.Encode(f); err != nil {
			return nil, err
		}
	}
	if end, ok := enc.(expfmt.Closer); ok {
		if err := end.Close(); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}
