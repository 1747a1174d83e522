package programtest_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/history"
	"stocktake/collector/internal/anchoretest"
)

// historyOf opens a history to look at what is in it.
func historyOf(t *testing.T, url string) history.Status {
	t.Helper()
	store, err := history.Open(t.Context(), history.Options{URL: url, Keep: 1, Timeout: time.Minute}, history.Reading)
	require.NoError(t, err)
	defer store.Close() //nolint:errcheck // it was only read
	status, err := store.Status(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	return status
}

// recording is a run that records what a server of two namespaces has.
func recording(kubeconfig, url string, set ...string) call {
	c := call{args: []string{"deliver", "-external", kubeconfig}, env: []string{"STOCKTAKE_HISTORY_URL=" + url, "STOCKTAKE_HISTORY_TIMEOUT=5m", "CLUSTER_ID=prod"}}
	for _, setting := range set {
		c.args = append(c.args, "-set", setting)
	}
	return c
}

// twoTeams are namespaces with a pod each.
func twoTeams(t *testing.T) string {
	t.Helper()
	return (&scriptedServer{paths: usualPaths([]string{"aa", "bb"}, podObject("aa", "a0"), podObject("bb", "b0"))}).serve(t)
}

// TestRunsAreRecorded, also when nobody gets an inventory, whole, once, and as changes.
func TestRunsAreRecorded(t *testing.T) {
	t.Parallel()
	path, figures := filepath.Join(t.TempDir(), "history.db"), filepath.Join(t.TempDir(), "stocktake.prom")
	got := inside(t, recording(twoTeams(t), path))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	assert.Equal(t, "recorded, complete", got.summary.Reason)
	assert.Equal(t, 2, got.summary.Counts.Pods, "although nobody gets them")
	assert.Equal(t, recorded{"complete", 2, 0}, got.summary.History)

	got = inside(t, recording(twoTeams(t), path))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, recorded{"complete", 0, 0}, got.summary.History, "nothing changed")

	anchore, at := anchoretest.Start(t, receiverOptions())
	third := delivering(at, recording((&scriptedServer{paths: usualPaths([]string{"aa", "bb"}, podObject("aa", "a0"))}).serve(t), path, "metrics.file.path="+figures))
	got = inside(t, third)
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 1, accepted(anchore))
	assert.Equal(t, recorded{"complete", 0, 1}, got.summary.History)
	text, err := os.ReadFile(figures)
	require.NoError(t, err)
	for _, line := range []string{`history_recorded{cluster="prod"} 1.0`, `history_opened{cluster="prod"} 0.0`, `history_closed{cluster="prod"} 1.0`} {
		assert.Contains(t, string(text), "\nstocktake_"+line+"\n")
	}
	assert.Regexp(t, `\nstocktake_history_bytes{cluster="prod"} [1-9]`, string(text))

	status := historyOf(t, path)
	assert.Equal(t, 3, status.Runs)
	require.Len(t, status.Clusters, 1)
	assert.Equal(t, "prod", status.Clusters[0].Name)
	assert.Equal(t, 2, status.Clusters[0].Covered)

	got = inside(t, recording(twoTeams(t), path, "dry-run=true", "output-kind=stocktake"))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 3, historyOf(t, path).Runs, "a dry run is in no history")
	assert.Equal(t, recorded{}, got.summary.History)
}

// TestRunsThatFailInTheHistory: what was seen is in it although nobody took it; what was not read in full is a
// row without sightings; what is refused because it is empty is nothing.
func TestRunsThatFailInTheHistory(t *testing.T) {
	t.Parallel()
	broken := usualPaths([]string{"aa"})
	broken["/api/v1/pods"] = func(before int, _ *http.Request) reply {
		if before == 0 {
			page := listOf("PodList", "110", podObject("aa", "a0"))
			page["metadata"] = object{"resourceVersion": "110", "continue": "next"}
			return reply{body: page}
		}
		return reply{code: http.StatusForbidden, body: object{"kind": "Status"}}
	}
	for name, c := range map[string]struct {
		kubeconfig string
		code, runs int
		state      history.State
		covered    int
	}{
		"Anchore refuses":  {twoTeams(t), 4, 1, history.Complete, 2},
		"no pods":          {(&scriptedServer{paths: usualPaths([]string{"aa"})}).serve(t), 8, 0, "", 0},
		"half of the pods": {(&scriptedServer{paths: broken}).serve(t), 3, 1, history.Incomplete, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "history.db")
			anchore, at := anchoretest.Start(t, receiverOptions())
			anchore.FailNext(1, anchoretest.Fault{Status: http.StatusForbidden, Body: "no such right"})
			got := inside(t, delivering(at, recording(c.kubeconfig, path)))
			require.Equal(t, c.code, got.code, got.stderr)
			status := historyOf(t, path)
			assert.Equal(t, c.runs, status.Runs)
			if c.runs > 0 {
				require.Len(t, status.Clusters, 1)
				assert.Equal(t, c.state, status.Clusters[0].State)
				assert.Equal(t, c.covered, status.Clusters[0].Covered)
			}
		})
	}
}

// TestHistoriesThatCannotBeWritten do not keep a delivery back, are told beforehand, and end the run with 9.
func TestHistoriesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // takes connections, and says nothing
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	gone, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, and it is longer than the header of one: "+strings.Repeat("x", 200)), 0o600))
	const password = "database-password-canary"
	for name, url := range map[string]string{
		"a database that hangs":  "postgres://stocktake:" + password + "@" + silent.Addr().String() + "/history?sslmode=disable",
		"a database that is not": "postgres://stocktake:" + password + "@" + gone.Addr().String() + "/history?sslmode=disable",
		"another file":           file,
		"a file below a file":    filepath.Join(file, "history.db"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			anchore, at := anchoretest.Start(t, receiverOptions())
			figures := filepath.Join(t.TempDir(), "stocktake.prom")
			got := inside(t, delivering(at, recording(twoTeams(t), url, "history.timeout=2s", "metrics.file.path="+figures)))
			text, err := os.ReadFile(figures)
			require.NoError(t, err)
			assert.Contains(t, string(text), `stocktake_history_recorded{cluster="prod"} 0`)
			assert.Contains(t, string(text), `stocktake_pods{cluster="prod"} 2`, "it was delivered")
			assert.Equal(t, 9, got.code, got.stderr)
			assert.Equal(t, 1, accepted(anchore), "the inventory")
			assert.Contains(t, got.summary.Reason, "the history is not available")
			assert.Contains(t, got.stderr, "the run goes on, and tries it again in the end")
			assert.NotContains(t, got.stderr, password)
			assert.NotContains(t, got.summary.Reason, password)
		})
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "this is no database"), "it is left as it is")
}

// TestHistoryOfAnotherKind is a mistake in the settings.
func TestHistoryOfAnotherKind(t *testing.T) {
	t.Parallel()
	got := inside(t, recording(twoTeams(t), "mysql://root:hunter2@db/history"))
	assert.Equal(t, 2, got.code, got.stderr)
	assert.Contains(t, got.stderr, "history.url")
	assert.NotContains(t, got.stderr, "hunter2")
}
