package programtest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/postgrestest"
)

// sharedPostgres is the database of the tests that need one.
var sharedPostgres postgrestest.Shared

// dayLater is the new inventory a day after the old one.
func dayLater(t *testing.T) string {
	t.Helper()
	return rewritten(t, newInventory(t), "2026-03-04T05:06:0", "2026-03-05T05:06:0")
}

// histories are one of each engine, which can be written.
func histories(t *testing.T) map[string]string {
	t.Helper()
	url := sharedPostgres.Server(t).Database(t)
	got := inside(t, call{args: []string{"history", "migrate"}, env: []string{"STOCKTAKE_HISTORY_URL=" + url, "STOCKTAKE_HISTORY_TIMEOUT=5m"}})
	require.Equal(t, 0, got.code, got.stderr)
	require.Equal(t, "the schema was 0 and is 1\n", got.stdout)
	return map[string]string{"SQLite": filepath.Join(t.TempDir(), "history.db"), "PostgreSQL": url}
}

// remembers runs a command with a history.
func remembers(t *testing.T, url string, args ...string) outcome {
	t.Helper()
	got := inside(t, call{args: args, env: []string{"STOCKTAKE_HISTORY_URL=" + url, "STOCKTAKE_HISTORY_TIMEOUT=5m"}})
	assert.NotContains(t, got.stdout+got.stderr, postgrestest.Password)
	return got
}

// goldenHistory compares with a file, which UPDATE_GOLDEN=1 writes anew.
func goldenHistory(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "history", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run make generate if this is meant")
}

func TestHistoryGoldenOfSavedInventories(t *testing.T) {
	t.Parallel()
	old, after := oldInventory(t), dayLater(t)
	for engine, url := range histories(t) {
		got := remembers(t, url, "history", "import", after, old) // the oldest is recorded first
		require.Equal(t, 0, got.code, engine+": "+got.stderr)
		lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
		require.Len(t, lines, 2)
		assert.Equal(t, old+": prod of 2026-03-04T05:06:07Z: complete recorded, 9 opened, 0 closed", lines[0])
		assert.Contains(t, lines[1], "incomplete recorded")

		for name, args := range map[string][]string{
			"where-all":     {"where", "*", "-o", "csv"},
			"where-digest":  {"where", "aaaaaaaaaaaa", "-o", "csv"},
			"where-tag":     {"where", "shop/web:7.1.0", "-o", "csv"},
			"where-day":     {"where", "redis", "--since", "2026-03-05", "--until", "2026-03-05", "-o", "csv"},
			"history":       {"history", "--since", "2026-01-01", "-o", "csv"},
			"history-shop":  {"history", "--since", "2026-03-05", "-n", "shop", "-o", "csv"},
			"history-image": {"history", "--since", "2026-01-01", "--image", "nginx", "-o", "csv"},
		} {
			got := remembers(t, url, args...)
			assert.Equal(t, 0, got.code, "%s: %s: %s", engine, name, got.stderr)
			assert.Contains(t, got.stderr, "1 cluster looked at, since 2026-03-0")
			assert.Contains(t, got.stderr, "old (prod); not read: prod/payments since 2026-03-04")
			goldenHistory(t, name+".csv.golden", got.stdout)
		}
		got = remembers(t, url, "history", "import", old, after)
		require.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, 2, strings.Count(got.stdout, "it is in the history already"), got.stdout)
	}
}

