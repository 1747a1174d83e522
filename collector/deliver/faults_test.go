package deliver

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

func TestDeliverTriesAgainWithTheSameBytes(t *testing.T) {
	t.Parallel()
	type fault = anchoretest.Fault
	faults := []fault{
		{Kind: anchoretest.Cut}, {Kind: anchoretest.CutAnswer}, {Kind: anchoretest.CutAnswer, Status: 503},
	}
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504, 599} {
		faults = append(faults, fault{Status: status})
	}
	for _, f := range faults {
		for _, early := range []bool{false, true} {
			f := f
			f.Early = early
			t.Run(fmt.Sprintf("%v %v early %v", f.Kind, f.Status, early), func(t *testing.T) {
				t.Parallel()
				r, url := anchoretest.Start(t, anchoretest.Options{Users: testUsers, Faults: []fault{f}})
				c := newClientOf(t, url, nil)
				body := newBody(t, payload.Anchore, 50)
				receipt, err := c.deliver(body)
				require.NoError(t, err)
				assert.Equal(t, 2, receipt.Attempts)
				assert.Equal(t, []string{"trying again"}, c.messages())
				require.Len(t, r.Accepted(), 1)
				assert.Equal(t, "gzip", r.Accepted()[0].Encoding)
				if all := posts(r); !early {
					assert.Equal(t, all[0].RawSHA256, all[1].RawSHA256)
				}
				assert.Equal(t, plainText(t, body), string(r.Accepted()[0].Body))
			})
		}
	}
}

func TestDeliverFailsAtOnceWithTheReceiversWords(t *testing.T) {
	t.Parallel()
	type fault = anchoretest.Fault
	tests := map[string]struct {
		fault fault
		kind  error
		says  []string
	}{
		"401":        {fault{Status: 401}, ErrRefused, []string{"401 Unauthorized", "anchore.password"}},
		"403":        {fault{Status: 403}, ErrRefused, []string{"403 Forbidden", "Requires permissions", "inventory-agent"}},
		"404":        {fault{Status: 404}, ErrRefused, []string{"404 Not Found", "anchore.url"}},
		"405":        {fault{Status: 405}, ErrRefused, []string{"405 Method Not Allowed"}},
		"407":        {fault{Status: 407}, ErrRefused, []string{"HTTPS_PROXY"}},
		"413":        {fault{Status: 413}, ErrRefused, []string{"inventory-report-limits.payload-threshold-bytes"}},
		"schema":     {fault{Status: 400, Body: `{"title":"Bad Request","detail":"'' is not of type json - 'pods.0.node_uid'"}`}, ErrRefused, []string{"Bad Request: '' is not of type json - 'pods.0.node_uid'"}},
		"login page": {anchoretest.LoginPage(), ErrRefused, []string{"200 OK", "Sign in", "login page"}},
		"partial":    {fault{Status: 206, Body: "{}"}, ErrRefused, []string{"206"}},
		"account":    {fault{Status: 403, Body: `{"message":"User account not found"}`}, ErrAccountNotFound, []string{"User account not found", "anchore.account"}},
		"redirect":   {fault{Status: 302, Location: "/login"}, ErrRefused, []string{"302 Found", "redirects to /login", "anchore.url"}},
		"moved":      {fault{Status: 308, Location: "https://evil.example.com/"}, ErrRefused, []string{"308", "evil.example.com"}},
		"no target":  {fault{Status: 307}, nil, []string{"307"}},
		"echo":       {fault{Status: 400, Body: "bad: " + testPassword}, ErrRefused, []string{"bad: [redacted]"}},
		"forgery":    {fault{Status: 409, Body: "x\n{\"level\":\"info\"}\x1b[2J\u202e\xff", ContentType: "text/plain"}, ErrRefused, []string{`x\n{"level":"info"}\x1b[2J\u202e\xff`}},
		"flood":      {fault{Status: 409, Body: strings.Repeat("x", 1<<20)}, ErrRefused, []string{"xxx..."}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{Faults: []fault{test.fault}})
			c := newClientOf(t, url, nil)
			receipt, err := c.deliver(newBody(t, payload.Anchore, 1))
			require.Error(t, err)
			if test.kind != nil {
				require.ErrorIs(t, err, test.kind)
				require.ErrorIs(t, err, ErrRefused)
				require.NotErrorIs(t, err, ErrUnavailable)
			}
			for _, words := range test.says {
				require.ErrorContains(t, err, words)
			}
			assert.Less(t, len(err.Error()), transport.MaxWords+500)
			assert.Equal(t, test.fault.Status, receipt.Status)
			var e *transport.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, url+"/v2/kubernetes-inventory", e.URL)
			assert.Equal(t, 1, receipt.Attempts)
			assert.Len(t, posts(r), 1)
			assert.Empty(t, r.Accepted())
		})
	}
}

func TestDeliverWithAWrongPassword(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: map[string]string{testUser: "other"}})
	_, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "401 Unauthorized")
	assert.Len(t, posts(r), 1)
}

func TestDeliverTellsAnUnknownAccount(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		_, url := anchoretest.Start(t, anchoretest.Options{Accounts: []string{"admin"}, UnknownAccountStatus: status})
		_, err := newClientOf(t, url, nil).deliver(routedBody(t, payload.Anchore, 1, []string{"nobody"}))
		require.ErrorIs(t, err, ErrAccountNotFound)
	}
}

func TestDeliverToAnOlderServiceSaysWhatToSet(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{API: anchoretest.KAI})
	c := newClientOf(t, url, nil)
	require.NoError(t, c.Preflight(t.Context()))
	_, err := c.deliver(newBody(t, c.Kind(), 1))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "anchore.api-version=kai")
}

func TestDeliverToASlowReaderTakesOneAttempt(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{
		{Kind: anchoretest.Slow, BytesPerSecond: 1000},
	}})
	receipt, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.Equal(t, 1, receipt.Attempts)
	assert.Len(t, r.Accepted(), 1)
}
