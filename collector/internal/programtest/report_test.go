package programtest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/cdxschema"
	"stocktake/collector/internal/kubetest"
)

// The tests of this file let the built program write documents about a real API
// server's pods and about inventories that it saved of them.

// pageFrom runs the command report.
func pageFrom(t *testing.T, kubeconfig string, args ...string) outcome {
	t.Helper()
	got := inside(t, call{args: append([]string{"report", "-set", "kubeconfig.path=" + kubeconfig}, args...)})
	assert.Empty(t, got.termination)
	return got
}

func TestReportWritesAPage(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	path := filepath.Join(t.TempDir(), "images.html")
	got := pageFrom(t, kubeconfig, path)
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stdout+got.stderr)

	page, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, want := range []string{"docker.io/library/nginx:1.27@sha256:" + kubetest.Hex("nginx"), "reg.io/Foo:1", ">complete</span>", "stocktake 1.2.3", "linux/"} {
		assert.Contains(t, string(page), want)
	}
	part := pageFrom(t, kubeconfig, "-o", "html", "-n", "team-b", "-")
	assert.Equal(t, 0, part.code, part.stderr)
	assert.Contains(t, part.stdout, "namespace team-b")
	assert.NotContains(t, part.stdout, "busybox")
}

func TestReportOfEveryKindOfSavedInventory(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	for kind, pods := range map[string]bool{"stocktake": true, "anchore": true, "kai": false} {
		got := pageFrom(t, nowhere(t), "-f", save(t, kubeconfig, kind), "-")
		require.Equal(t, 0, got.code, got.stderr)
		assert.Contains(t, got.stdout, "docker.io/library/nginx:1.27@sha256:"+kubetest.Hex("nginx"), kind)
		assert.Equal(t, pods, strings.Contains(got.stdout, "<dt>pods</dt>"), "%s: what is not known is not counted", kind)
		assert.Equal(t, kind == "stocktake", strings.Contains(got.stdout, ">complete</span>"), kind)
	}
}

func TestDocumentsOfAnIncompleteInventorySaySo(t *testing.T) {
	t.Parallel()
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")
	text, err := os.ReadFile(saved)
	require.NoError(t, err)
	partial := bytes.Replace(text, []byte(`"complete":true`), []byte(`"complete":false`), 1)
	require.NotEqual(t, text, partial)
	require.NoError(t, os.WriteFile(saved, partial, 0o600))

	got := pageFrom(t, nowhere(t), "-f", saved, "-")
	assert.Equal(t, 7, got.code, got.stderr)
	assert.Contains(t, got.stdout, "This inventory is not complete")
	assert.Contains(t, got.stderr, "incomplete")
	got = images(t, nowhere(t), "-f", saved, "-o", "cyclonedx")
	assert.Equal(t, 7, got.code, got.stderr)
	assert.Equal(t, cdx.CompositionAggregateIncomplete, (*documentOf(t, got.stdout).Compositions)[0].Aggregate)
}

func TestReportLeavesTheOldPageWhereItCannotReadTheCluster(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "images.html")
	require.NoError(t, os.WriteFile(path, []byte("of yesterday"), 0o600))
	got := pageFrom(t, nowhere(t), "-set", "deadline=15s", path)

	assert.Equal(t, 6, got.code, got.stderr)
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "of yesterday", string(page))
}

func TestReportRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")
	for says, args := range map[string][]string{
		"no such file or directory": {"-f", saved, filepath.Join(t.TempDir(), "none", "images.html")},
		`-o: "pdf" is not one of`:   {"-f", saved, "-o", "pdf", "-"},
		"takes one argument":        {"-f", saved},
	} {
		got := pageFrom(t, nowhere(t), args...)
		assert.Equal(t, 2, got.code, got.stderr)
		assert.Contains(t, got.stderr, says)
		assert.Empty(t, got.stdout)
	}
}

func TestImagesAsCycloneDX(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	live := imagesOf(t, kubeconfig, "-o", "cyclonedx")
	require.NoError(t, cdxschema.Validate([]byte(live)))
	doc := documentOf(t, live)
	assert.Equal(t, cdx.SpecVersion1_6, doc.SpecVersion)
	assert.Len(t, *doc.Components, len(smallImages(cluster)))
	assert.Equal(t, cdx.CompositionAggregateComplete, (*doc.Compositions)[0].Aggregate)
	assert.Contains(t, live, `"pkg:oci/nginx@sha256:`+kubetest.Hex("nginx")+`?repository_url=docker.io%2Flibrary%2Fnginx&tag=1.27"`)

	for kind, aggregate := range map[string]cdx.CompositionAggregate{
		"stocktake": cdx.CompositionAggregateComplete, "anchore": cdx.CompositionAggregateUnknown, "kai": cdx.CompositionAggregateUnknown,
	} {
		saved := save(t, kubeconfig, kind)
		text := imagesOf(t, nowhere(t), "-f", saved, "-o", "cyclonedx")
		require.NoError(t, cdxschema.Validate([]byte(text)), kind)
		assert.Equal(t, aggregate, (*documentOf(t, text).Compositions)[0].Aggregate, kind)
		assert.Equal(t, text, imagesOf(t, nowhere(t), "-f", saved, "-o", "cyclonedx"), "%s: same inventory, same bytes", kind)
	}
}

func TestCycloneDXOfAPartSaysSo(t *testing.T) {
	t.Parallel()
	saved := save(t, smallCluster(t).Kubeconfig(t), "stocktake")
	for _, part := range [][]string{{"-n", "team-b"}, {"-l", "app=web"}, {"--no-digest"}} {
		text := imagesOf(t, nowhere(t), append(part, "-f", saved, "-o", "cyclonedx")...)
		require.NoError(t, cdxschema.Validate([]byte(text)))
		assert.Equal(t, cdx.CompositionAggregateIncomplete, (*documentOf(t, text).Compositions)[0].Aggregate, part)
	}
	got := images(t, nowhere(t), "-f", saved, "-o", "cyclonedx", "--by", "node")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "does not go with --by node")
}

func documentOf(t *testing.T, text string) *cdx.BOM {
	t.Helper()
	doc := new(cdx.BOM)
	require.NoError(t, cdx.NewBOMDecoder(bytes.NewReader([]byte(text)), cdx.BOMFileFormatJSON).Decode(doc))
	return doc
}
