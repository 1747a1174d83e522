package history

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// monday is when the readings of these tests begin.
var monday = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// digestOf is a digest that begins and ends with the digit.
func digestOf(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

// runs is one cluster whose readings are recorded an hour apart.
type runs struct {
	store   *Store
	cluster string
	next    time.Time
	scope   string
	left    []string // namespaces that are not selected
}

// runsOf returns the runs of a cluster.
func runsOf(s *Store, cluster string) *runs {
	return &runs{store: s, cluster: cluster, next: monday, scope: "all"}
}

// record records what a reading saw: NAMESPACE KIND/WORKLOAD IMAGE, or NAMESPACE alone for an empty one,
// or !NAMESPACE for one that could not be read.
func (r *runs) record(t testing.TB, lines ...string) time.Time {
	t.Helper()
	seen := NewRecorder()
	run := Run{
		Cluster: r.cluster, Began: r.next, At: r.next.Add(time.Second), Scope: r.scope, Selection: strings.Join(r.left, ","), Partial: true, Version: "test",
		Selects: func(ns string) bool { return !slices.Contains(r.left, ns) }, Outcome: inventory.Outcome{Complete: true, Listed: true},
	}
	var pods []inventory.Pod
	gaps := map[string]*inventory.Gap{}
	for _, line := range lines {
		fields := strings.SplitN(line, " ", 3)
		ns, unread := strings.CutPrefix(fields[0], "!")
		if !slices.Contains(run.Namespaces, ns) {
			run.Namespaces = append(run.Namespaces, ns)
		}
		if unread {
			gap := inventory.Gap{Source: "pods of namespace " + ns, Reason: "forbidden", Namespace: ns}
			run.Outcome.Complete, run.Outcome.Listed, run.Outcome.Gaps = false, false, append(run.Outcome.Gaps, gap)
			gaps[ns] = &gap
		}
		if len(fields) == 3 {
			kind, name, _ := strings.Cut(fields[1], "/")
			owner := inventory.Owner{Kind: kind, Name: name}
			pods = append(pods, inventory.Pod{Namespace: ns, Name: name + "-1", Owner: owner, Workload: owner, Containers: []inventory.Container{
				{Kind: inventory.Regular, Name: "main", Image: imageNamed(fields[2])},
			}})
		}
	}
	for _, ns := range run.Namespaces {
		for i := range pods {
			if pods[i].Namespace == ns {
				require.NoError(t, seen.Pod(&pods[i]))
			}
		}
		require.NoError(t, seen.End(ns, gaps[ns]))
	}
	done, err := r.store.Record(t.Context(), seen, run)
	require.NoError(t, err)
	require.NotEqual(t, Superseded, done.State)
	r.next = r.next.Add(time.Hour)
	return done.At
}

// imageNamed is an image by its reference, or "config HEX NAME".
func imageNamed(text string) image.Image {
	if rest, is := strings.CutPrefix(text, "config "); is {
		id, name, _ := strings.Cut(rest, " ")
		i := imageNamed(name)
		i.ConfigID = id
		return i
	}
	ref, err := image.Parse(text)
	if err != nil {
		return image.Image{Written: text, Flags: image.Invalid}
	}
	return image.Image{Written: text, Ref: ref}
}

// found is what Where tells, a line for each sighting: CLUSTER/NAMESPACE/WORKLOAD IMAGE FIRST-LAST PRESENCE, in
// hours since monday.
func found(t testing.TB, s *Store, q WhereQuery) []string {
	t.Helper()
	lines := []string{}
	require.NoError(t, s.View(t.Context(), func(v *View) error {
		return v.Where(q, func(one Sighting) error {
			lines = append(lines, fmt.Sprintf("%s/%s/%s %s:%s@%.9s %s-%s %s", one.Cluster, one.Place.Namespace, one.Place.Workload, one.Image.Name, one.Image.Tag, one.Image.Digest,
				hour(one.Times.First), hour(one.Times.Last), one.Presence))
			return nil
		})
	}))
	slices.Sort(lines)
	return lines
}

func hour(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return fmt.Sprintf("%.0f", at.Sub(monday).Hours())
}

func TestWhereFindsAnImageByWhatPeopleCallIt(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		runsOf(s, "prod").record(t,
			"shop Deployment/web docker.io/library/nginx:1.27@"+digestOf("a"),
			"shop Deployment/old docker.io/library/nginx:1.26@"+digestOf("b"),
			"shop Deployment/proxy registry.example.com:5000/team/nginx:1.27@"+digestOf("c"),
			"shop Deployment/local config "+digestOf("d")+" localhost/mine:dev",
			"shop Deployment/pinned quay.io/x/pinned@"+digestOf("e"),
			"shop Deployment/bad Not A Reference",
			"shop Deployment/long quay.io/x/long:1@sha512:"+strings.Repeat("f", 128),
		)
		for word, want := range map[string]string{
			"nginx":                              "old proxy web",
			"nginx:1.27":                         "proxy web",
			"library/nginx":                      "old web",
			"docker.io/library/nginx":            "old web",
			"index.docker.io/library/nginx:1.26": "old",
			"team/nginx":                         "proxy",
			"registry.example.com:5000/team/nginx:1.27": "proxy",
			"example.com:5000/team/nginx":               "",
			"eam/nginx":                                 "",
			"*inx":                                      "old proxy web",
			"*/team/*":                                  "proxy",
			digestOf("a"):                               "web",
			digestOf("a")[:19]:                          "web",
			digestOf("a")[7:19]:                         "web",
			"docker.io/other/name@" + digestOf("a"):     "web",
			strings.ToUpper(digestOf("a")[7:19]):        "web",
			digestOf("d")[7:30]:                         "local",
			"mine:dev":                                  "local",
			digestOf("e"):                               "pinned",
			"quay.io/x/pinned":                          "pinned",
			"sha512:ffffffffffff":                       "long",
			"ffffffffffff":                              "long",
			"Not A Reference":                           "bad",
			"not a reference":                           "",
			"nginx:1.28":                                "",
			"'; DROP TABLE image; --":                   "",
			"%":                                         "",
			strings.Repeat("x", 1<<20):                  "",
		} {
			var names []string
			for _, line := range found(t, s, WhereQuery{Image: word}) {
				names = append(names, strings.TrimPrefix(strings.Fields(line)[0], "prod/shop/"))
			}
			assert.Equal(t, want, strings.Join(names, " "), "%.80s", word)
		}
		for word, want := range map[string]string{
			"": "it is empty", "sha256:abc": "at least 12", "sha256:" + strings.Repeat("z", 64): "hexadecimal", "x@latest": "not a digest", "a[": "not a glob",
		} {
			err := s.View(t.Context(), func(v *View) error { return v.Where(WhereQuery{Image: word}, nil) })
			require.ErrorIs(t, err, settings.ErrInvalid, word)
			require.ErrorContains(t, err, want)
		}
	})
}