func TestHistoryInJSONSaysWhatItCovers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "history.db")
	require.Equal(t, 0, remembers(t, file, "history", "import", oldInventory(t), dayLater(t)).code)
	var answer struct {
		Sightings []map[string]any
		Changes   []map[string]any
		Coverage  struct{ Clusters []map[string]any }
	}
	got := remembers(t, file, "where", "nginx", "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &answer))
	assert.Empty(t, got.stderr)
	require.NotEmpty(t, answer.Sightings)
	assert.Equal(t, "tools", answer.Sightings[0]["namespace"])
	assert.Equal(t, "2026-03-04T05:06:07Z", answer.Sightings[0]["first_seen"])
	assert.Nil(t, answer.Sightings[0]["gone"])
	require.Len(t, answer.Coverage.Clusters, 1)
	assert.Equal(t, "2026-03-05T05:06:07Z", answer.Coverage.Clusters[0]["last_read"])
	assert.Len(t, answer.Coverage.Clusters[0]["gaps"], 1)

	got = remembers(t, file, "where", "never", "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &answer))
	assert.Contains(t, got.stdout, `"sightings": []`)
	assert.Len(t, answer.Coverage.Clusters, 1)

	got = remembers(t, file, "history", "--since", "2026-01-01", "-o", "ndjson")
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	assert.Contains(t, lines[0], `"change":"re-tagged"`)
	assert.True(t, strings.HasPrefix(lines[len(lines)-1], `{"coverage":{"clusters":[`), lines[len(lines)-1])

	got = remembers(t, file, "history", "status", "-o", "json")
	assert.Contains(t, got.stdout, `"engine": "SQLite"`)
	assert.Contains(t, got.stdout, `"last_state": "incomplete"`)
}

func TestHistoryTableForPeople(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "history.db")
	require.Equal(t, 0, remembers(t, file, "history", "import", oldInventory(t), dayLater(t)).code)
	for name, args := range map[string][]string{
		"where":       {"where", "shop/*"},
		"where-wide":  {"where", "shop/*", "-o", "wide"},
		"table":       {"history", "--since", "2026-03-01"},
		"wide":        {"history", "--since", "2026-03-01", "-o", "wide"},
		"status":      {"history", "status"},
		"status-wide": {"history", "status", "-o", "wide", "--no-headers"},
	} {
		got := run(t, call{args: args, env: []string{"STOCKTAKE_HISTORY_URL=" + file, "TZ=UTC"}})
		assert.Equal(t, 0, got.code, got.stderr)
		goldenHistory(t, name+".golden", got.stdout)
	}
	got := remembers(t, file, "where", "never")
	assert.Equal(t, 0, got.code)
	assert.Empty(t, got.stdout)
	assert.True(t, strings.HasPrefix(got.stderr, "Not seen: never\n1 cluster looked at, since "), got.stderr)
	got = remembers(t, file, "history")
	assert.True(t, strings.HasPrefix(got.stderr, "No changes found since "), got.stderr)
}

func TestHistoryExitCodes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "history.db")
	for _, args := range [][]string{{"where", "nginx"}, {"history"}, {"history", "status"}, {"history", "--image", "nginx"}} {
		got := remembers(t, file, args...)
		assert.Equal(t, 9, got.code, "%v: there is none yet: %s", args, got.stderr)
		got = remembers(t, "", args...)
		assert.Equal(t, 2, got.code, got.stderr)
		assert.Contains(t, got.stderr, "history.url: it is not set")
		got = remembers(t, "postgres://stocktake:"+postgrestest.Password+"@127.0.0.1:1/x", args...)
		assert.Equal(t, 9, got.code, got.stderr)
	}
	require.Equal(t, 0, remembers(t, file, "history", "import", oldInventory(t)).code)
	for _, test := range []struct {
		code int
		says string
		args []string
	}{
		{0, "", []string{"where", "nginx"}},
		{10, "", []string{"where", "nginx", "--exit-code"}},
		{0, "Not seen", []string{"where", "never", "--exit-code"}},
		{10, "", []string{"history", "--since", "2026-01-01", "--exit-code"}},
		{0, "No changes", []string{"history", "--exit-code"}},
		{2, "where takes one argument", []string{"where"}},
		{2, "give at least 12", []string{"where", "sha256:abc"}},
		{2, `--since: not a moment: "yesterdy": write now, today`, []string{"where", "nginx", "--since", "yesterdy"}},
		{2, "nothing lies between them", []string{"where", "nginx", "--since", "1d", "--until", "2d"}},
		{2, "does not go with --since", []string{"where", "nginx", "--now", "--since", "1d"}},
		{2, `"prd" is not in the history: its clusters are prod`, []string{"where", "nginx", "--cluster", "prd"}},
		{2, "--cluster has an empty name", []string{"where", "nginx", "--cluster", ""}},
		{2, `"xml" is not one of table, wide, json, ndjson, csv`, []string{"history", "-o", "xml"}},
		{2, `history takes no "stauts"`, []string{"history", "stauts"}},
		{2, "takes the files to record", []string{"history", "import"}},
		{2, "takes one argument, the name of the cluster", []string{"history", "forget"}},
		{2, `"dev" is no cluster of the history`, []string{"history", "forget", "dev"}},
		{2, "--since does not go with history prune", []string{"history", "prune", "--since", "1d"}},
		{2, "what is older than that cannot be added", []string{"history", "import", rewritten(t, oldInventory(t), "2026-03-04T05:06:0", "2026-03-03T05:06:0")}},
		{0, "", []string{"history", "prune"}},
		{0, "", []string{"history", "migrate"}},
		{0, "", []string{"history", "forget", "prod"}},
	} {
		got := remembers(t, file, test.args...)
		assert.Equal(t, test.code, got.code, "%v: %s", test.args, got.stderr)
		assert.Contains(t, got.stderr, test.says, "%v", test.args)
	}
	got := remembers(t, file, "where", "nginx", "-o", "csv")
	assert.Contains(t, got.stdout, ",not read since,forgotten,")
}

