package history

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

func partial(r *Run) { r.Partial = true }

func TestSameInventoryAgainIsARowOfARun(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		lines := `a Deployment/web app nginx:1 d1
			a Deployment/web log fluent:2 d2
			b empty`
		assert.Equal(t, Recorded{State: Complete, At: minute(0).Add(time.Second), Opened: 2}, w.record(0, lines))
		before := w.counts()
		for n := 1; n < 4; n++ {
			assert.Equal(t, Recorded{State: Complete, At: minute(n).Add(time.Second)}, w.record(n, lines))
		}
		before["run"] += 3
		assert.Equal(t, before, w.counts())
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-
			a Deployment/web log fluent:2 d2 -/0/-/-`)
		assert.Equal(t, "a 0/- all, b 0/- all", w.coverage())

		assert.Equal(t, Repeated, w.record(3, lines).State)
		assert.Equal(t, before, w.counts(), "the very same run leaves nothing")
	})
}

func TestChangesAreExact(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1
			a Deployment/db sql postgres:15 d5`)
		w.record(10, `a Deployment/web app nginx:1 d2
			a Deployment/db sql postgres:15 d5
			new Deployment/web app nginx:1 d2`)
		done := w.record(20, `a Deployment/web app nginx:1 d2
			a Deployment/web app nginx:2 d3
			new empty`)
		assert.Equal(t, Recorded{State: Complete, At: minute(20).Add(time.Second), Opened: 1, Closed: 2}, done)
		w.record(30, `a Deployment/web app nginx:2 d3`)
		w.want(`a Deployment/db sql postgres:15 d5 -/0/10/20 gone
			a Deployment/web app nginx:1 d1 -/0/0/10 gone
			a Deployment/web app nginx:1 d2 0/10/20/30 gone
			a Deployment/web app nginx:2 d3 10/20/-/-
			new Deployment/web app nginx:1 d2 0/10/10/20 gone`)
		assert.Equal(t, "a 0/- all, new 10/20 all", w.coverage())
	})
}

func TestNamespaceThatIsGone(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1
			b Deployment/web app nginx:1 d1`)
		w.record(5, `a Deployment/web app nginx:1 d1
			b Deployment/web app nginx:1 d1`)
		w.record(10, `a Deployment/web app nginx:1 d1`)
		w.record(15, `a Deployment/web app nginx:1 d1`)
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-
			b Deployment/web app nginx:1 d1 -/0/5/10 namespace gone`)
		w.record(20, `a Deployment/web app nginx:1 d1
			b Deployment/other app nginx:3 d3`)
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-
			b Deployment/other app nginx:3 d3 15/20/-/-
			b Deployment/web app nginx:1 d1 -/0/5/10 namespace gone`)
		assert.Equal(t, "a 0/- all, b 0/5 all, b 20/- all", w.coverage())

		w.record(25, `a Deployment/web app nginx:1 d1`, func(r *Run) { r.Selects = nil })
		assert.NotContains(t, strings.Join(dump(t, w.store), "\n"), "/25", "nobody knows whether it was selected")
	})
}

func TestNamespaceThatWasNotReadStaysOpen(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		both := `a Deployment/web app nginx:1 d1
			b Deployment/web app nginx:1 d1`
		w.record(0, both)
		w.record(10, both)
		assert.Equal(t, Incomplete, w.record(20, `a Deployment/web app nginx:2 d2
			b gap`).State)
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-
			b Deployment/web app nginx:1 d1 -/0/-/-`)
		assert.Equal(t, "a 0/- all, b 0/- all", w.coverage(), "of what was not delivered there is only that it was tried")

		w.record(30, `a Deployment/web app nginx:2 d2
			b Deployment/web app nginx:9 d9
			b gap`, partial)
		w.want(`a Deployment/web app nginx:1 d1 -/0/10/30 gone
			a Deployment/web app nginx:2 d2 10/30/-/-
			b Deployment/web app nginx:1 d1 -/0/-/-`)
		assert.Equal(t, "a 0/- all, b 0/10 all", w.coverage(), "not read since")
		all, err := w.store.Status(t.Context())
		require.NoError(t, err)
		c := all.Clusters[0]
		assert.Equal(t, []any{1, 1, Incomplete, 4}, []any{c.Covered, c.Uncovered, c.State, all.Runs})
		assert.Equal(t, []inventory.Gap{{Source: "pods of namespace b", Reason: "403"}}, c.Gaps)

		w.record(40, `a Deployment/web app nginx:2 d2
			b Deployment/web app nginx:3 d3
			late Deployment/web app nginx:3 d3`)
		w.want(`a Deployment/web app nginx:1 d1 -/0/10/30 gone
			a Deployment/web app nginx:2 d2 10/30/-/-
			b Deployment/web app nginx:1 d1 -/0/10/40 gone
			b Deployment/web app nginx:3 d3 10/40/-/-
			late Deployment/web app nginx:3 d3 10/40/-/-`)
		assert.Equal(t, "a 0/- all, b 0/10 all, b 40/- all, late 40/- all", w.coverage())
	})
}

