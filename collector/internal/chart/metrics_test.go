package chart

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	pushed  = "metrics: {pushgateway: 'http://pushgateway:9091'}\n"
	alerted = pushed + "prometheusRule: {enabled: true}\n"
)

// alert is what tests look at of a rule.
type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// alerts are those of the PrometheusRule.
func alerts(t *testing.T, values string) []alert {
	t.Helper()
	rule := release{values: values}.render(t).ofKind("PrometheusRule")[0]
	groups, _, err := unstructured.NestedSlice(rule.Object, "spec", "groups")
	require.NoError(t, err)
	text, err := json.Marshal(groups[0].(map[string]any)["rules"])
	require.NoError(t, err)
	var all []alert
	require.NoError(t, json.Unmarshal(text, &all))
	return all
}

func TestAlertsByMetricsNeedMetrics(t *testing.T) {
	t.Parallel()
	names := func(values string) []string {
		var all []string
		for _, a := range alerts(t, values) {
			all = append(all, a.Alert)
		}
		return all
	}
	all := []string{
		"StocktakeInventoryStale", "StocktakeNoSuccess", "StocktakeNoMetrics", "StocktakeRunFailed", "StocktakeIncomplete",
		"StocktakeDigestsMissing", "StocktakeThrottled",
	}

	assert.Equal(t, all[:1], names("prometheusRule: {enabled: true}"))
	assert.Equal(t, all, names(alerted))
	assert.Equal(t, all, names("prometheusRule: {enabled: true}\nsettings: {metrics.file.path: /metrics/stocktake.prom}"))
}

func TestAlertsAreOfThisCluster(t *testing.T) {
	t.Parallel()
	for _, a := range alerts(t, pushed+"prometheusRule: {enabled: true, afterSeconds: 600, withoutDigestPercent: 25, alertLabels: {severity: page}}")[1:] {
		for _, metric := range metricNames.FindAllStringIndex(a.Expr, -1) {
			assert.Regexp(t, `^\{cluster="prod-1"\}`, a.Expr[metric[1]:], a.Alert)
		}
		assert.Equal(t, map[string]string{"severity": "page"}, a.Labels, a.Alert)
		assert.Contains(t, a.Annotations["summary"], "cluster prod-1")
		switch a.Alert {
		case "StocktakeNoSuccess":
			assert.Contains(t, a.Expr, "> 900", "three intervals, where two are 600 seconds")
		case "StocktakeDigestsMissing":
			assert.Contains(t, a.Expr, "> 25 / 100")
		case "StocktakeNoMetrics", "StocktakeIncomplete", "StocktakeThrottled":
			assert.Equal(t, "600s", a.For)
		case "StocktakeRunFailed":
			assert.Contains(t, a.Annotations["description"], `{{ else if eq $value 4.0 }}the receiver refused`)
		}
	}
}

// dashboard is what tests look at of the one for Grafana.
type dashboard struct {
	UID           string
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []panel
}

type panel struct {
	ID         int
	Title      string
	Datasource struct{ UID string }
	GridPos    struct{ X, Y, W, H int }
	Targets    []struct {
		Expr       string
		Datasource struct{ UID string }
	}
	FieldConfig struct {
		Defaults struct {
			Mappings []struct {
				Options map[string]struct{ Text string }
			}
		}
	}
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "dashboards", "stocktake.json"))
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

func TestDashboardCanBeImported(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)

	assert.Equal(t, "stocktake", d.UID)
	assert.Positive(t, d.SchemaVersion)
	require.Len(t, d.Templating.List, 2)
	assert.Equal(t, "datasource", d.Templating.List[0].Type)
	assert.Equal(t, "cluster", d.Templating.List[1].Name)
	used, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		assert.False(t, used[p.ID], p.Title)
		used[p.ID] = true
		assert.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Empty(t, taken[at], "%s is on top of it", p.Title)
				taken[at] = p.Title
			}
		}
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			assert.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
			for _, metric := range metricNames.FindAllStringIndex(target.Expr, -1) {
				assert.Regexp(t, `^\{cluster=~"\$cluster"\}`, target.Expr[metric[1]:], p.Title)
			}
		}
	}
}

// TestDashboardKnowsEveryExitCode of a run, in the words of the program.
func TestDashboardKnowsEveryExitCode(t *testing.T) {
	t.Parallel()
	mapped := map[string]string{}
	for _, p := range readDashboard(t).Panels {
		for _, m := range p.FieldConfig.Defaults.Mappings {
			for code, to := range m.Options {
				mapped[code] = to.Text
			}
		}
	}
	want := map[string]string{}
	for _, c := range runCodes(t) {
		code := strconv.Itoa(c.code)
		want[code] = code + ": " + c.meaning
	}

	assert.Equal(t, want, mapped)
}

