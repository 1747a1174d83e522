package deliver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// webhook is a service that notes what it gets and answers as it was told, 200 without a word when it was not.
type webhook struct {
	mu       sync.Mutex
	requests []noted
	answers  []func(http.ResponseWriter)
}

type noted struct {
	method, target string
	header         http.Header
	body           string
}

func answering(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, noted{req.Method, req.URL.RequestURI(), req.Header, string(raw)})
	if len(h.answers) > 0 {
		h.answers[0](w)
		h.answers = h.answers[1:]
	}
}

func (h *webhook) seen() []noted {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests
}

func startWebhook(t *testing.T, answers ...func(http.ResponseWriter)) (*webhook, string) {
	t.Helper()
	h := &webhook{answers: answers}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return h, s.URL
}

func httpOptions(url string) HTTPOptions {
	return HTTPOptions{URL: url, Kind: "anchore", Method: http.MethodPost, Compression: auto, TimeoutSeconds: 60}
}

func newHTTPOf(t *testing.T, url string, edit func(*HTTPOptions)) *HTTP {
	t.Helper()
	o := httpOptions(url)
	if edit != nil {
		edit(&o)
	}
	h, err := NewHTTP(o, testAgent, func(e Event) {
		if e.Err != nil {
			assertNoSecret(t, e.Err.Error())
		}
		assertNoSecret(t, e.Receiver+e.Message)
	})
	require.NoError(t, err)
	h.client.retry = transport.RetryPolicy{First: time.Millisecond, Most: 5 * time.Millisecond}
	t.Cleanup(h.Close)
	return h
}

func TestHTTPSendsTheBody(t *testing.T) {
	t.Parallel()
	for kind, method := range map[payload.Kind]string{
		payload.Stocktake: http.MethodPost, payload.Anchore: http.MethodPut, payload.KAI: http.MethodPost,
	} {
		hook, url := startWebhook(t)
		h := newHTTPOf(t, url+"/in?sig=s3cret", func(o *HTTPOptions) { o.Method, o.Kind = method, string(kind) })
		body := newBody(t, h.Kind(), 3)
		receipt, err := h.Deliver(t.Context(), body)
		require.NoError(t, err)
		receipt.Duration = 0
		assert.Equal(t, Receipt{
			Receiver: url + "/in", Status: http.StatusOK, Attempts: 1, Encoding: transport.Gzip, Bytes: body.GzipSize(),
		}, receipt)

		require.Len(t, hook.seen(), 1)
		q := hook.seen()[0]
		assert.Equal(t, method, q.method)
		assert.Equal(t, "/in?sig=s3cret", q.target)
		assert.Equal(t, "application/json", q.header.Get("Content-Type"))
		assert.Equal(t, "gzip", q.header.Get("Content-Encoding"))
		assert.Equal(t, testAgent, q.header.Get("User-Agent"))
		assert.NotContains(t, q.header, "Authorization")
		assert.NotContains(t, q.header, accountHeader)
		plain, err := gzip.NewReader(strings.NewReader(q.body))
		require.NoError(t, err)
		text, err := io.ReadAll(plain)
		require.NoError(t, err)
		assert.Equal(t, plainText(t, body), string(text))
	}
}

func TestHTTPLogsIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit   func(*HTTPOptions)
		header string
		value  string
	}{
		"token":  {func(o *HTTPOptions) { o.Token = "s3cret" }, "Authorization", "Bearer s3cret"},
		"basic":  {func(o *HTTPOptions) { o.User, o.Password = testUser, testPassword }, "Authorization", "Basic cm9ib3Q6czNjcmV0OiAjMQ=="},
		"header": {func(o *HTTPOptions) { o.Header = "x-api-key:  s3cret: 1 " }, "X-Api-Key", "s3cret: 1"},
		"scheme": {func(o *HTTPOptions) { o.Header = "Authorization: ApiKey s3cret" }, "Authorization", "ApiKey s3cret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hook, url := startWebhook(t)
			h := newHTTPOf(t, url, test.edit)
			require.NoError(t, h.Preflight(t.Context()))
			_, err := h.Deliver(t.Context(), newBody(t, h.Kind(), 1))
			require.NoError(t, err)
			require.Len(t, hook.seen(), 2)
			assert.Equal(t, http.MethodHead, hook.seen()[0].method)
			assert.NotContains(t, hook.seen()[0].header, test.header, "preflight sends no credentials")
			assert.Equal(t, test.value, hook.seen()[1].header.Get(test.header))
		})
	}
}

