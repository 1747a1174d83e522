package programtest_test

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

// healthReports are those that a receiver got, as far as tests look at them.
func healthReports(t *testing.T, r *anchoretest.Receiver) []healthReport {
	t.Helper()
	var all []healthReport
	for _, q := range r.Requests() {
		if q.Method == http.MethodPost && strings.HasSuffix(q.Path, "/health-report") {
			var report healthReport
			require.NoError(t, json.Unmarshal(q.Body, &report))
			all = append(all, report)
		}
	}
	return all
}

type healthReport struct {
	Data struct {
		Errors   []string
		Accounts map[string]struct {
			Failed  bool  `json:"has_errors"`
			Size    int   `json:"batch_size"`
			Last    int   `json:"last_successful_index"`
			Batches []any `json:"batches"`
		} `json:"account_k8s_inventory_reports"`
	} `json:"health_data"`
}

// TestRunThatDeliversNothingTellsAnchoreWhy, whatever ended it before there was anything to deliver, and keeps its code.
func TestRunThatDeliversNothingTellsAnchoreWhy(t *testing.T) {
	t.Parallel()
	refused := func(int, *http.Request) reply {
		return reply{code: http.StatusForbidden, body: object{"kind": "Status", "code": 403, "message": "not you"}}
	}
	refusedLater := func(_ int, r *http.Request) reply {
		if r.URL.Query().Get("limit") == "1" {
			return reply{body: listOf("PodList", "110")}
		}
		return refused(0, r)
	}
	silent := func(_ int, r *http.Request) reply {
		if r.URL.Query().Get("limit") != "1" {
			<-r.Context().Done()
		}
		return reply{body: listOf("PodList", "110")}
	}
	for name, test := range map[string]struct {
		path     string
		answer   func(int, *http.Request) reply
		settings []string
		code     int
		says     string
	}{
		"refused in preflight":        {"/api/v1/pods", refused, nil, 3, "not you"},
		"refused while it is read":    {"/api/v1/pods", refusedLater, nil, 3, "not you"},
		"namespaces refused":          {"/api/v1/namespaces", refused, nil, 3, "not you"},
		"empty":                       {"/api/v1/pods", answers(listOf("PodList", "110")), nil, 8, "not one pod"},
		"the deadline passes":         {"/api/v1/pods", silent, []string{"deadline=10s"}, 0, "deadline"},
		"another receiver is missing": {"/version", nil, []string{"deliver.http.url=http://127.0.0.1:1/"}, 5, "127.0.0.1:1"},
		"gaps refused at seal":        {"/api/v1/pods", refusedLater, []string{"allow-incomplete=true"}, 3, "no namespace could be read in full"},
		"an id of its own":            {"/api/v1/pods", refused, []string{"anchore-registration.registration-id=mine"}, 3, "not you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paths := usualPaths([]string{"aa"}, podObject("aa", "a0"))
			if test.answer != nil {
				paths[test.path] = test.answer
			}
			receiver, at := anchoretest.Start(t, receiverOptions())
			kubeconfig := (&scriptedServer{paths: paths}).serve(t)
			args := []string{"-external", kubeconfig, "-set", "anchore-registration.enabled=true"}
			for _, setting := range test.settings {
				args = append(args, "-set", setting)
			}
			began := time.Now()
			got := run(t, delivering(at, call{args: args}))
			assert.Less(t, time.Since(began), time.Minute)
			assert.Contains(t, got.stderr, test.says)
			if test.code == 0 {
				assert.Contains(t, []int{6, 124}, got.code, got.stderr)
			} else {
				assert.Equal(t, test.code, got.code, got.stderr)
			}
			assert.Zero(t, accepted(receiver))
			reports := healthReports(t, receiver)
			require.Len(t, reports, 1, got.stderr)
			assert.Equal(t, []string{got.summary.Reason}, reports[0].Data.Errors)
			account := reports[0].Data.Accounts["admin"]
			assert.True(t, account.Failed)
			assert.Equal(t, -1, account.Last)
			assert.NotNil(t, account.Batches)
		})
	}
}

