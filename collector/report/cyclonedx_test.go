package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/package-url/packageurl-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/cdxschema"
	"stocktake/collector/inventory"
	"stocktake/collector/report"
)

var (
	hexA = strings.Repeat("a", 64)
	hexB = strings.Repeat("b", 64)
)

// whole is what is known of an inventory that was read to its end.
func wholeCluster() report.About {
	return report.About{
		Cluster: "prod", ClusterUID: "6a1b6f0e-2d0a-4c8e-9d5a-0d2f5c6b7a89", Server: "v1.36.3",
		Collected: time.Date(2026, 11, 21, 11, 50, 0, 0, time.FixedZone("CET", 3600)), Consistency: inventory.Snapshot,
	}
}

// lines is what a stock says of pods with one image each, in the namespace team-a.
func linesOf(t *testing.T, images ...image.Image) []report.Line {
	t.Helper()
	stock := report.NewStock()
	stock.SetNodes([]inventory.Node{{Name: "node-1", OperatingSystem: "linux", Architecture: "arm64"}})
	for i, img := range images {
		require.NoError(t, stock.Pod(&inventory.Pod{
			Namespace: "team-a", Name: "pod-" + string(rune('a'+i)), Node: "node-1", Phase: inventory.Running,
			Workload:   inventory.Owner{Kind: "StatefulSet", Name: "db"},
			Containers: []inventory.Container{{Kind: inventory.Regular, Image: img}},
		}))
	}
	require.NoError(t, stock.End("team-a", nil))
	return stock.Images(report.Filter{})
}

// everyImage is one of each sort.
func everyImage() []image.Image {
	return []image.Image{
		image.Resolve("nginx:1.27", "", "docker.io/library/nginx@sha256:"+hexA),
		image.Resolve("nginx:1.27", "", "docker.io/library/nginx@sha256:"+hexB),
		image.Resolve("busybox", "", ""),
		image.Resolve("localhost:5000/team/app/api@sha512:"+strings.Repeat("c", 128), "", ""),
		image.Resolve("quay.io/a/loaded:dev", "", "sha256:"+hexB),
		image.Resolve("Not A Reference", "", ""),
		image.Resolve("quay.io/a/loaded:dev", "", "sha256:"+hexA), // as two nodes may have it
		image.Resolve("", "", ""),
		image.Resolve("bad\xffbytes", "", ""),
		image.Resolve("bad\xfebytes", "", ""),
		image.Resolve("reg.io/"+strings.Repeat("long/", 60)+"x:1", "", ""),
		image.Resolve(strings.Repeat("\"><script>\u2028", 200), "", ""),
	}
}

func writeBOM(t *testing.T, about report.About, lines []report.Line) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, report.CycloneDX(&b, about, lines, "1.2.3"))
	return b.Bytes()
}

func readBOM(t *testing.T, text []byte) *cdx.BOM {
	t.Helper()
	doc := new(cdx.BOM)
	require.NoError(t, cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(doc))
	return doc
}

func TestCycloneDXGolden(t *testing.T) {
	t.Parallel()
	got := writeBOM(t, wholeCluster(), linesOf(t, everyImage()[:6]...))

	path := filepath.Join("testdata", "cluster.golden.cdx.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run make generate if this is meant")
}

func TestCycloneDXFulfilsTheOfficialSchema(t *testing.T) {
	t.Parallel()
	gap := wholeCluster()
	gap.Partial, gap.Gaps = true, []inventory.Gap{{Source: "pods of namespace a", Reason: "forbidden\n" + strings.Repeat("ä", 2000)}}
	tests := map[string]struct {
		about report.About
		lines []report.Line
	}{
		"every sort of image": {wholeCluster(), linesOf(t, everyImage()...)},
		"nothing known":       {report.About{}, linesOf(t, everyImage()...)},
		"gaps":                {gap, linesOf(t, everyImage()...)},
		"no image":            {wholeCluster(), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, cdxschema.Validate(writeBOM(t, test.about, test.lines)))
		})
	}
}

