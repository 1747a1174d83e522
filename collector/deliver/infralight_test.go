package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

func TestInfralightTakesARun(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t)
	require.NoError(t, u.Preflight(t.Context()))
	run := infralightRun(t)
	r, err := u.deliver(run, time.Minute)
	require.NoError(t, err)
	assert.Empty(t, s.Refused())
	assert.Equal(t, []string{"login", "start", "helm", "tree", "objects", "lock", "metadata"}, s.Steps()) // the login of preflight is the same step
	assert.True(t, s.Locked())
	assert.Len(t, s.Items(infralighttest.Objects), 20)
	assert.Len(t, s.Items(infralighttest.Tree), 2)
	assert.Empty(t, u.events)

	r.Duration = 0
	sent := int64(0)
	for _, q := range s.Requests() {
		if q.Step != infralighttest.Login {
			assertNoKey(t, string(q.Body))
		}
		assertNoKey(t, q.Path)
	}
	for _, page := range slices.Concat(run.Objects, run.Trees) {
		sent += page.GzipSize()
	}
	assert.Equal(t, 8, r.Attempts, "helm, trees, five pages, lock")
	assert.Greater(t, r.Bytes, sent)
	assert.Less(t, r.Bytes, sent+1000)
	r.Bytes = 0
	assert.Equal(t, Receipt{Receiver: u.Where() + "/integrations/k8s/prod-1/fetching", Status: http.StatusNoContent, Attempts: 8, Encoding: transport.Gzip}, r)

	told := s.Told()
	delete(told, "endDate")
	assert.Equal(t, map[string]any{
		"fetchingId": "6a18a500" + infralightHeadID()[8:], "startDate": "2026-05-28T20:26:40Z", "result": "success",
		"collectorVersion": "1.2.3", "collectorStats": map[string]any{"k8s_objects": map[string]any{"collectionTime": 60e9}}, "serverVersion": "v1.36.3",
	}, told)
}

func infralightHeadID() string {
	head := infralightHead()
	return head.FetchingID()
}

func TestInfralightSendsReleasesAndTypes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight())
		_, err := u.deliver(infralightRun(t), time.Minute)
		require.NoError(t, err)
		i := slices.IndexFunc(s.Requests(), func(q infralighttest.Request) bool { return q.Step == infralighttest.Helm })
		assert.JSONEq(t, `{
			"fetchingId": "`+infralightHeadID()+`",
			"helmReleases": [
				{
					"name": "shop", "namespace": "web", "version": 3, "info": {"status": "deployed", "last_deployed": "2026-05-28T20:26:40Z"},
					"chart": {"metadata": {"name": "shop", "version": "1.2.3", "appVersion": "7", "home": "https://shop.example.com", "type": "application"}},
					"manifest": "---\napiVersion: \"v1\"\nkind: \"Service\"\nmetadata:\n  name: \"shop\"\n  namespace: \"web\"\n---\napiVersion: \"rbac.authorization.k8s.io/v1\"\nkind: \"ClusterRole\"\nmetadata:\n  name: \"system:shop\"\n"
				},
				{"name": "pg", "namespace": "db", "version": 1, "info": {"status": "deployed", "last_deployed": ""}}
			],
			"k8sTypes": [
				{"kind": "Pod", "namespaced": true, "apiVersion": "v1"},
				{"kind": "Deployment", "namespaced": true, "apiVersion": "apps/v1"},
				{"kind": "Node", "namespaced": false, "apiVersion": "v1"}
			]
		}`, string(s.Requests()[i].Body))
	})
}

// Many releases come in several pages, each with all types; none in one page, for the types.
func TestInfralightSendsTypesWithoutReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for releases, pages := range map[int]int{0: 1, 1: 1, 40: 5} {
			s, u := infralightInBubble(t, strictInfralight())
			run := infralightRun(t)
			run.Objects, run.Trees = nil, nil
			run.Releases = func(yield func(HelmRelease) bool) {
				for n := range releases {
					objects := slices.Repeat([]HelmObject{{"v1", "ConfigMap", "web", strings.Repeat("x", 100)}}, 600)
					if !yield(HelmRelease{Namespace: "web", Name: fmt.Sprintf("r-%d", n), Revision: 1, Status: "deployed", Chart: &HelmChart{Name: "c", Objects: objects}}) {
						return
					}
				}
			}
			if releases == 0 {
				run.Releases = nil
			}
			_, err := u.deliver(run, time.Minute)
			require.NoError(t, err)
			assert.Empty(t, s.Refused())
			assert.Len(t, s.Items(infralighttest.Helm), releases)
			count := 0
			for _, q := range s.Requests() {
				if q.Step == infralighttest.Helm {
					count++
					assert.Less(t, len(q.Body), 1_300_000)
				}
			}
			assert.Equal(t, pages, count)
		}
	})
}

