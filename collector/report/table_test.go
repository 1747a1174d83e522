package report_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/report"
)

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestTableGolden(t *testing.T) {
	t.Parallel()
	table := report.NewTable(written)
	visit(t, table, "web",
		[2]string{"nginx:1.27", "docker.io/library/nginx@" + digestB},
		[2]string{"nginx:1.27", "docker.io/library/nginx@" + digestA},
		[2]string{"nginx:1.27", "docker.io/library/nginx@" + digestA},
		[2]string{"ghcr.io/acme/front-end:2026.11.4", "ghcr.io/acme/front-end@" + digestA})
	visit(t, table, "empty")
	visit(t, table, "data",
		[2]string{"nginx:1.27", "docker.io/library/nginx@" + digestA},
		[2]string{"loaded:dev", digestB})

	golden(t, "table.golden", write(t, table))
}

func TestTableDropsNamespacesWithAGap(t *testing.T) {
	t.Parallel()
	table := report.NewTable(written)
	visitPod(t, table, "half", [2]string{"half:1", ""})
	require.NoError(t, table.End("half", &inventory.Gap{Source: "pods of namespace half", Reason: "forbidden"}))
	visit(t, table, "whole", [2]string{"whole:1", ""})

	got := write(t, table)
	assert.NotContains(t, got, "half")
	assert.Contains(t, got, "whole:1")
}

func TestTableCountsOnlyClosedNamespaces(t *testing.T) {
	t.Parallel()
	table := report.NewTable(written)
	visitPod(t, table, "open", [2]string{"open:1", ""})

	assert.Equal(t, "No Images found\n", write(t, table))
}

func TestTableLeavesOutWhatIsNotReported(t *testing.T) {
	t.Parallel()
	table := report.NewTable(func(i image.Image) (string, bool) { return "named " + i.Written, i.HasTag() })
	visit(t, table, "web", [2]string{"nginx", ""}, [2]string{"nginx:1", ""})

	assert.Equal(t, "IMAGE TAG      REPO DIGEST  NAMESPACE\nnamed nginx:1               web\n", write(t, table))
}

func TestTableEscapesWhatATerminalWouldActOn(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"\x1b[2Jgone":      `\x1b[2Jgone`,
		"two\nlines\tand":  `two\nlines\tand`,
		"c1\u009bcontrol":  `c1\u009bcontrol`,
		"right\u202eleft":  `right\u202eleft`,
		"not\xffutf-8":     `not\xffutf-8`,
		"münchen/plain:ß":  `münchen/plain:ß`,
		`back\slash "quo"`: `back\slash "quo"`,
	}
	for written, shown := range tests {
		t.Run(shown, func(t *testing.T) {
			t.Parallel()
			table := report.NewTable(func(i image.Image) (string, bool) { return i.Written, true })
			visit(t, table, "web", [2]string{written, ""})

			_, line, _ := strings.Cut(write(t, table), "\n")
			assert.Equal(t, shown, strings.TrimRight(strings.TrimSuffix(line, "web\n"), " "))
		})
	}
}

func TestTableReportsFailedWrites(t *testing.T) {
	t.Parallel()
	full := report.NewTable(written)
	visit(t, full, "web", [2]string{"nginx:1", ""})

	require.ErrorIs(t, full.Write(brokenPipe{}), errBrokenPipe)
	require.ErrorIs(t, report.NewTable(written).Write(brokenPipe{}), errBrokenPipe)
}

// written is the simplest naming: the reference as the pod has it.
func written(i image.Image) (string, bool) { return i.WrittenName(), true }

// visit hands a whole namespace to the table: a pod for each pair of
// spec.image and status.imageID.
func visit(t *testing.T, table *report.Table, namespace string, images ...[2]string) {
	t.Helper()
	for _, one := range images {
		visitPod(t, table, namespace, one)
	}
	require.NoError(t, table.End(namespace, nil))
}

func visitPod(t *testing.T, table *report.Table, namespace string, one [2]string) {
	t.Helper()
	container := inventory.Container{Kind: inventory.Regular, Image: image.Resolve(one[0], "", one[1])}
	require.NoError(t, table.Pod(&inventory.Pod{Namespace: namespace, Containers: []inventory.Container{container}}))
}

func write(t *testing.T, table *report.Table) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, table.Write(&out))

	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run make generate if this is meant")
}

var errBrokenPipe = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBrokenPipe }
