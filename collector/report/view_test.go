package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/report"
)

// busyStock has what tables are hard to fit with: long names, many namespaces,
// several flags, and text that no reference may hold.
func busyStock(t *testing.T) *report.Stock {
	t.Helper()
	s := report.NewStock()
	s.SetNodes([]inventory.Node{
		{Name: "n1", OperatingSystem: "linux", Architecture: "amd64"}, {Name: "n2", OperatingSystem: "linux", Architecture: "arm64"},
		{Name: "win", OperatingSystem: "windows", Architecture: "amd64", KernelVersion: "10.0.20348.2762"},
	})
	add := func(namespace, pod, node string, phase inventory.Phase, images ...[2]string) {
		t.Helper()
		require.NoError(t, s.Pod(&inventory.Pod{Namespace: namespace, Name: pod, Node: node, Phase: phase, Containers: uses(images...)}))
	}
	proxy := [2]string{"ghcr.io/acme/mesh/sidecar-proxy:2026.11.4-distroless", "ghcr.io/acme/mesh/sidecar-proxy@" + digestA}
	for _, namespace := range []string{"billing", "checkout", "payments-europe-west-1", "search", "shop"} {
		add(namespace, "web-0", "n1", inventory.Running, proxy, [2]string{"nginx", "docker.io/library/nginx@" + digestB})
		add(namespace, "web-1", "n2", inventory.Running, proxy)
		require.NoError(t, s.End(namespace, nil))
	}
	add("kube-system", "ksm", "n1", inventory.Running, [2]string{"registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.14.0", digestB})
	add("kube-system", "win", "win", inventory.Running, [2]string{"mcr.microsoft.com/windows/nanoserver:ltsc2022", "mcr.microsoft.com/windows/nanoserver@" + digestA})
	require.NoError(t, s.End("kube-system", nil))
	add("odd", "bad", "", inventory.Pending, [2]string{"=cmd|' /C calc'!A0", ""}, [2]string{"reg.io/\x1b[2Jgone", ""}, [2]string{"ngіnx:1", ""}, [2]string{"", ""})
	add("odd", "new", "", inventory.Pending, [2]string{"redis", ""}, [2]string{"quay.io/a/b@" + digestB, ""})
	require.NoError(t, s.End("odd", nil))
	return s
}

func TestViewsGolden(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	for _, side := range []struct {
		name string
		view *report.View
	}{
		{"images", s.OfImages(report.Filter{}, "")},
		{"namespaces", s.OfGroups(report.ByNamespace, report.Filter{}, "")},
		{"workloads", s.OfGroups(report.ByWorkload, report.Filter{}, "")},
		{"nodes", s.OfGroups(report.ByNode, report.Filter{}, "")},
		{"registries", s.OfGroups(report.ByRegistry, report.Filter{}, "")},
	} {
		for format, write := range formats(report.Screen{}) {
			golden(t, side.name+"."+format+".golden", formatted(t, side.view, write))
		}
	}
}

func formats(s report.Screen) map[string]func(*report.View, io.Writer) error {
	return map[string]func(*report.View, io.Writer) error{
		"table":  func(v *report.View, w io.Writer) error { return v.Table(w, s) },
		"wide":   func(v *report.View, w io.Writer) error { return v.Wide(w, s) },
		"json":   (*report.View).JSON,
		"ndjson": (*report.View).NDJSON,
		"csv":    (*report.View).CSV,
		"name":   (*report.View).Names,
	}
}

func formatted(t *testing.T, v *report.View, write func(*report.View, io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, write(v, &out))
	return out.String()
}

func table(t *testing.T, v *report.View, s report.Screen) string {
	t.Helper()
	return formatted(t, v, formats(s)["table"])
}

func TestTableOnATerminalGolden(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	var all strings.Builder
	for _, width := range []int{40, 50, 60, 80, 120, 200} {
		fmt.Fprintf(&all, "%s\n", strings.Repeat("-", width))
		all.WriteString(table(t, s.OfImages(report.Filter{}, ""), report.Screen{Width: width}))
		all.WriteString(table(t, s.OfGroups(report.ByWorkload, report.Filter{WithoutDigest: true}, ""), report.Screen{Width: width}))
		all.WriteString(table(t, s.OfGroups(report.ByNode, report.Filter{}, "pods"), report.Screen{Width: width}))
	}
	golden(t, "terminal.golden", all.String())
}