func TestExcludedNamespaceIsNoRemoval(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		excluding := func(r *Run) {
			r.Selection = "-b"
			r.Selects = func(name string) bool { return name != "b" }
		}
		both := `a Deployment/web app nginx:1 d1
			b Deployment/web app nginx:1 d1`
		w.record(0, both)
		done := w.record(10, `a Deployment/web app nginx:1 d1`, excluding)
		assert.Equal(t, Recorded{State: Complete, At: minute(10).Add(time.Second)}, done)
		w.record(20, `a Deployment/web app nginx:2 d2`, excluding)
		w.want(`a Deployment/web app nginx:1 d1 -/0/10/20 gone
			a Deployment/web app nginx:2 d2 10/20/-/-
			b Deployment/web app nginx:1 d1 -/0/-/-`)
		assert.Equal(t, "a 0/0 all, a 10/- all, b 0/0 all", w.coverage())
		w.record(30, both)
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/- x1
			a Deployment/web app nginx:2 d2 10/20/20/30 gone
			b Deployment/web app nginx:1 d1 -/0/-/-`)
	})
}

func TestFeedsWithoutACommonNamespaceGoOnSideBySide(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		only := func(name string) func(*Run) {
			return func(r *Run) {
				r.Selection = name
				r.Selects = func(other string) bool { return other == name }
			}
		}
		for n := range 3 {
			w.record(10*n+1, `a Deployment/web app nginx:1 d1`, only("a"))
			w.record(10*n, `b Deployment/web app nginx:1 d1`, only("b")) // began before, and is not late
		}
		assert.Equal(t, "a 1/- all, b 1/- all", w.coverage())
		assert.NotContains(t, w.runs(), string(Superseded))
		w.record(35, `b empty`, only("b"))
		w.want(`a Deployment/web app nginx:1 d1 -/1/-/-
			b Deployment/web app nginx:1 d1 -/1/21/35 gone`)
	})
}

func TestAnotherScopeIsNoRemoval(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		running := func(r *Run) { r.Scope = "running" }
		w.record(0, `a Deployment/web app nginx:1 d1
			a Job/done app tool:1 d7`)
		w.record(10, `a Deployment/web app nginx:1 d1
			a Deployment/new app nginx:3 d3`, running)
		w.record(20, `a Deployment/web app nginx:2 d2
			a Deployment/new app nginx:3 d3`, running)
		w.want(`a Job/done app tool:1 d7 -/0/0/10 no longer covered
			a Deployment/new app nginx:3 d3 -/10/-/-
			a Deployment/web app nginx:1 d1 -/0/10/20 gone
			a Deployment/web app nginx:2 d2 10/20/-/-`)
		assert.Equal(t, "a 0/0 all, a 10/- running", w.coverage())
		w.record(30, `a Deployment/web app nginx:2 d2
			a Deployment/new app nginx:3 d3
			a Job/done app tool:1 d7`)
		assert.Contains(t, dump(t, w.store), "a Job/done app tool:1 d7 -/0/-/-", "that was no absence")
	})
}

func TestClockOnlyGoesForward(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(600, `a Deployment/web app nginx:1 d1`)
		done := w.record(5, `a Deployment/web app nginx:2 d2`, func(r *Run) { r.Skew = -10 * time.Hour }) // it was set back
		assert.Equal(t, Recorded{State: Complete, At: minute(600).Add(time.Second + time.Millisecond), Opened: 1, Closed: 1}, done)
		done = w.record(15, `a Deployment/web app nginx:3 d3`)
		assert.Equal(t, minute(600).Add(time.Second+2*time.Millisecond), done.At)
		assert.Equal(t, minute(700).Add(time.Second), w.record(700, `a Deployment/web app nginx:3 d3`).At)
		var skew, wall int64
		require.NoError(t, w.store.db.QueryRowContext(t.Context(), `SELECT MIN(skew), MIN(wall_at) FROM run`).Scan(&skew, &wall))
		assert.Equal(t, -10*time.Hour.Milliseconds(), skew)
		assert.Equal(t, minute(5).Add(time.Second).UnixMilli(), wall)
	})
}

func TestLateRunLeavesARowAndNothingElse(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1`)
		w.record(10, `a Deployment/web app nginx:2 d2`)
		before := dump(t, w.store)
		done := w.record(9, `a Deployment/web app nginx:1 d1`, func(r *Run) { r.At = minute(11) })
		assert.Equal(t, Recorded{State: Superseded, At: minute(11)}, done)
		assert.Equal(t, before, dump(t, w.store))
		assert.Equal(t, []string{"complete", "complete", "superseded"}, w.runs())
		// Also where it would take the place of another feed.
		done = w.record(8, `a Deployment/web app nginx:1 d1`, func(r *Run) { r.At, r.Selection = minute(12), "a" })
		assert.Equal(t, Superseded, done.State)
		assert.Equal(t, before, dump(t, w.store))
	})
}

