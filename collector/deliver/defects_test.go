package deliver

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// The tests of this file are named after defects of anchore-k8s-inventory 1.8.4 that users know, and show what happens
// here. The numbers are those of the list in which the first is that a failed listing of namespaces is discarded.

// Routes without user and password blanked the global ones, and nothing was sent.
func TestDefect06RouteWithoutCredentialsUsesTheGlobalOnes(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: testUsers})
	c := newClientOf(t, url, func(o *AnchoreOptions) { o.Accounts = map[string]Credentials{"other": {"alice", testPassword}} })
	_, err := c.deliver(routedBody(t, payload.Anchore, 1, []string{"team-a"}))
	require.NoError(t, err)
	assert.Equal(t, testUser, r.Accepted()[0].User)
	assert.Equal(t, "team-a", r.Accepted()[0].Account)
}

// Names of accounts came out in lower case, and broken at dots.
func TestDefect07AccountIsNamedAsItIsWritten(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	_, err := newClientOf(t, url, nil).deliver(routedBody(t, payload.Anchore, 1, []string{"Team.A_b"}))
	require.NoError(t, err)
	assert.Equal(t, "Team.A_b", r.Accepted()[0].Account)
}

// Every 403 was taken for an unknown account: permissions that were missing stayed unseen, and the report was sent
// again, even to the same account.
func TestDefect13MissingPermissionIsNotAnUnknownAccount(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{
		{Status: 403, Body: `{"message":"Not authorized. Requires permissions: domain=admin action=syncInventory"}`},
	}})
	c := newClientOf(t, url, nil)
	_, err := WithDefaultAccount(c, "spare", c.hear).Deliver(t.Context(), routedBody(t, payload.Anchore, 1, []string{"team-a"}))
	require.ErrorIs(t, err, ErrRefused)
	require.NotErrorIs(t, err, ErrAccountNotFound)
	require.ErrorContains(t, err, "403 Forbidden: Not authorized. Requires permissions: domain=admin action=syncInventory")
	assert.Len(t, posts(r), 1)
}

// One 503 made a run fail, nothing was compressed, nobody said who spoke, and nothing could be called off.
func TestDefect14OneFaultOfTheServiceIsOvercome(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: 503}}})
	_, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	for _, q := range posts(r) {
		assert.Equal(t, "gzip", q.Encoding)
		assert.Equal(t, testAgent, q.Header.Get("User-Agent"))
	}
	called, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newClientOf(t, url, nil).Deliver(called, newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, context.Canceled)
}

// Every request made a connection of its own and leaked it; proxies, authorities and client certificates could not be
// set. TestDefect15DeliverGoesThroughTheProxyOfTheEnvironment is about the first of these.
func TestDefect15OneConnectionCarriesAllRequestsAndTrustsACAFile(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	r := anchoretest.New(anchoretest.Options{})
	s := httptest.NewUnstartedServer(r)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := newClientOf(t, s.URL, nil)
	require.NoError(t, c.Preflight(t.Context()))
	for range 3 {
		_, err := c.deliver(newBody(t, payload.Anchore, 1))
		require.NoError(t, err)
	}
	assert.Equal(t, int32(1), connections.Load())

	private, where := anchoretest.StartTLS(t, anchoretest.Options{ClientCert: true})
	_, err := newClientOf(t, where.URL, func(o *AnchoreOptions) {
		o.CAFile, o.ClientCertFile, o.ClientKeyFile = where.CAFile, where.CertFile, where.KeyFile
	}).deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.Len(t, private.Accepted(), 1)
}

// A base path ran into the path of the API ("/apiv2/"), and a slash at the end of the address came twice.
func TestDefect16BaseAndPathAreJoinedByOneSlash(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"", "/"} {
		r, url := anchoretest.Start(t, anchoretest.Options{BasePath: "/api"})
		c := newClientOf(t, url+ending, nil)
		require.NoError(t, c.Preflight(t.Context()))
		_, err := c.deliver(newBody(t, payload.Anchore, 1))
		require.NoError(t, err)
		assert.Equal(t, "/api/version", r.Requests()[0].Path)
		assert.Equal(t, "/api/v2/kubernetes-inventory", posts(r)[0].Path)
	}
}

// Errors showed a Go struct in place of the answer, and a wrong password looked like a service that is down.
func TestDefect17ErrorHasTheWordsAndTellsWhoseMoveItIs(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{401: ErrRefused, 400: ErrRefused, 503: ErrUnavailable} {
		r, url := anchoretest.Start(t, anchoretest.Options{})
		r.FailNext(10, anchoretest.Fault{Status: status, Body: `{"message":"these words"}`})
		c := newClientOf(t, url, nil)
		c.client.retry.Within = 1
		_, err := c.deliver(newBody(t, payload.Anchore, 1))
		require.ErrorIs(t, err, kind)
		require.ErrorContains(t, err, http.StatusText(status)+": these words")
		for _, other := range []error{ErrRefused, ErrUnavailable, settings.ErrInvalid} {
			if other != kind { //nolint:errorlint // which one it is
				require.NotErrorIs(t, err, other)
			}
		}
	}
}

// A receiver that was not set was a remark in the log, and success.
func TestDefect29MissingSettingsAreAnError(t *testing.T) {
	t.Parallel()
	for _, o := range []AnchoreOptions{{URL: "https://h"}, {User: "a", Password: "b"}, {URL: "https://h", User: "a"}} {
		assert.True(t, o.Configured())
		_, err := NewAnchore(o, testAgent, nil)
		require.ErrorIs(t, err, settings.ErrInvalid)
	}
}

// What the service said was taken for a format.
func TestDefect30WordsOfTheServiceAreNoFormat(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{
		{Status: 409, Body: `{"message":"100% %s %d %!w(none)"}`},
	}})
	_, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.ErrorContains(t, err, "409 Conflict: 100% %s %d %!w(none)")
	assert.NotContains(t, err.Error(), "MISSING")
}

// A single run neither registered nor reported its health.
func TestDefect33SingleRunRegistersAndReportsItsHealth(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	require.NoError(t, newClientOf(t, url, nil).Register(t.Context(), integration()))
	assert.Len(t, told(t, r, "/registration"), 1)
	assert.Len(t, told(t, r, "/health-report"), 1)
}

// The path was one variable for the whole process, and only a 404 of a report that was sent in vain changed it.
func TestDefect36EveryReceiverHasItsPathBeforeTheFirstReport(t *testing.T) {
	t.Parallel()
	older, olderURL := anchoretest.Start(t, anchoretest.Options{API: anchoretest.V1})
	newer, newerURL := anchoretest.Start(t, anchoretest.Options{})
	a, b := newClientOf(t, olderURL, nil), newClientOf(t, newerURL, nil)
	for _, c := range []*anchoreUnderTest{a, b} {
		require.NoError(t, c.Preflight(t.Context()))
	}
	for _, c := range []*anchoreUnderTest{a, b, a} {
		_, err := c.deliver(newBody(t, payload.Anchore, 1))
		require.NoError(t, err)
	}
	assert.Len(t, posts(older), 2)
	assert.Len(t, posts(newer), 1)
	assert.Equal(t, "/v1/enterprise/kubernetes-inventory", posts(older)[0].Path)
	assert.Equal(t, "/v2/kubernetes-inventory", posts(newer)[0].Path)
}
