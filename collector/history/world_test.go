package history

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/postgrestest"
	"stocktake/collector/inventory"
)

var postgres postgrestest.Shared

func TestMain(m *testing.M) {
	if url := os.Getenv(helperURL); url != "" {
		help(url)
		os.Exit(0)
	}
	os.Exit(postgres.Main(m))
}

// onEach runs a test with an empty history of each engine.
func onEach(t *testing.T, test func(t *testing.T, url string)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, newFile(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, newDatabase(t))
	})
}

func newDatabase(t testing.TB) string {
	url := postgres.Server(t).Database(t)
	from, to, err := Migrate(t.Context(), at(url))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{from, to})
	return url
}

// born is minute 0 of all tests.
var born = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return born.Add(time.Duration(n) * time.Minute) }

// digest is one that a number stands for: d1.
func digest(short string) string {
	return "sha256:" + strings.Repeat("0", 64-len(short)+1) + short[1:]
}

// see reads a cluster that is written as lines: NAMESPACE KIND/WORKLOAD CONTAINER IMAGE [DIGEST], or
// NAMESPACE empty, or NAMESPACE gap. A workload of the kind Pod is a pod without an owner.
func see(lines string) (*Recorder, Run) {
	r, run := NewRecorder(), Run{Cluster: "c1", Scope: "all", Version: "v1", Outcome: inventory.Outcome{Complete: true, Listed: true}, Selects: func(string) bool { return true }}
	gaps := map[string]*inventory.Gap{}
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if !slices.Contains(run.Namespaces, words[0]) {
			run.Namespaces = append(run.Namespaces, words[0])
		}
		switch {
		case words[1] == "gap":
			gaps[words[0]] = &inventory.Gap{Source: "pods of namespace " + words[0], Reason: "403", Namespace: words[0]}
			run.Outcome.Complete = false
			run.Outcome.Gaps = append(run.Outcome.Gaps, *gaps[words[0]])
		case words[1] != "empty":
			p := pod(words)
			_ = r.Pod(&p) // there is no error
		}
	}
	for _, name := range run.Namespaces {
		if n := r.namespaces[name]; n != nil || gaps[name] != nil {
			_ = r.End(name, gaps[name])
		}
	}
	return r, run
}

func pod(words []string) inventory.Pod {
	kind, workload, _ := strings.Cut(words[1], "/")
	p := inventory.Pod{Namespace: words[0], Name: workload}
	if kind != "Pod" {
		p.Name, p.Workload = "some", inventory.Owner{Kind: kind, Name: workload}
	}
	facts := image.Facts{Spec: words[3], Runtime: image.PlainRuntime}
	switch {
	case len(words) > 4 && strings.HasPrefix(words[4], "config"):
		facts.ImageID = digest(words[4][5:])
	case len(words) > 4:
		ref, _ := image.Parse(words[3])
		facts.ImageID = ref.Name() + "@" + digest(words[4])
	}
	p.Containers = []inventory.Container{{Kind: inventory.Regular, Name: words[2], Image: facts.Resolve()}}
	return p
}

// world is a history that runs are recorded in, by a clock of the test's own.
type world struct {
	*testing.T
	store *Store
}

func newWorld(t *testing.T, url string) *world { return &world{t, opened(t, url, Writing)} }

// record records a reading that began at a minute.
func (w *world) record(n int, lines string, changes ...func(*Run)) Recorded {
	w.Helper()
	done, err := w.try(n, lines, changes...)
	require.NoError(w, err)
	return done
}

func (w *world) try(n int, lines string, changes ...func(*Run)) (Recorded, error) {
	seen, run := see(lines)
	run.Began, run.At = minute(n), minute(n).Add(time.Second)
	for _, change := range changes {
		change(&run)
	}
	done, err := w.store.Record(w.Context(), seen, run)
	require.Equal(w, err == nil, done.Bytes > 0, "the size of the history")
	done.Bytes = 0 // which differs between the engines
	return done, err
}

