package deliver

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/transport"
)

// probed is what a probe tells, one line for each finding, and the findings.
func probed(t *testing.T, p Prober, about Survey) (string, []transport.Finding) {
	t.Helper()
	var lines strings.Builder
	var all []transport.Finding
	p.Probe(t.Context(), about, func(f transport.Finding) {
		assert.Equal(t, f.Verdict == transport.Fault, f.Err != nil, f.Says)
		lines.WriteString(string(f.Verdict) + ": " + f.Says + " → " + f.Advice + "\n")
		all = append(all, f)
	})
	assert.NotContains(t, lines.String(), sesame)
	return lines.String(), all
}

const sesame = "open: s3same"

func probing(t *testing.T, o AnchoreOptions) *Anchore {
	t.Helper()
	if o.User == "" {
		o.User, o.Password = "robot", sesame
	}
	o.Account, o.APIVersion, o.Compression, o.TimeoutSeconds = "admin", auto, auto, cmp.Or(o.TimeoutSeconds, 60)
	a, err := NewAnchore(o, "stocktake/test", nil)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a
}

func TestProbeAsksOnlyWhatChangesNothing(t *testing.T) {
	t.Parallel()
	receiver, at := anchoretest.Start(t, anchoretest.Options{Users: map[string]string{"robot": sesame}})
	text, _ := probed(t, probing(t, AnchoreOptions{URL: at}), Survey{Cluster: "prod", Accounts: []string{"", "other"}, Introduces: true})

	assert.Contains(t, text, "ok: user robot for account admin may log in")
	assert.Contains(t, text, "ok: user robot for account other may log in")
	assert.Contains(t, text, "ok: it knows integrations")
	require.Len(t, receiver.Requests(), 3)
	for i, r := range receiver.Requests() {
		assert.Equal(t, http.MethodGet, r.Method)
		assert.Equal(t, i > 0, r.Header.Get("Authorization") != "", "credentials only where they are asked for")
	}
	assert.Equal(t, "other", receiver.Requests()[2].Account)
}

func TestProbeGoesThroughTheProxyOfARun(t *testing.T) {
	_, at := anchoretest.Start(t, anchoretest.Options{})
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Host = strings.TrimPrefix(at, "http://")
	}})
	t.Cleanup(proxy.Close)
	// net/http reads the environment once, so the proxy is given in its place.
	a := probing(t, AnchoreOptions{URL: "http://anchore.example.com"})
	transport, ok := a.client.HTTP.Transport.(*http.Transport)
	require.True(t, ok)
	target := httptest.NewRequest(http.MethodGet, strings.Replace(proxy.URL, "http://", "http://user:s3cret@", 1), nil).URL
	transport.Proxy = http.ProxyURL(target)
	text, _ := probed(t, a, Survey{Accounts: []string{""}})

	assert.Contains(t, text, "through the proxy "+proxy.URL)
	assert.NotContains(t, text, "s3cret")
	assert.Contains(t, text, "warn: no TLS: whoever is in between can read what is sent, and the password → write https:// in anchore.url")
	assert.Contains(t, text, "may log in")

	proxy.Close()
	text, all := probed(t, a, Survey{})
	assert.Contains(t, text, "fail: TCP: ")
	assert.Contains(t, text, "see whether the proxy in HTTP_PROXY or HTTPS_PROXY is right: 127.0.0.1:")
	require.ErrorIs(t, all[0].Err, ErrUnavailable)
}

func TestProbeJudgesLoginsByTheAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   string
		fault  error
	}{
		"refused":            {401, "", "fail: user robot for account admin: 401 Unauthorized → the user or the password is wrong", ErrRefused},
		"may not read":       {403, `{"message":"no listInventory"}`, "not checked: user robot for account admin may log in, but not read inventories", nil},
		"unknown account":    {403, `{"message":"User account not found"}`, "fail: user robot for account admin: 403 Forbidden: User account not found → see anchore.account", ErrAccountNotFound},
		"no such path":       {404, "", "not checked: user robot for account admin: 404 Not Found", nil},
		"words of a hostile": {401, "{\"message\":\"\x1b[2J" + sesame + "\"}", "fail: user robot for account admin: 401 Unauthorized", ErrRefused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/version" {
					w.WriteHeader(test.status)
				}
				_, _ = w.Write([]byte(map[bool]string{true: `{"api":{"version":"2"}}`, false: test.body}[r.URL.Path == "/version"]))
			}))
			t.Cleanup(server.Close)
			text, all := probed(t, probing(t, AnchoreOptions{URL: server.URL}), Survey{Accounts: []string{""}})

			assert.Contains(t, text, test.want)
			assert.Contains(t, text, "Anchore Enterprise of unknown release answers")
			assert.NotContains(t, text, "\x1b")
			for _, f := range all {
				if f.Err != nil {
					require.ErrorIs(t, f.Err, test.fault)
					assert.True(t, f.Late, "a run finds out when it delivers")
				}
			}
		})
	}
}