func TestDashboardIsInAConfigMapThatGrafanaFinds(t *testing.T) {
	t.Parallel()
	all := release{values: "dashboard: {enabled: true, annotations: {grafana_folder: Inventory}}\ncommonAnnotations: {contact: someone}"}.render(t).ofKind("ConfigMap")
	require.Len(t, all, 2)
	shipped := all[0]
	if shipped.GetName() != "stocktake-dashboard" {
		shipped = all[1]
	}
	text, _, err := unstructured.NestedString(shipped.Object, "data", "stocktake.json")
	require.NoError(t, err)
	file, err := os.ReadFile(filepath.Join(folder, "dashboards", "stocktake.json"))
	require.NoError(t, err)

	assert.Equal(t, "1", shipped.GetLabels()["grafana_dashboard"])
	assert.Equal(t, map[string]string{"grafana_folder": "Inventory", "contact": "someone"}, shipped.GetAnnotations())
	assert.JSONEq(t, string(file), text)
	assert.Len(t, release{}.render(t).ofKind("ConfigMap"), 1)
}

// expressions are all that Prometheus is to read: of alerts, of the dashboard, and of
// its variables.
func expressions(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, a := range alerts(t, alerted) {
		all = append(all, a.Expr)
	}
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

// TestExpressionsAreReadByPrometheus hands them to its own parser.
func TestExpressionsAreReadByPrometheus(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	for _, expr := range expressions(t) {
		require.NoError(t, json.NewEncoder(&lines).Encode(expr))
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "-mod=readonly", "./promql")
	cmd.Dir = filepath.Join(root, ".ci", "metrics")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	cmd.Stdin = &lines
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// metricNames are ours.
var metricNames = regexp.MustCompile(`stocktake_[a-z_]+`)

// TestExpressionsUseMetricsOfARun: the text is what a run of the program is compared
// with, in collector/internal/programtest/metrics_run_test.go.
func TestExpressionsUseMetricsOfARun(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "collector", "metrics", "testdata", "success.txt"))
	require.NoError(t, err)
	known := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\S+) gauge$`).FindAllSubmatch(text, -1) {
		known[string(found[1])] = true
	}
	require.Greater(t, len(known), 20)
	used := 0
	for _, expr := range append(expressions(t), readDashboard(t).Templating.List[1].Definition) {
		for _, name := range metricNames.FindAllString(expr, -1) {
			assert.True(t, known[name], "%s in %s", name, expr)
			used++
		}
	}
	assert.Greater(t, used, 20)
}

func TestMetricsAreSettings(t *testing.T) {
	t.Parallel()
	values := `
caBundle: {configMap: trust}
secretSettings: {metrics.pushgateway.token: "` + password + `"}
extraVolumes: [{name: metrics, hostPath: {path: /var/lib/node_exporter}}]
extraVolumeMounts: [{name: metrics, mountPath: /metrics}]
`
	all := release{values: values + "\nmetrics: {pushgateway: 'http://pushgateway:9091', file: /metrics/stocktake.prom}"}.render(t)
	text := understood(t, mounted(t, all, nil))

	for _, line := range []string{
		`metrics.pushgateway.url "http://pushgateway:9091" `, `metrics.pushgateway.token ****** file`, `metrics.pushgateway.ca-file "/etc/ca/ca.crt" `,
		`metrics.file.path "/metrics/stocktake.prom" `,
	} {
		assert.Contains(t, text, line)
	}
	none := configMap(t, release{values: "caBundle: {configMap: trust}"}.render(t))
	assert.NotContains(t, none, "metrics.pushgateway.ca-file")
	assert.NotContains(t, none, "metrics.pushgateway.url")
	assert.Contains(t, release{values: "metrics: {file: /metrics/x.prom}"}.refusal(t), "extraVolumeMounts")
	assert.Contains(t, release{values: "metrics: {pushgateway: 'http://robot@pushgateway'}"}.refusal(t), "without a user and a password")
}

func TestNetworkPolicyKnowsThePushgateway(t *testing.T) {
	t.Parallel()
	egress := policy(t, networkOn+pushed).Egress
	require.Len(t, egress, 4)
	assert.Equal(t, []int32{9091}, numbers(egress[3].Ports))
	assert.Empty(t, egress[3].To)

	narrowed := policy(t, pushed+`
networkPolicy:
  enabled: true
  receiver: {to: [{ipBlock: {cidr: 192.0.2.1/32}}]}
  pushgateway: {to: [{ipBlock: {cidr: 192.0.2.2/32}}]}
`).Egress
	assert.Equal(t, "192.0.2.1/32", narrowed[2].To[0].IPBlock.CIDR)
	assert.Equal(t, "192.0.2.2/32", narrowed[3].To[0].IPBlock.CIDR)
}