func TestHTTPTakesEverySuccessWithNothingOrJSON(t *testing.T) {
	t.Parallel()
	for _, a := range []struct {
		status int
		body   string
		ok     bool
	}{
		{200, "", true}, {200, `{"ok":true}`, true}, {201, "[]", true}, {202, "", true}, {203, "{}", true}, {204, "", true}, {206, "", true}, {299, "", true},
		{200, "<html>Sign in</html>", false}, {200, "thanks", false}, {302, "", false}, {400, `{"message":"no"}`, false}, {409, "", false},
	} {
		hook, url := startWebhook(t, answering(a.status, a.body))
		h := newHTTPOf(t, url, func(o *HTTPOptions) { o.Compression = compressNone })
		receipt, err := h.Deliver(t.Context(), newBody(t, h.Kind(), 1))
		assert.Equal(t, a.status, receipt.Status)
		assert.Len(t, hook.seen(), 1)
		if a.ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrRefused, "%d %s", a.status, a.body)
	}
}

func TestHTTPTriesAgainAndFallsBackToPlain(t *testing.T) {
	t.Parallel()
	hook, url := startWebhook(t, answering(503, ""), answering(415, ""), answering(502, ""))
	h := newHTTPOf(t, url, nil)
	body := newBody(t, h.Kind(), 1)
	receipt, err := h.Deliver(t.Context(), body)
	require.NoError(t, err)
	assert.Equal(t, 4, receipt.Attempts)
	assert.True(t, receipt.FellBack)
	assert.Equal(t, plainText(t, body), hook.seen()[3].body)
}

func TestHTTPGivesAWayOutOfARefusal(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		401: "deliver.http.token", 403: "deliver.http.header", 404: "deliver.http.url", 405: "deliver.http.method",
		407: "HTTPS_PROXY", 415: "deliver.http.compression=auto", 307: "deliver.http.url",
	} {
		_, url := startWebhook(t, answering(status, ""))
		h := newHTTPOf(t, url, func(o *HTTPOptions) { o.Compression = compressGzip })
		_, err := h.Deliver(t.Context(), newBody(t, h.Kind(), 1))
		require.ErrorIs(t, err, ErrRefused)
		require.ErrorContains(t, err, says)
	}
}

func TestHTTPPlaysBackNoSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*HTTPOptions)
		echo string
	}{
		"token":  {func(o *HTTPOptions) { o.Token = "s3cret-t" }, "Bearer s3cret-t"},
		"basic":  {func(o *HTTPOptions) { o.User, o.Password = testUser, testPassword }, "cm9ib3Q6czNjcmV0OiAjMQ== " + testPassword},
		"header": {func(o *HTTPOptions) { o.Header = "Authorization: ApiKey s3cret-h" }, "ApiKey s3cret-h s3cret-h"},
		"query":  {func(o *HTTPOptions) { o.URL += "/?v=1&sig=s3cret-q" }, "v=1&sig=s3cret-q s3cret-q"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, url := startWebhook(t, answering(500, test.echo), answering(409, test.echo))
			h := newHTTPOf(t, url, test.edit)
			_, err := h.Deliver(t.Context(), newBody(t, h.Kind(), 1))
			require.ErrorContains(t, err, "[redacted]")
			assertNoSecret(t, err.Error())
			assert.NotContains(t, err.Error(), "?")
		})
	}
}

func TestHTTPPreflightTakesAnyAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 401, 404, 405, 500, 503} {
		hook, url := startWebhook(t, answering(status, "<html>"))
		require.NoError(t, newHTTPOf(t, url, nil).Preflight(t.Context()), status)
		assert.Len(t, hook.seen(), 1)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	require.ErrorIs(t, newHTTPOf(t, gone.URL, nil).Preflight(t.Context()), ErrUnavailable)
}