func TestProbeTellsOfTheCertificate(t *testing.T) {
	t.Parallel()
	_, where := anchoretest.StartTLS(t, anchoretest.Options{})
	text, _ := probed(t, probing(t, AnchoreOptions{URL: where.URL, CAFile: where.CAFile}), Survey{})
	assert.Contains(t, text, "ok: TLS: TLS 1.3, certificate for example.com, *.example.com, 127.0.0.1, … by O=Acme Co, until 20")

	text, all := probed(t, probing(t, AnchoreOptions{URL: where.URL}), Survey{})
	assert.Contains(t, text, "give the PEM file of the authority as anchore.http.ca-file")
	assert.Contains(t, text, "not checked: version, clock, credentials, accounts")
	require.ErrorIs(t, all[1].Err, ErrUnavailable)
	assert.False(t, all[1].Late)

	text, _ = probed(t, probing(t, AnchoreOptions{URL: where.URL, Insecure: true}), Survey{})
	assert.Contains(t, text, "warn: TLS: TLS 1.3, but anchore.http.insecure")
}

func TestProbeNamesTheStageThatFailed(t *testing.T) {
	t.Parallel()
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.StartTLS()
	t.Cleanup(old.Close)
	text, _ := probed(t, probing(t, AnchoreOptions{URL: old.URL, Insecure: true}), Survey{})
	assert.Contains(t, text, "fail: TLS: remote error: tls: protocol version not supported")

	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	text, _ = probed(t, probing(t, AnchoreOptions{URL: hang.URL, TimeoutSeconds: 2}), Survey{})
	assert.Contains(t, text, "ok: TCP: connects to 127.0.0.1:")
	assert.Contains(t, text, "no progress for 2s → see anchore.http.timeout-seconds")
}

func TestProbeOfAServiceSendsNoCredentials(t *testing.T) {
	t.Parallel()
	status := make(chan int, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodHead, r.Method)
		assert.Empty(t, r.Header.Get("Authorization"))
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(<-status)
	}))
	t.Cleanup(server.Close)
	h, err := NewHTTP(HTTPOptions{URL: server.URL + "/in?key=" + sesame[:2], Kind: "stocktake", Method: "POST", User: "robot", Password: sesame, TimeoutSeconds: 60, Compression: compressGzip}, "stocktake/test", nil)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	assert.Equal(t, server.URL+"/in", h.Where())

	status <- http.StatusMethodNotAllowed
	text, _ := probed(t, h, Survey{})
	assert.Contains(t, text, "ok: answers HEAD without credentials in")
	assert.Contains(t, text, "405 Method Not Allowed")
	assert.Contains(t, text, "warn: clock: ")
	assert.Contains(t, text, "ahead of the one here")
	assert.Contains(t, text, "and whether gzip is taken, without which a run fails (deliver.http.compression)")
	status <- http.StatusNotFound
	text, _ = probed(t, h, Survey{})
	assert.Contains(t, text, "warn: answers HEAD")
}

func TestProbeOfAFileLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := NewFile(FileOptions{Path: filepath.Join(dir, "x.json"), Kind: "stocktake", Compression: auto})
	require.NoError(t, err)
	text, _ := probed(t, f, Survey{})

	assert.Equal(t, "ok: can be written → \n", text)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestProbeEndsWithItsContext: what the end of an examination causes is no fault
// that a run would have.
func TestProbeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	probing(t, AnchoreOptions{URL: hang.URL}).Probe(ctx, Survey{Accounts: []string{""}}, func(transport.Finding) {})

	assert.Less(t, time.Since(began), 30*time.Second, "half of what it bears of a service that says nothing")
}