func TestCronJobIsOneRow(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		for n := range 50 {
			w.record(4*n, `a CronJob/nightly app tool:1 d1`)
			w.record(4*n+1, `a empty`)
		}
		w.want(`a CronJob/nightly app tool:1 d1 -/0/196/197 x49 gone`)
		w.record(197+36*24*60, `a CronJob/nightly app tool:1 d1`)
		assert.Len(t, dump(t, w.store), 2, "after more than history.join it is a new one")
	})
}

func TestExactHistoryJoinsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		o := at(url)
		o.Join = 0
		s, err := Open(t.Context(), o, Writing)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		w := &world{t, s}
		for n := range 3 {
			w.record(4*n, `a CronJob/nightly app tool:1 d1`)
			w.record(4*n+1, `a empty`)
		}
		w.want(`a CronJob/nightly app tool:1 d1 -/0/0/1 gone
			a CronJob/nightly app tool:1 d1 1/4/4/5 gone
			a CronJob/nightly app tool:1 d1 5/8/8/9 gone`)
	})
}

func TestGeneratedNamesShareAPlace(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var all strings.Builder
		const letters = "bcdfghjklmnpqrstvwxz2456789"
		for i := range 500 {
			fmt.Fprintf(&all, "a Pod/build-%c%c%c2z step tool:1 d1\na Workflow/flow-%c%c%c9x step tool:1 d1\n", letters[i%27], letters[i/27], letters[i*7%27], letters[i%27], letters[i/27], letters[i*7%27])
		}
		all.WriteString(`a Pod/build-x7k2 step tool:1 d1
			a Pod/build-Xabcd step tool:1 d1
			a Pod/-x7k2p step tool:1 d1
			a Deployment/web-x7k2p step tool:1 d1
			a Job/load-x7k2p step tool:1 d1`)
		assert.Equal(t, 7, w.record(0, all.String()).Opened)
		w.want(`a Pod/-x7k2p step tool:1 d1 -/0/-/-
			a Pod*/build-* step tool:1 d1 -/0/-/-
			a Pod/build-Xabcd step tool:1 d1 -/0/-/-
			a Pod/build-x7k2 step tool:1 d1 -/0/-/-
			a Workflow*/flow-* step tool:1 d1 -/0/-/-
			a Job*/load-* step tool:1 d1 -/0/-/-
			a Deployment/web-x7k2p step tool:1 d1 -/0/-/-`)
	})
}