// TestInfralightStepByStep lets each step fail in each way, for good.
func TestInfralightStepByStep(t *testing.T) {
	t.Parallel()
	type fault = infralighttest.Fault
	refusals := map[int]string{http.StatusUnauthorized: infralightKeys, http.StatusForbidden: infralightKeys, http.StatusPaymentRequired: "402", http.StatusConflict: "409", http.StatusRequestEntityTooLarge: "objects.chunk-bytes", http.StatusFound: infralight}
	steps := []string{infralighttest.Login, infralighttest.Start, infralighttest.Helm, infralighttest.Tree, infralighttest.Objects, infralighttest.Lock}
	run := infralightRun(t)
	for _, step := range steps {
		type row struct {
			name  string
			fault fault
			kind  error
			says  string
		}
		rows := []row{
			{"login page", infralighttest.LoginPage(step), ErrRefused, "200 OK"},
			{"nothing", fault{Status: 200, Body: `{}`}, ErrRefused, "200 OK"},
			{"500", fault{Status: 500}, ErrUnavailable, "500"},
			{"503", fault{Status: 503, Body: `{"message":"busy"}`}, ErrUnavailable, "busy"},
			{"429", fault{Status: 429, RetryAfter: "3600"}, ErrUnavailable, "429"},
			{"cut", fault{Kind: infralighttest.Cut}, ErrUnavailable, "closed before an answer"},
			{"echo", fault{Status: 400, Echo: true}, ErrRefused, "400"},
		}
		for status, says := range refusals {
			rows = append(rows, row{fmt.Sprint(status), fault{Status: status}, ErrRefused, says})
		}
		for _, row := range rows {
			row.fault.Step = step
			t.Run(step+" "+row.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, u := infralightInBubble(t, strictInfralight(slices.Repeat([]fault{row.fault}, 10_000)...))
					_, err := u.deliver(run, 5*time.Minute)
					require.ErrorIs(t, err, row.kind)
					require.ErrorContains(t, err, row.says)
					require.Equal(t, errors.Is(err, ErrRefused), !errors.Is(err, ErrUnavailable))
					require.NotErrorIs(t, err, ErrNotNow)
					assert.Empty(t, s.Refused())
					assert.False(t, s.Locked())
					at := slices.Index(steps, step)
					for _, later := range steps[at+1:] {
						assert.NotContains(t, s.Steps(), later)
					}
					if errors.Is(err, ErrRefused) && at > 1 {
						assert.Equal(t, "failure", s.Told()["result"])
						assertNoKey(t, fmt.Sprint(s.Told()))
					}
				})
			})
		}
	}
}

// What passes by itself is tried again with the same bytes; the service sees to that.
func TestInfralightTriesAgain(t *testing.T) {
	t.Parallel()
	type fault = infralighttest.Fault
	run := infralightRun(t)
	for _, step := range []string{infralighttest.Login, infralighttest.Start, infralighttest.Helm, infralighttest.Tree, infralighttest.Objects, infralighttest.Lock, infralighttest.Metadata} {
		for name, f := range map[string]fault{
			"500": {Status: 500}, "502": {Status: 502, Body: "<html><title>Bad Gateway</title>"}, "503": {Status: 503}, "429": {Status: 429, RetryAfter: "0"},
			"425": {Status: 425}, "cut": {Kind: infralighttest.Cut}, "lost": {Kind: infralighttest.Lost}, "echo": {Status: 500, Echo: true},
		} {
			if step == infralighttest.Start && name == "425" {
				continue // it says something else there
			}
			f.Step = step
			t.Run(step+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, u := infralightInBubble(t, strictInfralight(f, f, f))
					_, err := u.deliver(run, 5*time.Minute)
					require.NoError(t, err)
					assert.Zero(t, s.Pending())
					assert.Empty(t, s.Refused())
					assert.True(t, s.Locked())
					assert.Len(t, s.Items(infralighttest.Objects), 20)
					assert.Len(t, s.Items(infralighttest.Tree), 2)
					assert.Len(t, s.Items(infralighttest.Helm), 2)
					assert.Equal(t, "success", s.Told()["result"])
					assert.Empty(t, u.warnings())
					sums := map[string]bool{}
					for _, q := range s.Requests() {
						if q.Step == infralighttest.Objects {
							sums[q.SHA256] = true
						}
					}
					assert.Len(t, sums, 5, "a page that came again was the same")
				})
			})
		}
	}
}

func TestInfralightWaitsAsLongAsItIsAsked(t *testing.T) {
	t.Parallel()
	run := infralightRun(t)
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight(infralighttest.Fault{Step: infralighttest.Lock, Status: 429, RetryAfter: "70"}))
		began := time.Now()
		_, err := u.deliver(run, 5*time.Minute)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(began), 70*time.Second)
		assert.Less(t, time.Since(began), 80*time.Second)
		assert.True(t, s.Locked())
	})
}

