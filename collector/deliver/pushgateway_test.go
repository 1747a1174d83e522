package deliver

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/pushgatewaytest"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

const textFormat = "text/plain; version=0.0.4; charset=utf-8"

// push pushes one gauge, in a hurry.
func push(t *testing.T, o PushgatewayOptions, cluster, text string) error {
	t.Helper()
	if o.Job == "" {
		o.Job = "stocktake"
	}
	p, err := NewPushgateway(o, time.Minute, testAgent, nil)
	require.NoError(t, err)
	p.client.retry = transport.RetryPolicy{First: time.Millisecond, Most: 5 * time.Millisecond}
	t.Cleanup(p.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = p.Push(ctx, cluster, textFormat, []byte(text))
	if err != nil {
		assertNoSecret(t, err.Error())
	}
	return err
}

func TestPushReplacesWhatItNamesAndNoMore(t *testing.T) {
	t.Parallel()
	url := pushgatewaytest.Start(t)
	o := PushgatewayOptions{URL: url + "/"}
	require.NoError(t, push(t, o, "prod", "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE b gauge\nb 3\n"))
	require.NoError(t, push(t, o, "test", "# TYPE a gauge\na{x=\"1\"} 10\n"))
	require.NoError(t, push(t, o, "prod", "# TYPE a gauge\na{x=\"2\"} 4\n"))

	assert.Equal(t, map[string]float64{"2": 4}, pushgatewaytest.Values(t, url, "a", "prod", "x"), "as a whole")
	assert.Equal(t, map[string]float64{"": 3}, pushgatewaytest.Values(t, url, "b", "prod", ""), "what was not named stays")
	assert.Equal(t, map[string]float64{"1": 10}, pushgatewaytest.Values(t, url, "a", "test", "x"), "another cluster")
}

// TestPushTakesEveryNameOfACluster: KAI took a name as it was, and a path does not.
func TestPushTakesEveryNameOfACluster(t *testing.T) {
	t.Parallel()
	url := pushgatewaytest.Start(t)
	for _, name := range []string{"prod-1", "a b", "a+b", "a/b", "..", "", "%41", "é?#&", "prod-1/../x"} {
		require.NoError(t, push(t, PushgatewayOptions{URL: url, Job: "a b/c"}, name, "# TYPE a gauge\na 1\n"), name)
		assert.Len(t, pushgatewaytest.Values(t, url, "a", name, ""), 1, name)
		assert.Len(t, pushgatewaytest.Values(t, url, "a", name, "job"), 1, name)
	}
	for _, m := range pushgatewaytest.Metrics(t, url)["a"].GetMetric() {
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		assert.Equal(t, "a b/c", labels["job"])
	}
}

// passwords is a web configuration of the Pushgateway that knows testUser; the hash is
// that of testPassword.
const passwords = "basic_auth_users:\n  robot: $2a$04$pMjBsGgGUdAau2aQZwB6xuEoIhBY0V1K.oM1bkYDUPv4fAbinXHwa\n" //nolint:gosec // of the tests

func TestPushLogsIn(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "web.yaml")
	require.NoError(t, os.WriteFile(config, []byte(passwords), 0o600))
	url := pushgatewaytest.Start(t, "--web.config.file="+config)
	const text = "# TYPE a gauge\na 1\n"

	require.NoError(t, push(t, PushgatewayOptions{URL: url, User: testUser, Password: testPassword}, "prod", text))
	err := push(t, PushgatewayOptions{URL: url, User: testUser, Password: "wrong"}, "prod", text)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "metrics.pushgateway.password")
	require.ErrorIs(t, push(t, PushgatewayOptions{URL: url}, "prod", text), ErrRefused)
}

func TestPushSendsAToken(t *testing.T) {
	t.Parallel()
	hook, url := startWebhook(t)
	require.NoError(t, push(t, PushgatewayOptions{URL: url + "/at", Token: "s3cret"}, "prod", "a 1\n"))

	require.Len(t, hook.seen(), 1)
	q := hook.seen()[0]
	assert.Equal(t, "/at/metrics/job/stocktake/cluster/prod", q.target)
	assert.Equal(t, "Bearer s3cret", q.header.Get("Authorization"))
	assert.Equal(t, textFormat, q.header.Get("Content-Type"))
	assert.Equal(t, testAgent, q.header.Get("User-Agent"))
}

func TestPushSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	url := pushgatewaytest.Start(t)
	err := push(t, PushgatewayOptions{URL: url}, "prod", "no metrics at all\n")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "400 Bad Request")

	err = push(t, PushgatewayOptions{URL: url + "/elsewhere"}, "prod", "a 1\n")
	require.ErrorContains(t, err, "see metrics.pushgateway.url")

	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "\x1b[2J"+r.Header.Get("Authorization")) //nolint:gosec // to be hostile is its job
	}))
	t.Cleanup(hostile.Close)
	err = push(t, PushgatewayOptions{URL: hostile.URL, User: testUser, Password: testPassword}, "prod", "a 1\n")
	require.ErrorContains(t, err, `\x1b[2J`)
	require.ErrorContains(t, err, "[redacted]")

	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<title>Sign on</title>")
	}))
	t.Cleanup(page.Close)
	require.ErrorContains(t, push(t, PushgatewayOptions{URL: page.URL}, "prod", "a 1\n"), "login page")
}

func TestPushEndsWithItsTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	p, err := NewPushgateway(PushgatewayOptions{URL: "http://" + silent.Addr().String(), Job: "x"}, time.Minute, testAgent, nil)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.Push(ctx, "prod", textFormat, []byte("a 1\n")), context.DeadlineExceeded)
}

func TestPushgatewaySettings(t *testing.T) {
	t.Parallel()
	const url = "http://gateway:9091"
	require.NoError(t, PushgatewayOptions{URL: url + "/path", Job: "x"}.Check())
	for name, test := range map[string]struct {
		o    PushgatewayOptions
		says string
	}{
		"password in the URL": {PushgatewayOptions{URL: "http://robot:s3cret@gateway", Job: "x"}, "metrics.pushgateway.user and metrics.pushgateway.password"}, //nolint:gosec // a mistake to be found
		"no URL":              {PushgatewayOptions{Token: "s3cret", Job: "x"}, "is not set, although"},
		"no scheme":           {PushgatewayOptions{URL: "gateway:9091", Job: "x"}, "does not begin with https://"},
		"query":               {PushgatewayOptions{URL: url + "/?a=s3cret", Job: "x"}, "without a query"},
		"no job":              {PushgatewayOptions{URL: url}, "metrics.pushgateway.job"},
		"two logins":          {PushgatewayOptions{URL: url, Job: "x", Token: "s3cret", User: "a", Password: "b"}, "one way to log in"},
		"half a login":        {PushgatewayOptions{URL: url, Job: "x", User: "a"}, "they go together"},
		"colon":               {PushgatewayOptions{URL: url, Job: "x", User: "a:b", Password: "s3cret"}, "metrics.pushgateway.user"},
	} {
		err := test.o.Check()
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, test.says, name)
		assertNoSecret(t, err.Error())
		assert.True(t, test.o.Configured(), name)
	}
	assert.False(t, PushgatewayOptions{Job: "x"}.Configured())
	_, err := NewPushgateway(PushgatewayOptions{URL: url, Job: "x", CAFile: "/nonexistent"}, time.Second, testAgent, nil)
	require.ErrorContains(t, err, "metrics.pushgateway.ca-file")
}

// TestPushgatewayWarnsOfALoginInTheClear as every other receiver does.
func TestPushgatewayWarnsOfALoginInTheClear(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int{"": 0, "s3cret-token": 1} {
		var warned []string
		o := PushgatewayOptions{URL: "http://gateway.example:9091", Job: "stocktake", Token: token}
		p, err := NewPushgateway(o, time.Second, testAgent, func(e Event) { warned = append(warned, e.Message) })
		require.NoError(t, err)
		p.Close()
		require.Len(t, warned, want)
	}
}