func TestHTTPTrustsTheCAFileAndNamesItsSetting(t *testing.T) {
	t.Parallel()
	r, where := anchoretest.StartTLS(t, anchoretest.Options{ClientCert: true})
	post := where.URL + "/v2/kubernetes-inventory"
	h := newHTTPOf(t, post, func(o *HTTPOptions) {
		o.CAFile, o.ClientCertFile, o.ClientKeyFile = where.CAFile, where.CertFile, where.KeyFile
	})
	require.NoError(t, h.Preflight(t.Context()))
	_, err := h.Deliver(t.Context(), newBody(t, h.Kind(), 1))
	require.NoError(t, err)
	assert.Len(t, r.Accepted(), 1)

	_, err = newHTTPOf(t, post, nil).Deliver(t.Context(), newBody(t, h.Kind(), 1))
	require.ErrorContains(t, err, "deliver.http.ca-file")
}

func TestHTTPRefusesForeignKinds(t *testing.T) {
	t.Parallel()
	hook, url := startWebhook(t)
	_, err := newHTTPOf(t, url, nil).Deliver(t.Context(), newBody(t, payload.KAI, 1))
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "deliver.http.kind is anchore")
	assert.Empty(t, hook.seen())
}

func TestNewHTTPNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*HTTPOptions)
		says string
	}{
		"no url":       {func(o *HTTPOptions) { o.URL = "" }, "deliver.http.url"},
		"no scheme":    {func(o *HTTPOptions) { o.URL = "hooks.example.com" }, "deliver.http.url"},
		"user in url":  {func(o *HTTPOptions) { o.URL = "https://robot:s3cret@h/" }, "deliver.http.user and deliver.http.password"},
		"fragment":     {func(o *HTTPOptions) { o.URL = "https://h/#x" }, "deliver.http.url"},
		"kind":         {func(o *HTTPOptions) { o.Kind = "csv" }, "stocktake, anchore, kai"},
		"method":       {func(o *HTTPOptions) { o.Method = "GET" }, "deliver.http.method"},
		"compression":  {func(o *HTTPOptions) { o.Compression = "zstd" }, "deliver.http.compression"},
		"timeout":      {func(o *HTTPOptions) { o.TimeoutSeconds = 0 }, "deliver.http.timeout-seconds"},
		"user alone":   {func(o *HTTPOptions) { o.User = "robot" }, "they go together"},
		"colon":        {func(o *HTTPOptions) { o.User, o.Password = "a:b", testPassword }, "deliver.http.user"},
		"two ways":     {func(o *HTTPOptions) { o.User, o.Password, o.Token = "a", testPassword, "s3cret" }, "one way to log in"},
		"three ways":   {func(o *HTTPOptions) { o.Token, o.Header = "s3cret", "authorization: s3cret" }, "Authorization is given already"},
		"line end":     {func(o *HTTPOptions) { o.Token = "s3cret\n" }, "deliver.http.token"},
		"no colon":     {func(o *HTTPOptions) { o.Header = "s3cret" }, "deliver.http.header"},
		"no value":     {func(o *HTTPOptions) { o.Header = "X-Key: " }, "deliver.http.header"},
		"space":        {func(o *HTTPOptions) { o.Header = "X Key: s3cret" }, "deliver.http.header"},
		"two headers":  {func(o *HTTPOptions) { o.Header = "X-Key: s3cret\r\nX-Other: s3cret" }, "deliver.http.header"},
		"content type": {func(o *HTTPOptions) { o.Header = "content-type: text/plain" }, "Content-Type"},
		"ca file":      {func(o *HTTPOptions) { o.CAFile = "/nowhere/ca.pem" }, "deliver.http.ca-file"},
		"no key":       {func(o *HTTPOptions) { o.ClientCertFile = "/nowhere/c.pem" }, "deliver.http.client-key-file"},
	} {
		o := httpOptions("https://hooks.example.com/in")
		test.edit(&o)
		_, err := NewHTTP(o, testAgent, nil)
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, test.says, name)
		assertNoSecret(t, err.Error())
	}
}

func TestReceiversAreConfiguredByWhatOnlyTheyNeed(t *testing.T) {
	t.Parallel()
	assert.False(t, httpOptions("").Configured())
	assert.True(t, httpOptions("https://h").Configured())
	assert.True(t, HTTPOptions{Token: "s3cret"}.Configured())
	assert.False(t, FileOptions{Kind: "kai"}.Configured())
	assert.True(t, FileOptions{Path: "x"}.Configured())
	assert.False(t, AnchoreOptions{Account: "admin"}.Configured())
	assert.True(t, AnchoreOptions{Accounts: map[string]Credentials{"a": {"b", "s3cret"}}}.Configured())
}