func TestInfralightTellsWhatAStartMeans(t *testing.T) {
	t.Parallel()
	for status, test := range map[int]struct {
		kind error
		says string
	}{
		http.StatusTooEarly:        {ErrNotNow, "a later run asks again"},
		http.StatusPaymentRequired: {ErrRefused, "has suspended the integration"},
		http.StatusConflict:        {ErrRefused, "override-cluster-uid=true"},
		http.StatusNotFound:        {ErrRefused, "whether the service knows this cluster-id"},
	} {
		s, u := startInfralight(t, infralighttest.Fault{Step: infralighttest.Start, Status: status})
		f, err := u.Begin(t.Context(), infralightHead())
		assert.Nil(t, f)
		require.ErrorIs(t, err, test.kind)
		require.ErrorContains(t, err, test.says)
		if status == http.StatusTooEarly {
			require.NotErrorIs(t, err, ErrUnavailable)
			require.NotErrorIs(t, err, ErrRefused)
		}
		assert.Equal(t, []string{"login", "start"}, s.Steps(), "asked once")
	}
}

func TestInfralightTakesThePlaceOfAnotherCluster(t *testing.T) {
	t.Parallel()
	for override, ok := range map[bool]bool{false: false, true: true} {
		_, u := startInfralight(t)
		u.options.Override = override
		head := infralightHead()
		head.ClusterUID = uid(8)
		_, err := u.Begin(t.Context(), head)
		if ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrRefused)
		require.ErrorContains(t, err, "another cluster is known by this name")
	}
}

// The service of 2022 says 204 to a start. It takes trees, and knows neither integrations nor metadata.
func TestInfralightOf2022(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, infralighttest.Options{Old: true})
		_, err := u.deliver(infralightRun(t), time.Minute)
		require.NoError(t, err)
		assert.Empty(t, s.Refused())
		assert.Equal(t, []string{"login", "start", "helm", "tree", "objects", "lock"}, s.Steps())
		assert.Empty(t, u.warnings())
	})
}

func TestInfralightSendsTreesOnlyWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, infralighttest.Options{Integration: "64ab%2C &?", Trees: false})
		f, err := u.Begin(t.Context(), infralightHead())
		require.NoError(t, err)
		assert.False(t, f.Trees())
		_, err = f.Deliver(t.Context(), infralightRun(t))
		require.NoError(t, err)
		assert.Empty(t, s.Refused())
		assert.NotContains(t, s.Steps(), infralighttest.Tree)
		assert.True(t, s.Locked())
	})
}

func TestInfralightLocksARunWithoutObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight())
		run := infralightRun(t)
		run.Objects, run.Trees, run.Releases = nil, nil, nil
		_, err := u.deliver(run, time.Minute)
		require.NoError(t, err)
		assert.Empty(t, s.Refused())
		assert.Equal(t, []string{"login", "start", "helm", "lock", "metadata"}, s.Steps())
	})
}

func TestInfralightRefusesPagesOfAnotherRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, edit := range map[string]func(*InfralightRun){
			"run":   func(r *InfralightRun) { other := *r.Objects[2]; other.Key = "RUN-3"; r.Objects[2] = &other },
			"kind":  func(r *InfralightRun) { r.Objects = fiveChunks(t, payload.K8sCollector) },
			"trees": func(r *InfralightRun) { r.Objects = r.Trees },
		} {
			s, u := infralightInBubble(t, strictInfralight())
			run := infralightRun(t)
			edit(&run)
			_, err := u.deliver(run, time.Minute)
			require.ErrorIs(t, err, settings.ErrInvalid, name)
			assert.Equal(t, []string{"login", "start", "metadata"}, s.Steps())
			assert.Equal(t, "failure", s.Told()["result"])
		}
	})
}

func TestInfralightLogsInAgainWhenATokenIsOver(t *testing.T) {
	t.Parallel()
	for lasts, logins := range map[any]int{600: 2, "600.5": 2, 700: 1, 0: 1, -1: 1, "soon": 1, 1e300: 1, false: 1} {
		synctest.Test(t, func(t *testing.T) {
			s, u := infralightInBubble(t, infralighttest.Options{Lasts: lasts})
			f, err := u.Begin(t.Context(), infralightHead())
			require.NoError(t, err)
			time.Sleep(9*time.Minute + 30*time.Second) // of reading
			_, err = f.Deliver(t.Context(), InfralightRun{Types: []payload.Type{{Version: "v1", Kind: "Pod"}}})
			require.NoError(t, err)
			count := 0
			for _, q := range s.Requests() {
				if q.Step == infralighttest.Login {
					count++
				}
			}
			assert.Equal(t, logins, count, lasts)
			assert.Equal(t, "success", s.Told()["result"])
		})
	}
}