// want compares what is in the history: a line for each sighting, with the minutes after, first, last
// and gone, how often it was absent, and why it ended.
func (w *world) want(lines string) {
	w.Helper()
	want := []string{}
	for line := range strings.Lines(lines) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			want = append(want, line)
		}
	}
	require.Equal(w, strings.Join(want, "\n"), strings.Join(dump(w, w.store), "\n"))
}

func dump(t testing.TB, s *Store) []string {
	all := []string{}
	rows, err := s.db.QueryContext(t.Context(), `SELECT c.name, n.name, p.workload_kind, p.workload, p.derived, p.container, i.name, i.tag, i.digest, s.after_at, s.first_at, s.last_at, s.gone_at, s.absences, s.why
		FROM sighting s JOIN cluster c ON c.id = s.cluster_id JOIN place p ON p.id = s.place_id JOIN namespace n ON n.id = p.namespace_id JOIN image i ON i.id = s.image_id
		ORDER BY c.name, n.name, p.workload, p.container, i.name, i.tag, i.digest, s.first_at`)
	require.NoError(t, err)
	for rows.Next() {
		var cluster, namespace, kind, workload, container, name, tag, digest, why string
		var derived bool
		var times [4]sql.NullInt64
		var absences int
		require.NoError(t, rows.Scan(&cluster, &namespace, &kind, &workload, &derived, &container, &name, &tag, &digest, &times[0], &times[1], &times[2], &times[3], &absences, &why))
		if derived {
			kind += "*"
		}
		if digest = "d" + strings.TrimLeft(strings.TrimPrefix(digest, "sha256:"), "0"); digest == "d" {
			digest = "-"
		}
		line := fmt.Sprintf("%s %s/%s %s %s:%s %s %s", namespace, kind, workload, container, strings.TrimPrefix(name, "docker.io/library/"), tag, digest, minutes(times[:]))
		if cluster != "c1" {
			line = cluster + ": " + line
		}
		if absences > 0 {
			line += fmt.Sprintf(" x%d", absences)
		}
		all = append(all, strings.TrimSpace(line+" "+why))
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	return all
}

// minutes writes times as minutes since born, with dashes for those that are not known.
func minutes(times []sql.NullInt64) string {
	words := make([]string, len(times))
	for i, at := range times {
		words[i] = "-"
		if at.Valid {
			words[i] = fmt.Sprint((at.Int64 - born.UnixMilli()) / 60_000)
		}
	}
	return strings.Join(words, "/")
}

// coverage is each row of it: NAMESPACE FIRST/LAST SCOPE.
func (w *world) coverage() string {
	w.Helper()
	var all []string
	rows, err := w.store.db.QueryContext(w.Context(), `SELECT n.name, s.text, c.first_at, c.last_at FROM coverage c JOIN namespace n ON n.id = c.namespace_id JOIN scope s ON s.id = c.scope_id ORDER BY n.name, c.first_at`)
	require.NoError(w, err)
	for rows.Next() {
		var name, scope string
		var times [2]sql.NullInt64
		require.NoError(w, rows.Scan(&name, &scope, &times[0], &times[1]))
		all = append(all, name+" "+minutes(times[:])+" "+scope)
	}
	require.NoError(w, cmp.Or(rows.Err(), rows.Close()))
	return strings.Join(all, ", ")
}

// counts is how many rows the tables have.
func (w *world) counts() map[string]int {
	w.Helper()
	all := map[string]int{}
	for _, table := range []string{"cluster", "scope", "feed", "namespace", "coverage", "run", "image", "place", "sighting"} {
		var n int
		require.NoError(w, w.store.db.QueryRowContext(w.Context(), `SELECT count(*) FROM `+table).Scan(&n))
		all[table] = n
	}
	return all
}

// runs is what became of each run, the oldest first.
func (w *world) runs() (states []string) {
	w.Helper()
	rows, err := w.store.db.QueryContext(w.Context(), `SELECT state FROM run ORDER BY id`)
	require.NoError(w, err)
	for rows.Next() {
		var state string
		require.NoError(w, rows.Scan(&state))
		states = append(states, state)
	}
	require.NoError(w, cmp.Or(rows.Err(), rows.Close()))
	return states
}