func TestTableNeverExceedsTheTerminal(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	views := []*report.View{s.OfImages(report.Filter{}, "")}
	for _, grouping := range []report.Grouping{report.ByNamespace, report.ByWorkload, report.ByNode, report.ByRegistry} {
		views = append(views, s.OfGroups(grouping, report.Filter{}, ""))
	}
	for width := 40; width < 300; width++ {
		for _, v := range views {
			for line := range strings.Lines(table(t, v, report.Screen{Width: width})) {
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), width, line)
			}
		}
	}
}

func TestTableInAPipeIsCompleteAndPlain(t *testing.T) {
	t.Parallel()
	got := table(t, busyStock(t).OfImages(report.Filter{}, ""), report.Screen{})

	assert.Contains(t, got, "registry.k8s.io/kube-state-metrics/kube-state-metrics")
	assert.Contains(t, got, "billing,checkout,payments-europe-west-1,search,shop")
	assert.Contains(t, got, "windows/amd64/10.0.20348.2762")
	assert.NotContains(t, got, "…")
	assert.NotContains(t, got, "12 images", "the total is for people")
}

func TestTableColoursOnlyWhereThereAreColours(t *testing.T) {
	t.Parallel()
	v := busyStock(t).OfImages(report.Filter{}, "")
	colourless, coloured := table(t, v, report.Screen{Width: 120}), table(t, v, report.Screen{Width: 120, Colour: true})

	assert.NotContains(t, colourless, "\x1b")
	assert.Contains(t, coloured, "\x1b[33mimplied latest\x1b[0m")
	assert.Contains(t, coloured, "\x1b[31mno digest")
	assert.Contains(t, coloured, "\x1b[2maaaaaaaaaaaa\x1b[0m")
	assert.Equal(t, colourless, regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""), "colours move nothing")
}

func TestNothingObeyedByATerminalIsWritten(t *testing.T) {
	t.Parallel()
	s := report.NewStock()
	evil := []string{"a\x1b[2J", "b\u009b31m", "c\r\nd", "e\u202ef", "g\xff", "\thead", "h\x00"}
	for i, text := range evil {
		pod := inventory.Pod{Namespace: "n" + text, Name: "p" + text, Node: text, Containers: uses([2]string{text, ""}), Workload: inventory.Owner{Kind: text, Name: text}}
		require.NoError(t, s.Pod(&pod), i)
		require.NoError(t, s.End(pod.Namespace, nil))
	}
	for _, v := range []*report.View{s.OfImages(report.Filter{}, ""), s.OfGroups(report.ByWorkload, report.Filter{}, "")} {
		for format, write := range formats(report.Screen{Width: 100}) {
			for _, r := range strings.NewReplacer("\n", "", "\r\n", "", "…", "").Replace(formatted(t, v, write)) {
				require.True(t, r >= ' ' && r <= '~', "%s: %q", format, r)
			}
		}
	}
}

func TestTableWithoutTitlesHasNoTotal(t *testing.T) {
	t.Parallel()
	got := table(t, busyStock(t).OfImages(report.Filter{}, ""), report.Screen{Width: 100, NoHeader: true})

	assert.NotContains(t, got, "IMAGE")
	assert.Equal(t, 10, strings.Count(got, "\n"))
}

func TestCSVCanBeReadBack(t *testing.T) {
	t.Parallel()
	v := busyStock(t).OfImages(report.Filter{}, "")
	text := formatted(t, v, (*report.View).CSV)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)

	assert.Len(t, rows, v.Len()+1)
	assert.True(t, strings.HasSuffix(text, "\r\n"), "RFC 4180")
	assert.Contains(t, text, "billing, checkout, payments-europe-west-1, search, shop")
	for _, row := range rows {
		for _, cell := range row {
			assert.NotRegexp(t, `^[=+\-@\t\r]`, cell, "a spreadsheet computes it")
		}
	}
	assert.Contains(t, text, "'=cmd|' /C calc'!A0")
}

