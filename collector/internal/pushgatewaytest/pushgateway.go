// Package pushgatewaytest runs a real Pushgateway for tests, the one that .ci/build
// makes from its pinned module. Nothing is learned from an imitation: what a push
// replaces and what it leaves alone is exactly what is to be known.
package pushgatewaytest

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"stocktake/collector/internal/programs"
)

// Start runs a Pushgateway on a loopback port until the test ends, and returns its
// URL. It takes flags of the program.
func Start(t testing.TB, flags ...string) string {
	t.Helper()
	folder, err := programs.Build("metrics", "pushgateway")
	check(t, err)
	args := append([]string{"-c", guard, filepath.Join(folder, "pushgateway"), "--web.listen-address=127.0.0.1:0"}, flags...)
	cmd := exec.CommandContext(context.Background(), "sh", args...)
	alive, err := cmd.StdinPipe()
	check(t, err)
	log, err := cmd.StderrPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = alive.Close()
		_ = cmd.Wait() // nobody cares how it ended
	})
	return "http://" + address(t, bufio.NewScanner(log))
}

// guard ends the program when nobody holds the pipe any more: a test that is killed
// leaves none behind.
const guard = `"$0" "$@" & cat >/dev/null; kill $!; wait`

// listening is what it logs once it can be asked.
var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// address waits for it, and has the rest of the log read so that it never blocks.
func address(t testing.TB, log *bufio.Scanner) string {
	t.Helper()
	var said bytes.Buffer
	for log.Scan() {
		if found := listening.FindSubmatch(log.Bytes()); found != nil {
			go func() {
				for log.Scan() {
					continue
				}
			}()
			return string(found[1])
		}
		said.Write(append(log.Bytes(), '\n'))
	}
	t.Fatalf("the Pushgateway did not start:\n%s", &said)
	return ""
}

// Metrics returns what Prometheus would get from a Pushgateway.
func Metrics(t testing.TB, url string) map[string]*dto.MetricFamily {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	check(t, err)
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	defer resp.Body.Close() //nolint:errcheck // it was only read
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	check(t, err)
	return families
}

// Values returns the metrics of a name in one group, by the value of one more label,
// which may be none.
func Values(t testing.TB, url, name, cluster, label string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for _, m := range Metrics(t, url)[name].GetMetric() {
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		if labels["cluster"] == cluster {
			values[labels[label]] = m.GetGauge().GetValue()
		}
	}
	return values
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