// TestTheSchemaCanFail shows that the test above has teeth.
func TestCycloneDXSchemaCanFail(t *testing.T) {
	t.Parallel()
	text := string(writeBOM(t, wholeCluster(), linesOf(t, everyImage()[0])))
	for old, wrong := range map[string]string{
		`"type": "container"`:         `"type": "image"`,
		`"content": "` + hexA:         `"content": "` + hexA + "0",
		`"phase": "operations"`:       `"phase": "running"`,
		`"name": "stocktake:kind"`:    `"nane": "stocktake:kind"`,
		`"2026-11-21T10:50:00Z"`:      `"yesterday"`,
		`"aggregate": "complete"`:     `"aggregate": "full"`,
		`"serialNumber": "urn:uuid:`:  `"serialNumber": "urn:uuid`,
		`"specVersion": "1.6"`:        `"specVersion": 1.6`,
		`"bomFormat": "CycloneDX",`:   "",
		`"bom-ref": "cluster"`:        `"bom-ref": ""`,
		`"name": "docker.io/library/`: `"name": 1, "group": "docker.io/library/`,
	} {
		changed := strings.Replace(text, old, wrong, 1)
		require.NotEqual(t, text, changed, old)
		require.Error(t, cdxschema.Validate([]byte(changed)), wrong)
	}
}

// TestDependencyTrackTakesIt checks what its importer asks of a document: the two
// marks by which it knows the format, a root component that has the others below
// it, for each component a name that fits its column, a classifier that it knows
// and a package URL that its parser takes, and properties that fit.
func TestDependencyTrackTakesCycloneDX(t *testing.T) {
	t.Parallel()
	text := writeBOM(t, wholeCluster(), linesOf(t, everyImage()...))
	var marks struct{ BOMFormat, SpecVersion string }
	require.NoError(t, json.Unmarshal(text, &marks))
	assert.Equal(t, "CycloneDX", marks.BOMFormat)
	assert.Equal(t, "1.6", marks.SpecVersion)

	doc := readBOM(t, text)
	require.Len(t, *doc.Components, len(everyImage()))
	refs := map[string]bool{doc.Metadata.Component.BOMRef: true}
	for _, c := range *doc.Components {
		assert.False(t, refs[c.BOMRef], "%s is there twice", c.BOMRef)
		refs[c.BOMRef] = true
		assert.Equal(t, cdx.ComponentTypeContainer, c.Type)
		assert.NotEmpty(t, strings.TrimSpace(c.Name))
		assert.LessOrEqual(t, utf8.RuneCountInString(c.Name), 255)
		assert.LessOrEqual(t, utf8.RuneCountInString(c.Version), 255)
		for _, p := range *c.Properties {
			group, name, ok := strings.Cut(p.Name, ":")
			assert.True(t, ok && group == "stocktake" && name != "", p.Name)
			assert.LessOrEqual(t, utf8.RuneCountInString(p.Value), 1024)
			assert.NotRegexp(t, `\pC`, p.Value)
		}
		if c.PackageURL != "" {
			_, err := packageurl.FromString(c.PackageURL)
			require.NoError(t, err)
		}
	}
	root := (*doc.Dependencies)[0]
	assert.Equal(t, doc.Metadata.Component.BOMRef, root.Ref)
	assert.Len(t, *root.Dependencies, len(everyImage()))
	for _, d := range *doc.Dependencies {
		assert.True(t, refs[d.Ref], "%s is nowhere", d.Ref)
	}
}