// TestFailureIsToldToNobody where that is not asked for, where nothing would be sent, and where Anchore is what failed.
func TestFailureIsToldToNobody(t *testing.T) {
	t.Parallel()
	kubeconfig := (&scriptedServer{paths: usualPaths([]string{"aa"})}).serve(t)
	on := []string{"-external", kubeconfig, "-set", "anchore-registration.enabled=true"}
	for name, test := range map[string]struct {
		args []string
		at   string
		code int
	}{
		"off":           {on[:2], "", 8},
		"dry run":       {append([]string{"-dry-run"}, on...), "", 8},
		"not reachable": {on, "http://127.0.0.1:1", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receiver, at := anchoretest.Start(t, receiverOptions())
			got := run(t, delivering(cmp.Or(test.at, at), call{args: test.args}))
			assert.Equal(t, test.code, got.code, got.stderr)
			assert.NotContains(t, got.stderr, "integration")
			for _, q := range receiver.Requests() {
				assert.NotEqual(t, http.MethodPost, q.Method)
			}
		})
	}
}

// TestFailureThatCannotBeToldKeepsItsCode and takes seconds.
func TestFailureThatCannotBeToldKeepsItsCode(t *testing.T) {
	t.Parallel()
	kubeconfig := (&scriptedServer{paths: usualPaths([]string{"aa"})}).serve(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	receiver.FailNext(100, anchoretest.Fault{Status: http.StatusServiceUnavailable})
	began := time.Now()
	got := run(t, delivering(at, call{args: []string{"-external", kubeconfig, "-set", "anchore-registration.enabled=true"}}))
	assert.Equal(t, 8, got.code, got.stderr)
	assert.Contains(t, got.stderr, "the failure of this run is not in Anchore's list of integrations")
	assert.Less(t, time.Since(began), time.Minute)
}

// TestSuccessfulRunNamesNoErrors to Anchore's list of integrations.
func TestSuccessfulRunNamesNoErrors(t *testing.T) {
	t.Parallel()
	receiver, at := anchoretest.Start(t, receiverOptions())
	kubeconfig := (&scriptedServer{paths: usualPaths([]string{"aa"}, podObject("aa", "a0"))}).serve(t)
	got := run(t, delivering(at, call{args: []string{"-external", kubeconfig, "-set", "anchore-registration.enabled=true"}}))
	require.Equal(t, 0, got.code, got.stderr)
	reports := healthReports(t, receiver)
	require.Len(t, reports, 1)
	assert.Empty(t, reports[0].Data.Errors)
	assert.False(t, reports[0].Data.Accounts["admin"].Failed)
}

// TestRetryThatHelpsOneReceiverIsNotHidden by the refusal of another, whichever is first.
func TestRetryThatHelpsOneReceiverIsNotHidden(t *testing.T) {
	t.Parallel()
	kubeconfig := (&scriptedServer{paths: usualPaths([]string{"aa"}, podObject("aa", "a0"))}).serve(t)
	for name, test := range map[string]struct{ anchore, service, code int }{
		"refused, unavailable": {http.StatusForbidden, http.StatusServiceUnavailable, 5},
		"unavailable, refused": {http.StatusServiceUnavailable, http.StatusForbidden, 5},
		"refused, refused":     {http.StatusForbidden, http.StatusForbidden, 4},
		"refused, taken":       {http.StatusForbidden, http.StatusOK, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			anchore, service := saying(t, test.anchore), saying(t, test.service)
			got := run(t, delivering(anchore, call{args: []string{
				"-external", kubeconfig, "-set", "deadline=15s", "-set", "deliver.http.url=" + service, "-set", "anchore.api-version=v2",
			}}))
			assert.Equal(t, test.code, got.code, got.stderr)
			assert.Contains(t, got.summary.Reason, anchore)
			if test.service != http.StatusOK {
				assert.Contains(t, got.summary.Reason, service)
			}
		})
	}
}

// saying starts a receiver that says the same to every body.
func saying(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