func TestCSVHasTheFieldsOfJSON(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	for _, v := range []*report.View{s.OfImages(report.Filter{}, ""), s.OfGroups(report.ByWorkload, report.Filter{}, "")} {
		rows, err := csv.NewReader(strings.NewReader(formatted(t, v, (*report.View).CSV))).ReadAll()
		require.NoError(t, err)
		var objects []map[string]any
		require.NoError(t, json.Unmarshal([]byte(formatted(t, v, (*report.View).JSON)), &objects))
		for field := range objects[0] {
			assert.Contains(t, rows[0], field)
		}
	}
}

func TestJSONSaysWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	v := s.OfImages(report.Filter{}, "")
	var fromArray, fromLines []report.Line
	require.NoError(t, json.Unmarshal([]byte(formatted(t, v, (*report.View).JSON)), &fromArray))
	for line := range strings.Lines(formatted(t, v, (*report.View).NDJSON)) {
		var one report.Line
		require.NoError(t, json.Unmarshal([]byte(line), &one))
		fromLines = append(fromLines, one)
	}

	assert.Equal(t, s.Images(report.Filter{}), fromArray)
	assert.Equal(t, fromArray, fromLines)
}

func TestNoRowsAreAnEmptyArray(t *testing.T) {
	t.Parallel()
	v := report.NewStock().OfImages(report.Filter{}, "")
	var all []report.Line
	require.NoError(t, json.Unmarshal([]byte(formatted(t, v, (*report.View).JSON)), &all))

	assert.Equal(t, []report.Line{}, all)
	assert.Empty(t, formatted(t, v, (*report.View).NDJSON))
	assert.Empty(t, formatted(t, v, (*report.View).Names))
}

func TestViewsAreSortedByEachOrder(t *testing.T) {
	t.Parallel()
	s := busyStock(t)
	first := map[report.Order]string{
		"name": "=cmd|' /C calc'!A0", "pods": "ghcr.io/acme/mesh/sidecar-proxy", "containers": "ghcr.io/acme/mesh/sidecar-proxy",
		"namespaces": "docker.io/library/nginx", "workloads": "ghcr.io/acme/mesh/sidecar-proxy", "nodes": "ghcr.io/acme/mesh/sidecar-proxy",
	}
	for _, order := range report.ImageOrders() {
		rows := strings.Split(table(t, s.OfImages(report.Filter{}, order), report.Screen{}), "\n")
		if want, ok := first[order]; ok {
			assert.Regexp(t, `^(-|`+regexp.QuoteMeta(want)+`)  `, rows[1], string(order))
		}
	}
	for order, want := range map[report.Order]string{"images": "odd", "pods": "billing", "containers": "odd", "digest": "odd", "name": "billing"} {
		rows := strings.Split(table(t, s.OfGroups(report.ByNamespace, report.Filter{}, order), report.Screen{}), "\n")
		assert.True(t, strings.HasPrefix(rows[1], want+" "), "%s: %s", order, rows[1])
	}
	assert.Len(t, report.GroupOrders(), 5, "each is tested")
}

func TestViewsReportFailedWrites(t *testing.T) {
	t.Parallel()
	v := busyStock(t).OfImages(report.Filter{}, "")
	for format, write := range formats(report.Screen{Width: 80}) {
		require.ErrorIs(t, write(v, brokenPipe{}), errBrokenPipe, format)
	}
}

func TestTableOfFiveThousandImagesIsThereAtOnce(t *testing.T) { //nolint:paralleltest // it measures time
	s := largeStock(t)
	began := time.Now()
	got := table(t, s.OfImages(report.Filter{}, "pods"), report.Screen{Width: 120, Colour: true})
	took := time.Since(began)
	t.Logf("5,000 images of 200,000 containers: %s", took)

	assert.Equal(t, 5003, strings.Count(got, "\n"))
	assert.Less(t, took, time.Minute, "some 0.2 s alone")
}
