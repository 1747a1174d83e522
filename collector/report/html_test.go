package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/report"
)

// What a browser makes of the page is tested in a browser: .ci/browser.

// pageOf is the page of a stock with one pod for each image.
func pageOf(t *testing.T, about report.About, images ...image.Image) string {
	t.Helper()
	stock := report.NewStock()
	for i, img := range images {
		require.NoError(t, stock.Pod(&inventory.Pod{
			Namespace: "team-a", Name: "pod-" + strconv.Itoa(i), Phase: inventory.Running,
			Containers: []inventory.Container{{Kind: inventory.Regular, Image: img}},
		}))
	}
	require.NoError(t, stock.End("team-a", nil))
	stock.About = about
	var b bytes.Buffer
	require.NoError(t, stock.HTML(&b, stock.Images(report.Filter{}), "1.2.3"))
	return b.String()
}

// wholeAbout is what is known of an inventory that was read to its end.
func wholeAbout() report.About {
	return report.About{Cluster: "prod", Server: "v1.36.3", Collected: time.Date(2026, 11, 21, 11, 50, 0, 0, time.UTC), Consistency: inventory.Snapshot}
}

func TestPageRunsNothingButItsOwnScriptAndStyle(t *testing.T) {
	t.Parallel()
	page := pageOf(t, wholeAbout(), image.Resolve("nginx:1", "", ""))
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	for tag, many := range map[string]int{"script": 2, "style": 1} {
		allowed := tag + "-src"
		parts := strings.Split(page, "<"+tag+">")
		require.Len(t, parts, 1+many)
		for _, part := range parts[1:] {
			text, _, _ := strings.Cut(part, "</"+tag+">")
			sum := sha256.Sum256([]byte(text))
			allowed += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
		assert.Contains(t, policy, allowed+";")
	}
	assert.True(t, strings.HasPrefix(policy, "default-src 'none'; "), policy)
	assert.NotContains(t, policy, "unsafe")
	assert.NotRegexp(t, `(?i)\s(src|style|on\w+)=|https?:`, strings.Split(page, "<body>")[1], "what the policy would refuse")
}

func TestPageEscapesNames(t *testing.T) {
	t.Parallel()
	const attack = "\"'><script>alert(1)</script>\u2028\x1b[2J\u202e&amp;"
	about := wholeAbout()
	about.Cluster, about.Server, about.Selection = attack, attack, attack
	about.Gaps = []inventory.Gap{{Source: attack, Reason: attack}}
	page := pageOf(t, about, image.Resolve(attack, "", ""))

	assert.NotContains(t, page, "<script>alert")
	for _, sign := range []string{"\u2028", "\x1b", "\u202e"} {
		assert.NotContains(t, page, sign)
	}
	assert.Contains(t, page, `\u202e&amp;amp;`, "shown as the text that it is")
}

func TestPageHoldsWhatIsKnownOfAnImage(t *testing.T) {
	t.Parallel()
	page := pageOf(t, wholeAbout(),
		image.Resolve("nginx:1.27", "", "docker.io/library/nginx@"+digestA), image.Resolve("reg.io:5000/loaded:dev", "", digestB), image.Resolve("", "", ""))
	for _, want := range []string{
		"docker.io/library/nginx:1.27@" + digestA, digestB, "<code>aaaaaaaaaaaa</code>", `title="config id">bbbbbbbbbbbb</code>`, "(empty)",
		`data-registry="reg.io:5000"`, `data-namespace="team-a"`, "team-a/Pod/pod-0", "config id only", "invalid", "stocktake 1.2.3",
		"Kubernetes v1.36.3", "21 November 2026, 11:50 UTC", ">complete</span>",
	} {
		assert.Contains(t, page, want)
	}
}

func TestPageSaysHowCompleteItIs(t *testing.T) {
	t.Parallel()
	const missing, part, unsure, mixed = "is not complete", "A part of the cluster", "does not say whether", "more than one moment"
	tests := map[string]struct {
		change func(*report.About)
		says   []string
	}{
		"complete":               {func(*report.About) {}, []string{">complete</span>"}},
		"gaps":                   {func(a *report.About) { a.Gaps = []inventory.Gap{{Source: "pods of x"}} }, []string{missing, "pods of x"}},
		"saved as incomplete":    {func(a *report.About) { a.Partial = true }, []string{missing, "saved as incomplete"}},
		"a part":                 {func(a *report.About) { a.Selection = "namespace x" }, []string{part, "namespace x"}},
		"a body that cannot say": {func(a *report.About) { a.Consistency = "" }, []string{unsure}},
		"several moments":        {func(a *report.About) { a.Consistency = inventory.Mixed }, []string{mixed, ">complete</span>"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			about := wholeAbout()
			test.change(&about)
			page := pageOf(t, about)
			for _, want := range test.says {
				assert.Contains(t, page, want)
			}
			for _, other := range []string{missing, part, unsure, mixed, ">complete</span>"} {
				if !strings.Contains(strings.Join(test.says, " "), other) {
					assert.NotContains(t, page, other)
				}
			}
		})
	}
}

func TestPageWithoutImagesSaysSo(t *testing.T) {
	t.Parallel()
	assert.Contains(t, pageOf(t, wholeAbout()), "There is no image in this inventory.")
}

func TestPageReportsFailedWrites(t *testing.T) {
	t.Parallel()
	stock := report.NewStock()

	require.ErrorIs(t, stock.HTML(brokenPipe{}, nil, ""), errBrokenPipe)
}