func TestWhereTellsWhatIsKnownOfThePresent(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		prod, edge := runsOf(s, "prod"), runsOf(s, "edge")
		web, job, gone, lost := "a Deployment/web x/web:1@"+digestOf("1"), "a CronJob/job x/job:1@"+digestOf("2"), "b Deployment/gone x/gone:1@"+digestOf("3"), "c Deployment/lost x/lost:1@"+digestOf("4")
		dropped := "d Deployment/dropped x/dropped:1@" + digestOf("5")
		prod.record(t, web, job, gone, lost, dropped)
		prod.record(t, web, lost, "b", dropped)
		prod.record(t, web, job, "!c", "b", dropped)
		prod.record(t, web, job, "!c", "b")
		edge.record(t, "a Deployment/web x/web:1@"+digestOf("1"))

		assert.Equal(t, []string{
			"edge/a/web docker.io/x/web:1@sha256:11 0-0 now",
			"prod/a/job docker.io/x/job:1@sha256:22 0-3 intermittent",
			"prod/a/web docker.io/x/web:1@sha256:11 0-3 now",
			"prod/b/gone docker.io/x/gone:1@sha256:33 0-0 gone",
			"prod/c/lost docker.io/x/lost:1@sha256:44 0-1 not read since",
			"prod/d/dropped docker.io/x/dropped:1@sha256:55 0-2 " + string(IsUnread),
		}, found(t, s, WhereQuery{Image: "x/*"}), "an incomplete run does not know that d is gone")
		assert.Len(t, found(t, s, WhereQuery{Image: "x/*", Now: true}), 3)
		assert.Len(t, found(t, s, WhereQuery{Image: "x/*", Clusters: []string{"edge"}}), 1)

		prod.left = []string{"a"}
		prod.record(t, "b", "c")
		assert.Contains(t, found(t, s, WhereQuery{Image: "web"}), "prod/a/web docker.io/x/web:1@sha256:11 0-3 not read since", "an exclude is no removal")
		_, err := s.Forget(t.Context(), "edge")
		require.NoError(t, err)
		assert.Contains(t, found(t, s, WhereQuery{Image: "web"}), "edge/a/web docker.io/x/web:1@sha256:11 0-0 not read since")

		err = s.View(t.Context(), func(v *View) error { return v.Where(WhereQuery{Image: "web", Clusters: []string{"prd"}}, nil) })
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, `"prd" is not in the history: its clusters are edge, prod`)
	})
}