func TestImageWithoutADigestIsNotAnother(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1
			a Deployment/web app nginx:1
			a Deployment/new app nginx:2`)
		w.want(`a Deployment/new app nginx:2 - -/0/-/-
			a Deployment/web app nginx:1 d1 -/0/-/-`)
		w.record(10, `a Deployment/web app nginx:1
			a Deployment/new app nginx:2 d2`)
		w.want(`a Deployment/new app nginx:2 - -/0/0/10 digest known
			a Deployment/new app nginx:2 d2 0/10/-/-
			a Deployment/web app nginx:1 d1 -/0/-/-`)
		w.record(20, `a Deployment/web app nginx:1 config7
			a Deployment/new app nginx:2 d2
			a Deployment/odd app UPPER:x`)
		w.want(`a Deployment/new app nginx:2 - -/0/0/10 digest known
			a Deployment/new app nginx:2 d2 0/10/-/-
			a Deployment/odd app UPPER:x: - 10/20/-/-
			a Deployment/web app nginx:1 d1 -/0/10/20 gone
			a Deployment/web app nginx:1 d7 10/20/-/-`)
		var kinds string
		require.NoError(t, w.store.db.QueryRowContext(t.Context(), `SELECT MIN(digest_kind) || MAX(digest_kind) FROM image WHERE digest <> ''`).Scan(&kinds))
		assert.Equal(t, "configregistry", kinds)
		done := w.record(30, `a Deployment/web app nginx:1 config7
			a Deployment/new app nginx:2 d2
			a Deployment/odd app UPPER:x`)
		assert.Zero(t, done.Opened+done.Closed)
	})
}

func TestKnownPodsCostNoMemory(t *testing.T) {
	r := NewRecorder()
	p := pod(strings.Fields(`a Deployment/web app registry.example.com:5000/team/nginx:1 d1`))
	require.NoError(t, r.Pod(&p))
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = r.Pod(&p) })) // there is no error
}

func TestRestartForgetsAll(t *testing.T) {
	t.Parallel()
	seen, _ := see(`a Deployment/web app nginx:1 d1`)
	seen.Restart()
	assert.Equal(t, NewRecorder(), seen)
}

func TestForgottenClusterIsClosedUntilItComesBack(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.record(0, `a Deployment/web app nginx:1 d1`)
		w.record(10, `a Deployment/web app nginx:1 d1`)
		_, err := w.store.Forget(t.Context(), "c'2")
		require.ErrorIs(t, err, settings.ErrInvalid)
		closed, err := w.store.Forget(t.Context(), "c1")
		require.NoError(t, err)
		assert.EqualValues(t, 1, closed)
		lines := dump(t, w.store)
		require.Len(t, lines, 1)
		assert.Regexp(t, `^a Deployment/web app nginx:1 d1 -/0/10/[0-9]+ forgotten$`, lines[0])
		assert.Equal(t, "a 0/10 all", w.coverage())
		all, err := w.store.Status(t.Context())
		require.NoError(t, err)
		assert.True(t, all.Clusters[0].Forgotten)

		w.record(9, `a Deployment/web app nginx:1 d1`, func(r *Run) { r.At = time.Now() })
		all, err = w.store.Status(t.Context())
		require.NoError(t, err)
		assert.True(t, all.Clusters[0].Forgotten, "a late run sees nothing")

		now := time.Now().Add(time.Minute)
		w.record(0, `a Deployment/web app nginx:1 d1`, func(r *Run) { r.Began, r.At = now, now.Add(time.Second) })
		w.want(`a Deployment/web app nginx:1 d1 -/0/-/-`)
	})
}

func TestPruneDeletesWhatIsOld(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		const day = 24 * 60
		w.record(0, `a Deployment/old app tool:1 d1
			a Deployment/web app nginx:1 d2
			gone Deployment/old app tool:1 d1`)
		for n := 1; n < 6; n++ {
			w.record(n, `a Deployment/web app nginx:1 d2
				gone gap`, partial)
		}
		w.record(day, `a Deployment/web app nginx:1 d2`)
		before := w.counts()
		assert.Equal(t, map[string]int{"cluster": 1, "scope": 1, "feed": 1, "namespace": 2, "coverage": 2, "run": 7, "image": 2, "place": 3, "sighting": 3}, before)
		w.record(200*day, `a Deployment/web app nginx:1 d2`)
		assert.Equal(t, 3, w.counts()["run"], "one a day, and today's")
		w.record(402*day, `a Deployment/web app nginx:1 d2`)
		w.want(`a Deployment/web app nginx:1 d2 -/0/-/-`)
		assert.Equal(t, map[string]int{"cluster": 1, "scope": 1, "feed": 1, "namespace": 2, "coverage": 2, "run": 2, "image": 1, "place": 1, "sighting": 1}, w.counts())
	})
}

func TestPruneByHandDeletesAllAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var many strings.Builder
		for i := range 2*maxPruned + 10 {
			fmt.Fprintf(&many, "a Deployment/web-%d app tool:%d d%d\n", i, i, i)
		}
		long := func(r *Run) { r.Began, r.At = r.Began.AddDate(-3, 0, 0), r.At.AddDate(-3, 0, 0) }
		w.record(0, many.String(), long)
		w.record(1, `a Deployment/web app nginx:1 d1`, long)
		size := one(t, w.store, w.store.engine.size)
		n, err := w.store.Prune(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 2*maxPruned+10+2, n, "sightings and runs")
		assert.Equal(t, []int{1, 1, 1, 0}, []int{w.counts()["image"], w.counts()["place"], w.counts()["sighting"], w.counts()["run"]})
		if w.store.engine.vacuum != "" {
			assert.Less(t, len(one(t, w.store, w.store.engine.size)), len(size)+1)
			assert.Equal(t, "0", one(t, w.store, `PRAGMA freelist_count`))
		}
	})
}