// The kinds that other programs write are recorded as what they are.
func TestHistoryImportTakesEveryKind(t *testing.T) {
	t.Parallel()
	for engine, url := range histories(t) {
		for _, name := range []string{"saved/anchore-purls.json", "saved/kai-0.2.json"} {
			for _, says := range []string{"complete recorded", "it is in the history already"} {
				got := remembers(t, url, "history", "import", testFile(t, name))
				assert.Equal(t, 0, got.code, engine+": "+got.stderr)
				assert.Contains(t, got.stdout, says, engine)
			}
		}
		got := remembers(t, url, "where", "kube-compose-controller", "-o", "csv")
		assert.Contains(t, got.stdout, ",2020-09-18T11:00:49Z,", engine)
		got = remembers(t, url, "where", "debian", "-o", "csv")
		assert.Contains(t, got.stdout, "prod,", engine)
	}
}

// certain are the changes but for those of what is not known: the history takes a digest that is not
// known any more for the one before.
func certain(t *testing.T, got outcome) any {
	t.Helper()
	all := readDiff(t, got).Changes
	require.NotEmpty(t, all)
	kept := all[:0]
	for _, c := range all {
		if !strings.HasPrefix(c.Change, "digest-") {
			kept = append(kept, c)
		}
	}
	return kept
}

// Moments mean what was saved then.
func TestDiffOfMomentsIsThatOfTheFiles(t *testing.T) {
	t.Parallel()
	old := oldInventory(t)
	text, err := os.ReadFile(dayLater(t))
	require.NoError(t, err)
	var body map[string]any
	require.NoError(t, json.Unmarshal(text, &body))
	body["gaps"] = []any{}
	body["run"].(map[string]any)["complete"] = true
	text, err = json.Marshal(body)
	require.NoError(t, err)
	after := filepath.Join(t.TempDir(), "after.json")
	require.NoError(t, os.WriteFile(after, text, 0o600))
	file := filepath.Join(t.TempDir(), "history.db")
	require.Equal(t, 0, remembers(t, file, "history", "import", old, after).code)

	where := []string{"-n", "shop", "-n", "shop-test", "-n", "tools", "-o", "json"}
	want := remembers(t, file, append([]string{"diff", old, after}, where...)...)
	require.Equal(t, 10, want.code, want.stderr)
	for _, moments := range [][2]string{{"2026-03-04", "2026-03-05"}, {"2026-03-04T05:06:07Z", "now"}, {"2026-03-04T23:00:00Z", "yesterday"}} {
		got := remembers(t, file, append([]string{"diff", moments[0], moments[1]}, where...)...)
		assert.Equal(t, 10, got.code, got.stderr)
		assert.Contains(t, got.stderr, moments[0]+" is prod as the run of 2026-03-04 ")
		assert.Equal(t, certain(t, want), certain(t, got))
	}
	got := remembers(t, file, "diff", "2026-03-03", "now")
	assert.Equal(t, 8, got.code, got.stderr)
	assert.Contains(t, got.stderr, "2026-03-03: empty: the history has no complete run of prod before 2026-03-04T")
	got = remembers(t, file, "diff", "2026-03-04", after, "-n", "tools")
	assert.Equal(t, 10, got.code, got.stderr)
	got = remembers(t, "", "diff", "2026-03-04", after)
	assert.Equal(t, 2, got.code, got.stderr)
}