func TestWhereCountsWhatMayHaveBeenThere(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		r := runsOf(s, "prod")
		r.record(t, "a")
		r.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		r.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		r.record(t, "a")
		at := func(hours float64) time.Time { return monday.Add(time.Duration(hours * float64(time.Hour))) }
		for _, test := range []struct {
			since, until time.Time
			there        int
		}{
			{at(0.5), at(0.6), 1}, {at(1.5), at(1.6), 1}, {at(2.5), at(2.6), 1}, // it came between 0 and 1, and went between 2 and 3
			{at(-2), at(-1), 0}, {at(3.5), at(9), 0}, {at(3.5), time.Time{}, 0}, {time.Time{}, at(0), 0}, {time.Time{}, at(0.5), 1},
		} {
			assert.Len(t, found(t, s, WhereQuery{Image: "web", Since: test.since, Until: test.until}), test.there, "%v", test)
		}
	})
}

// told is what Changes tells, a line for each.
func told(t testing.TB, s *Store, q ChangesQuery) []string {
	t.Helper()
	lines := []string{}
	require.NoError(t, s.View(t.Context(), func(v *View) error {
		return v.Changes(q, func(c Change) error {
			lines = append(lines, fmt.Sprintf("%s %s %s/%s/%s %s:%s %.9s>%.9s after %s", hour(c.At), c.Kind, c.Cluster, c.Place.Namespace, c.Place.Workload, c.Image.Name, c.Image.Tag, c.Was, c.Image.Digest, hour(c.Before)))
			return nil
		})
	}))
	return lines
}

func TestChangesComeNewestFirstAndReTaggedBeforeAll(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		prod, edge := runsOf(s, "prod"), runsOf(s, "edge")
		prod.record(t, "a Deployment/web x/web:1@"+digestOf("1"), "a Deployment/api x/api:1@"+digestOf("2"), "b")
		edge.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		prod.record(t, "a Deployment/web x/web:1@"+digestOf("3"), "a Deployment/api x/api:2@"+digestOf("4"), "b")                                       // re-tagged, replaced
		prod.record(t, "a Deployment/web x/web:1@"+digestOf("3"), "a Deployment/web x/web:1@"+digestOf("5"), "a Deployment/api x/api:2", "b")           // a rollout half way, a pod that waits
		prod.record(t, "a Deployment/web x/web:1@"+digestOf("5"), "a Deployment/api x/api:2@"+digestOf("4"), "b Deployment/new x/new:1@"+digestOf("6")) // and done
		prod.record(t, "a Deployment/web x/web:1@"+digestOf("5"), "a Deployment/api x/api:2@"+digestOf("4"))                                            // b is no more

		all := []string{
			"4 removed prod/b/new docker.io/x/new:1 >sha256:66 after 3",
			"3 added prod/b/new docker.io/x/new:1 >sha256:66 after 2",
			"3 removed prod/a/web docker.io/x/web:1 >sha256:33 after 2",
			"2 re-tagged prod/a/web docker.io/x/web:1 sha256:33>sha256:55 after 1",
			"1 re-tagged prod/a/web docker.io/x/web:1 sha256:11>sha256:33 after 0",
			"1 added prod/a/api docker.io/x/api:2 >sha256:44 after 0",
			"1 removed prod/a/api docker.io/x/api:1 >sha256:22 after 0",
			"0 first-read edge/a/web docker.io/x/web:1 >sha256:11 after never",
			"0 first-read prod/a/api docker.io/x/api:1 >sha256:22 after never",
			"0 first-read prod/a/web docker.io/x/web:1 >sha256:11 after never",
		}
		got := told(t, s, ChangesQuery{})
		slices.Sort(got[7:]) // two clusters at one time have no order
		assert.Equal(t, all, got)
		assert.Equal(t, all[:4], told(t, s, ChangesQuery{Since: monday.Add(90 * time.Minute)}))
		assert.Equal(t, all[4:7], told(t, s, ChangesQuery{Since: monday.Add(30 * time.Minute), Until: monday.Add(90 * time.Minute)}))
		assert.Equal(t, all[7:8], told(t, s, ChangesQuery{Clusters: []string{"edge"}}))
		assert.Equal(t, all[:2], told(t, s, ChangesQuery{Namespaces: []string{"b"}}))
		assert.Len(t, told(t, s, ChangesQuery{Image: "api"}), 3)
		assert.Len(t, told(t, s, ChangesQuery{Workload: "deployment/api"}), 3)
		assert.Len(t, told(t, s, ChangesQuery{Workload: "api"}), 3)
		assert.Empty(t, told(t, s, ChangesQuery{Workload: "StatefulSet/api"}))
		assert.Empty(t, told(t, s, ChangesQuery{Workload: "api' OR '1'='1"}))
		assert.Empty(t, told(t, s, ChangesQuery{Image: "never"}))
	})
}