func TestCycloneDXPackageURLs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		image   image.Image
		version string
		purl    packageurl.PackageURL
		hashes  []cdx.Hash
	}{
		"tag and digest": {
			image.Resolve("nginx:1.27", "", "docker.io/library/nginx@sha256:"+hexA), "1.27",
			oci("nginx", "sha256:"+hexA, "docker.io/library/nginx", "1.27"), []cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hexA}},
		},
		"digest alone": {
			image.Resolve("localhost:5000/a/b@sha512:"+hexA+hexB, "", ""), "sha512:" + hexA + hexB,
			oci("b", "sha512:"+hexA+hexB, "localhost:5000/a/b", ""), []cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: hexA + hexB}},
		},
		"no digest":      {image.Resolve("quay.io/a/b:1", "", ""), "1", oci("b", "", "quay.io/a/b", "1"), nil},
		"implied latest": {image.Resolve("busybox", "", ""), "latest", oci("busybox", "", "docker.io/library/busybox", ""), nil},
		"config id only": {image.Resolve("quay.io/a/b:1", "", "sha256:"+hexA), "1", oci("b", "", "quay.io/a/b", "1"), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := readBOM(t, writeBOM(t, wholeCluster(), linesOf(t, test.image)))
			require.Len(t, *doc.Components, 1)
			got := (*doc.Components)[0]

			purl, err := packageurl.FromString(got.PackageURL)
			require.NoError(t, err)
			assert.Equal(t, test.purl, purl)
			assert.Equal(t, test.version, got.Version)
			if test.hashes == nil {
				assert.Nil(t, got.Hashes, "a config id is no hash of the image")
				return
			}
			assert.Equal(t, test.hashes, *got.Hashes)
		})
	}
}

func oci(name, version, repository, tag string) packageurl.PackageURL {
	qualifiers := packageurl.Qualifiers{{Key: "repository_url", Value: repository}}
	if tag != "" {
		qualifiers = append(qualifiers, packageurl.Qualifier{Key: "tag", Value: tag})
	}
	return packageurl.PackageURL{Type: "oci", Name: name, Version: version, Qualifiers: qualifiers}
}

func TestImagesWithoutANameHaveNoPackageURL(t *testing.T) {
	t.Parallel()
	doc := readBOM(t, writeBOM(t, wholeCluster(), linesOf(t, image.Resolve("Not A Reference", "", ""), image.Resolve("", "", ""))))

	require.Len(t, *doc.Components, 2)
	assert.Equal(t, "unnamed", (*doc.Components)[0].Name)
	assert.Equal(t, "Not A Reference", (*doc.Components)[1].Name)
	for _, c := range *doc.Components {
		assert.Empty(t, c.PackageURL)
		assert.Empty(t, c.Version)
		assert.Contains(t, *c.Properties, cdx.Property{Name: "stocktake:flag", Value: "invalid"})
	}
}

func TestCycloneDXSaysHowCompleteItIs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*report.About)
		want   cdx.CompositionAggregate
	}{
		"read to the end":        {func(*report.About) {}, cdx.CompositionAggregateComplete},
		"a namespace is missing": {func(a *report.About) { a.Gaps = []inventory.Gap{{Source: "pods", Reason: "no"}} }, cdx.CompositionAggregateIncomplete},
		"known not to be whole":  {func(a *report.About) { a.Partial = true }, cdx.CompositionAggregateIncomplete},
		"a part was asked for":   {func(a *report.About) { a.Selection = "namespace team-a" }, cdx.CompositionAggregateIncomplete},
		"a body that cannot say": {func(a *report.About) { a.Consistency = "" }, cdx.CompositionAggregateUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			about := wholeCluster()
			test.change(&about)
			doc := readBOM(t, writeBOM(t, about, linesOf(t, everyImage()[0])))

			require.Len(t, *doc.Compositions, 1)
			assert.Equal(t, test.want, (*doc.Compositions)[0].Aggregate)
			for _, gap := range about.Gaps {
				assert.Contains(t, *doc.Metadata.Component.Properties, cdx.Property{Name: "stocktake:gap", Value: gap.Source + ": " + gap.Reason})
			}
		})
	}
}

func TestCycloneDXOfTheSameInventoryIsTheSame(t *testing.T) {
	t.Parallel()
	first := writeBOM(t, wholeCluster(), linesOf(t, everyImage()...))
	again := writeBOM(t, wholeCluster(), linesOf(t, everyImage()...))
	assert.Equal(t, string(first), string(again))

	other := writeBOM(t, wholeCluster(), linesOf(t, everyImage()[1:]...))
	assert.NotEqual(t, readBOM(t, first).SerialNumber, readBOM(t, other).SerialNumber)
}

func TestCycloneDXReportsFailedWrites(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, report.CycloneDX(brokenPipe{}, wholeCluster(), nil, ""), errBrokenPipe)
}
