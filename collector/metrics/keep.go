package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// cluster is the label that a Pushgateway has in its grouping key.
const cluster = "cluster"

// inFile are the metrics of the run with the label of the cluster.
func (r *Run) inFile() []*dto.MetricFamily {
	all := r.families()
	for _, f := range all {
		for _, m := range f.Metric {
			m.Label = append(m.Label, pair(cluster, r.Cluster))
		}
	}
	return all
}

// kept are the metrics that a file has of this cluster and that this run does not
// speak of, but another may. The error says why they are lost.
func (r *Run) kept(path string) ([]*dto.MetricFamily, error) {
	text, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("what was said of earlier runs is lost: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	before, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s held no metrics, what was said of earlier runs is lost: %w", path, err)
	}
	said := r.families()
	var kept []*dto.MetricFamily
	for _, f := range everything() {
		same := func(other *dto.MetricFamily) bool { return other.GetName() == f.GetName() }
		if slices.ContainsFunc(said, same) {
			continue
		}
		if f.Metric = r.own(before[f.GetName()], f.Metric[0]); len(f.Metric) > 0 {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// maxFile is how much of a file is read, in bytes; what Write writes is below 16 KiB.
const maxFile = 1 << 20

// read returns what is in a file, and nothing if there is none.
func read(path string) ([]byte, error) {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxFile)
	}
	return text, err
}

// everything are all metrics that there can be.
func everything() []*dto.MetricFamily {
	r := Run{Inventory: &Inventory{Images: &ImageCounts{}}}
	return r.families()
}

// own are the gauges of this cluster that have the labels of a sample, each once and
// without a time: node_exporter refuses a file with times or with the same twice.
func (r *Run) own(f *dto.MetricFamily, sample *dto.Metric) []*dto.Metric {
	var own []*dto.Metric
	seen := map[string]bool{}
	for _, m := range f.GetMetric() {
		series, ok := r.series(m, sample)
		if !ok || seen[series] {
			continue
		}
		seen[series] = true
		m.TimestampMs = nil
		own = append(own, m)
	}
	return own
}

// series are the values of the labels of a metric, if it is one of this cluster with
// the labels of a sample and no others.
func (r *Run) series(m, sample *dto.Metric) (string, bool) {
	want := append(slices.Clone(sample.GetLabel()), pair(cluster, r.Cluster))
	if m.GetGauge() == nil || len(m.GetLabel()) != len(want) {
		return "", false
	}
	values := make([]string, len(want))
	for _, l := range m.GetLabel() {
		i := slices.IndexFunc(want, func(w *dto.LabelPair) bool { return w.GetName() == l.GetName() })
		if i < 0 {
			return "", false
		}
		values[i] = l.GetValue()
	}
	ours := values[len(want)-1] == want[len(want)-1].GetValue()
	return strings.Join(values, "\xff"), ours
}