func TestAsOfShowsAClusterAsItWasRead(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		r := runsOf(s, "prod")
		first := r.record(t, "a Deployment/web x/web:1@"+digestOf("1"), "a StatefulSet/db config "+digestOf("2")+" x/db:1", "b Deployment/gone x/gone:1@"+digestOf("3"), "empty")
		r.record(t, "!a", "b")
		r.record(t, "a Deployment/web x/web:2@"+digestOf("4"), "b")
		at := func(moment time.Time) (lines []string, of inventory.Cluster) {
			seen := &listed{}
			require.NoError(t, s.View(t.Context(), func(v *View) (err error) {
				of, err = v.AsOf("prod", moment, seen)
				return err
			}))
			return seen.lines, of
		}
		lines, of := at(monday.Add(90 * time.Minute))
		assert.Equal(t, first, of.Collected, "the run of that hour was not complete")
		assert.Equal(t, []string{
			"a Deployment/web main docker.io/x/web:1@" + digestOf("1"), "a StatefulSet/db main docker.io/x/db:1 config " + digestOf("2"), "end a",
			"b Deployment/gone main docker.io/x/gone:1@" + digestOf("3"), "end b", "end empty",
		}, order(lines))
		assert.Equal(t, []string{"a", "b", "empty"}, inventory.NamesOf(of.Namespaces))
		lines, _ = at(monday.Add(9 * time.Hour))
		assert.Equal(t, []string{"a Deployment/web main docker.io/x/web:2@" + digestOf("4"), "end a", "end b"}, lines)
		err := s.View(t.Context(), func(v *View) error {
			_, err := v.AsOf("prod", monday, &listed{})
			return err
		})
		require.ErrorIs(t, err, ErrNoRun)
	})
}

// order sorts the pods of a namespace.
func order(lines []string) []string {
	from := 0
	for i, line := range lines {
		if strings.HasPrefix(line, "end ") {
			slices.Sort(lines[from:i])
			from = i + 1
		}
	}
	return lines
}

// listed is a visitor that writes down what it is shown.
type listed struct{ lines []string }

func (l *listed) Pod(p *inventory.Pod) error {
	for _, c := range p.Containers {
		line := fmt.Sprintf("%s %s/%s %s %s", p.Namespace, p.Workload.Kind, p.Workload.Name, c.Name, c.Image.Ref)
		if c.Image.ConfigID != "" {
			line += " config " + c.Image.ConfigID
		}
		l.lines = append(l.lines, line)
	}
	return nil
}

func (l *listed) End(namespace string, gap *inventory.Gap) error {
	if gap != nil {
		return errors.New("a gap")
	}
	l.lines = append(l.lines, "end "+namespace)
	return nil
}

func TestCoverageSaysWhatANoIsWorth(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		prod, edge := runsOf(s, "prod"), runsOf(s, "edge")
		first := prod.record(t, "a Deployment/web x/web:1@"+digestOf("1"), "b Deployment/web x/web:1@"+digestOf("1"))
		second := prod.record(t, "a", "!b")
		edge.next = edge.next.Add(5 * time.Hour)
		whole := edge.record(t, "a")
		_, err := s.Forget(t.Context(), "edge")
		require.NoError(t, err)

		require.NoError(t, s.View(t.Context(), func(v *View) error {
			all, err := v.Coverage(nil)
			require.NoError(t, err)
			assert.Equal(t, []Coverage{
				{Cluster: "edge", Since: whole, Last: whole, Whole: whole, Forgotten: true},
				{
					Cluster: "prod", Since: first, Last: second, Whole: first, Gaps: []inventory.Gap{{Source: "pods of namespace b", Reason: "forbidden"}},
					Unread: []UnreadNamespace{{Name: "b", Last: first}},
				},
			}, all)
			one, err := v.Coverage([]string{"edge"})
			require.NoError(t, err)
			assert.Equal(t, all[:1], one)
			return nil
		}))
	})
}