// Whoever calls a run off is not kept waiting, and nothing is locked.
func TestInfralightIsCalledOff(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t, slices.Repeat([]infralighttest.Fault{{Step: infralighttest.Objects, Status: 503}}, 10_000)...)
	f, err := u.Begin(t.Context(), infralightHead())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = f.Deliver(ctx, infralightRun(t))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
	assert.False(t, s.Locked())
	assert.Nil(t, s.Told())
}

func TestInfralightBeginsNoPageAfterOneThatWasNotTaken(t *testing.T) {
	t.Parallel()
	pages := slices.Repeat(fiveChunks(t, payload.Infralight), 20)
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight(infralighttest.Fault{Step: infralighttest.Objects, Status: 403}))
		_, err := u.deliver(InfralightRun{Types: []payload.Type{{Version: "v1", Kind: "Pod"}}, Objects: pages}, time.Minute)
		require.ErrorIs(t, err, ErrRefused)
		require.NotErrorIs(t, err, context.Canceled, "the first failure is told, not what it ended")
		require.ErrorContains(t, err, "objects: page ")
		sent := slices.DeleteFunc(s.Requests(), func(q infralighttest.Request) bool { return q.Step != infralighttest.Objects })
		assert.LessOrEqual(t, len(sent), 3*atOnce)
	})
}

// Where nothing was under way when the time was over, nothing has failed either; it is an error all the same.
func TestInfralightBeginsNoPageAfterTheEnd(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t)
	f, err := u.Begin(t.Context(), infralightHead())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	pages := fiveChunks(t, payload.Infralight)
	for range 30 {
		require.ErrorIs(t, f.bringPages(ctx, infralighttest.Objects, pages[:1], &tally{}), context.Canceled)
	}
	assert.NotContains(t, s.Steps(), infralighttest.Objects)
}

func TestInfralightIsToldOfAFailure(t *testing.T) {
	t.Parallel()
	s, u := startInfralight(t)
	f, err := u.Begin(t.Context(), infralightHead())
	require.NoError(t, err)
	f.Fail(t.Context(), errors.New("list pods: page 3: 403 Forbidden\n\x1b[2J"))
	assert.Empty(t, s.Refused())
	assert.Equal(t, `list pods: page 3: 403 Forbidden\n\x1b[2J`, s.Told()["error"])
	assert.False(t, s.Locked())
}

// What the service is told in the end decides nothing.
func TestInfralightDeliversWithoutMetadata(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, u := infralightInBubble(t, strictInfralight(infralighttest.Fault{Step: infralighttest.Metadata, Status: 404}))
		_, err := u.deliver(infralightRun(t), time.Minute)
		require.NoError(t, err)
		assert.True(t, s.Locked())
		require.Len(t, u.warnings(), 1)
		assert.Contains(t, u.warnings()[0], "was not told how the run went")
	})
}

func TestInfralightNeedsToKnowTheCluster(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*payload.Head){
		"namespaces": func(h *payload.Head) { h.ClusterUID = "" },
		"cluster-id": func(h *payload.Head) { h.Cluster = "../prod" },
	} {
		s, u := startInfralight(t)
		head := infralightHead()
		edit(&head)
		_, err := u.Begin(t.Context(), head)
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, name)
		assert.Empty(t, s.Requests())
	}
}

// FuzzInfralight lets the service say what it likes where its words are read.
func FuzzInfralight(f *testing.F) {
	for _, s := range []string{
		`"64ab,true"`, `"64ab,false"`, `"64ab"`, `"64ab,perhaps,1"`, `""`, `",true"`, `null`, `{}`, `[`, `"\u0000,0"`, "<html>",
		`{"access_token":"eyJ.a.b","expires_in":86400,"token_type":"Bearer"}`, `{"access_token":"a b"}`, `{"access_token":""}`,
		`{"access_token":"a","expires_in":"1e400"}`, `{"access_token":"a","expires_in":-1}`, `{"access_token":1}`, `{"access_token":"a\r\nX: y"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		token, lasts, err := readLogin(body)
		if err != nil {
			assert.Equal(t, errNoToken, err, "an error that repeats nothing")
		} else {
			req, err := http.NewRequest(http.MethodGet, "http://h", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+token)
			assert.NotContains(t, token, " ")
			assert.NotEmpty(t, token)
			assert.True(t, lasts >= 0 && lasts <= 24*time.Hour)
		}
		integration, trees, err := readStart(body)
		if err != nil {
			assert.Equal(t, errNoStart, err)
			return
		}
		again, err := json.Marshal(fmt.Sprintf("%s,%t", integration, trees))
		require.NoError(t, err)
		same, asks, err := readStart(again)
		require.NoError(t, err)
		assert.Equal(t, integration, same)
		assert.Equal(t, trees, asks)
		assert.NotContains(t, integration, ",")
	})
}