func TestQueriesOfAnEmptyHistory(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		assert.Empty(t, found(t, s, WhereQuery{Image: "web"}))
		assert.Empty(t, told(t, s, ChangesQuery{}))
		require.NoError(t, s.View(t.Context(), func(v *View) error {
			all, err := v.Coverage(nil)
			assert.Empty(t, all)
			return err
		}))
	})
}

func TestSeenAndKnows(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		prod, edge := runsOf(s, "prod"), runsOf(s, "edge")
		first := prod.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		last := prod.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		edge.next = monday.Add(-time.Hour)
		edge.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		require.NoError(t, s.View(t.Context(), func(v *View) error {
			i := Image{Digest: digestOf("1"), Name: "docker.io/x/web", Tag: "1"}
			seen, ok, err := v.Seen(i, []string{"prod"})
			require.NoError(t, err)
			assert.True(t, ok)
			assert.Equal(t, Seen{first, last}, seen)
			seen, _, err = v.Seen(i, nil)
			require.NoError(t, err)
			assert.Equal(t, "-1", hour(seen.First))
			_, ok, err = v.Seen(Image{Name: "docker.io/x/web", Tag: "1"}, nil)
			require.NoError(t, err)
			assert.False(t, ok)

			known, newest, err := v.Knows("prod", monday, monday.Add(time.Second))
			require.NoError(t, err)
			assert.True(t, known)
			assert.Equal(t, monday.Add(time.Hour), newest)
			known, newest, err = v.Knows("prod", monday, monday.Add(2*time.Second))
			require.NoError(t, err)
			assert.False(t, known)
			assert.False(t, newest.IsZero())
			known, newest, err = v.Knows("other", monday, monday)
			assert.False(t, known)
			assert.True(t, newest.IsZero())
			return err
		}))
	})
}

// TestQueriesDoNotScanSightings asks the engines how they would answer. An index that
// PostgreSQL could use it uses in a table that is large.
func TestQueriesDoNotScanSightings(t *testing.T) {
	onEach(t, func(t *testing.T, url string) {
		s := opened(t, url, Writing)
		r := runsOf(s, "prod")
		r.record(t, "a Deployment/web x/web:1@"+digestOf("1"))
		r.record(t, "a Deployment/web x/web:1@"+digestOf("2"))
		require.NoError(t, s.View(t.Context(), func(v *View) error {
			if at(url).isPostgres() {
				_, err := v.tx.ExecContext(t.Context(), `SET LOCAL enable_seqscan = off`)
				require.NoError(t, err)
			}
			changes, args, err := v.changesQuery(ChangesQuery{Since: monday})
			require.NoError(t, err)
			for name, query := range map[string]struct {
				text string
				args []any
			}{
				"changes": {changes, args},
				"where":   {`SELECT ` + sightingColumns + sightingTables + `WHERE s.image_id IN (1, 2)`, nil},
				"as of":   {showAtQuery, []any{1, 2}},
				"unread":  {unreadQuery(` IN (1)`), nil},
			} {
				plan := planOf(t, v, at(url), query.text, query.args)
				require.NotEmpty(t, plan)
				assert.NotRegexp(t, `(?i)seq scan on sighting|SCAN s($|\s*$|\n)|SCAN t($|\n)`, plan, name)
			}
			return nil
		}))
	})
}

func planOf(t testing.TB, v *View, o Options, query string, args []any) string {
	t.Helper()
	explain := `EXPLAIN QUERY PLAN `
	if o.isPostgres() {
		explain = `EXPLAIN `
	}
	var plan strings.Builder
	require.NoError(t, v.each(explain+query, args, func(row scanner) error {
		var a, b, c sql.NullInt64
		var line string
		if o.isPostgres() {
			defer func() { plan.WriteString(line + "\n") }()
			return row.Scan(&line)
		}
		err := row.Scan(&a, &b, &c, &line)
		plan.WriteString(line + "\n")
		return err
	}))
	return plan.String()
}

func TestQueriesNeedNoRightToWrite(t *testing.T) {
	t.Parallel()
	server := postgres.Server(t)
	url := newDatabase(t)
	runsOf(opened(t, url, Writing), "prod").record(t, "a Deployment/web x/web:1@"+digestOf("1"))
	reader := opened(t, server.ReadOnly(t, url), Reading)
	assert.Len(t, found(t, reader, WhereQuery{Image: "web"}), 1)
	assert.Len(t, told(t, reader, ChangesQuery{}), 1)
}
