package programtest_test

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
)

const (
	soon  = 50 * time.Second // no waiting but for a loaded machine: a request that hears nothing waits a minute
	later = 60 * time.Second // several waits, each longer than the last
)

// pages breaks the first requests for pages of pods, in this order.
func pages(faults ...faultproxy.Fault) func(*stage) {
	return func(s *stage) { s.proxy.Script(faults...) }
}

// recovers is pages for faults after which a page is asked for again.
func recovers(faults ...faultproxy.Fault) func(*stage) {
	return func(s *stage) {
		pages(faults...)(s)
		s.Cleanup(func() {
			assert.Greater(s, len(s.proxy.Lists()), 6, "no page was asked for again: the fault did not happen")
		})
	}
}

// always breaks every page.
func always(f faultproxy.Fault) func(*stage) {
	return pages(slices.Repeat([]faultproxy.Fault{f}, 100)...)
}

// briefly makes stalls short, of a server that answers after seconds on a loaded machine.
func briefly(set func(*stage)) func(*stage) {
	return func(s *stage) {
		s.setting("kubernetes.request-timeout-seconds=5")
		set(s)
	}
}

// withDeadline gives up while a fault lasts, and not before a loaded machine has come to it. A
// silence of the receiver does not end before, unless the trial says so.
func withDeadline(set func(*stage)) func(*stage) {
	return func(s *stage) {
		s.setting("deadline=15s", "anchore.http.timeout-seconds=60")
		set(s)
	}
}

// statusPage is an answer of the API server that names a fault.
func statusPage(code int, reason, message string) faultproxy.Fault {
	return faultproxy.Answer(code, "application/json",
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"`+message+`","reason":"`+reason+`","code":`+strconv.Itoa(code)+`}`)
}

const (
	complete = "delivered, complete"
	html     = "<html><title>Sign in</title></html>"
)

func readingTrials() []trial {
	pass := faultproxy.Fault(faultproxy.Pass)
	plain := func(code int) faultproxy.Fault { return faultproxy.Answer(code, "text/plain", "upstream") }
	return []trial{
		{"reading", "nothing", 0, complete, 1, soon, pages()},
		{"reading", "429 with Retry-After", 0, complete, 1, soon, recovers(faultproxy.Busy(1))},
		{"reading", "429 without Retry-After", 0, complete, 1, soon, recovers(pass, plain(429))},
		{"reading", "429 for ever", 6, "429", 0, soon, withDeadline(always(faultproxy.Busy(1)))},
		{"reading", "500 once", 0, complete, 1, soon, recovers(pass, plain(500))},
		{"reading", "502 once", 0, complete, 1, soon, recovers(pass, plain(502))},
		{"reading", "503 once", 0, complete, 1, soon, recovers(pass, pass, faultproxy.Down())},
		{"reading", "503 for ever", 6, "503", 0, soon, withDeadline(always(faultproxy.Down()))},
		{"reading", "504 once", 0, complete, 1, soon, recovers(pass, plain(504))},
		{"reading", "401 once", 0, complete, 1, soon, recovers(pass, statusPage(401, "Unauthorized", "Unauthorized"))},
		{"reading", "401 for ever", 3, "401", 0, soon, always(statusPage(401, "Unauthorized", "Unauthorized"))},
		{"reading", "403 in the middle", 3, "no more", 0, soon, pages(pass, pass, statusPage(403, "Forbidden", "no more"))},
		{"reading", "token refused with 400", 6, "continue key is not valid", 0, soon, pages(pass, always400())},
		{"reading", "token expired on every page", 0, `"consistency":"mixed"`, 1, soon, always(faultproxy.ExpireToken)},
		{"reading", "a pod listed twice", 0, `"repeated":1`, 1, soon, pages(pass, faultproxy.Overlap)},
		{"reading", "a page listed twice", 0, "in an order of its own", 1, soon, pages(pass, faultproxy.Rewind)},
		{"reading", "cut before the first byte", 0, complete, 1, soon, recovers(faultproxy.CutAfter(0))},
		{"reading", "cut in the middle of a page", 0, complete, 1, soon, recovers(pass, faultproxy.CutAfter(4_000))},
		{"reading", "every page cut", 6, "pods", 0, soon, withDeadline(always(faultproxy.CutAfter(4_000)))},
		{"reading", "page ends too early, as if whole", 0, complete, 1, soon, recovers(pass, faultproxy.TruncateAfter(4_000))},
		{"reading", "no answer", 0, complete, 1, later, briefly(recovers(pass, faultproxy.Hang))},
		{"reading", "stalled in the middle of a page", 0, complete, 1, later, briefly(recovers(pass, faultproxy.StallAfter(4_000)))},
		{"reading", "stalled for ever", 6, "pods", 0, soon, withDeadline(briefly(always(faultproxy.StallAfter(4_000))))},
		{"reading", "garbage as protobuf", 6, "not the answer of a Kubernetes API", 0, soon, pages(pass, faultproxy.Answer(200, "application/vnd.kubernetes.protobuf", "k8s\x00\xff\xff\xff\x1b[2J"))},
		{"reading", "garbage as JSON", 6, "not the answer of a Kubernetes API", 0, soon, pages(pass, faultproxy.Answer(200, "application/json", "{\x1b[2J"))},
		{"reading", "an HTML page with 200", 6, "not the answer of a Kubernetes API", 0, soon, pages(pass, faultproxy.Answer(200, "text/html", html))},
		{"reading", "an empty page with 200", 0, complete, 1, soon, recovers(pass, faultproxy.Answer(200, "application/json", ""))},
		{"reading", "words for a terminal", 3, "forged", 0, soon, pages(faultproxy.Answer(403, "text/plain", "\x1b[2Jforged\n{\"level\":\"info\"}\r\u202e\u009b"))},
		{"reading", "a megabyte of words", 3, "aaa", 0, soon, pages(faultproxy.Answer(403, "text/plain", string(slices.Repeat([]byte("a"), 1<<20))))},
		{"reading", "redirect to another host", 6, "a redirect to http://localhost:", 0, soon, func(s *stage) {
			s.tokenRevoked()
			s.proxy.Script(faultproxy.Redirect(thief(s)))
		}},
		{"reading", "server restarted between pages", 0, complete, 1, later, func(s *stage) { s.proxy.Script(pass, faultproxy.Do(s.restart(time.Second))) }},
		{"reading", "server gone between pages", 6, "pods", 0, soon, withDeadline(func(s *stage) { s.proxy.Script(pass, faultproxy.Do(func() { go s.proxy.Leave() })) })},
		{"reading", "other authority", 6, "certificate", 0, soon, func(s *stage) {
			stranger := rest.CopyConfig(s.config)
			stranger.CAData = nil
			s.reach(stranger)
		}},
		{"reading", "other authority, and insecure", 0, "certificate of the API server is not verified", 1, soon, func(s *stage) {
			stranger := rest.CopyConfig(s.config)
			stranger.CAData, stranger.Insecure = nil, true
			s.reach(stranger)
		}},
		{"reading", "certificate of the server expired", 6, "expired", 0, soon, func(s *stage) {
			s.proxy.TLS = &tls.Config{Certificates: []tls.Certificate{faultproxy.Certificate(s, "server", yesterday())}, MinVersion: tls.VersionTLS12}
			s.reach(s.proxy.Serve(s))
		}},
		{"reading", "certificate of the client expired", 2, "client-certificate ended at", 0, soon, clientExpired},
		{"reading", "bearer token rotated between pages", 0, complete, 1, soon, rotated},
		{"reading", "bearer token revoked between pages", 3, "401", 0, soon, revoked},
	}
}

// reach has the program reach the API server in another way.
func (s *stage) reach(config *rest.Config) { s.args[1] = faultproxy.WriteKubeconfig(s, config) }

func yesterday() time.Time { return time.Now().Add(-24 * time.Hour) }

// clientExpired has a server that asks for certificates, and judges them after
// the handshake as an API server does.
func clientExpired(s *stage) {
	s.proxy.TLS = asking()
	s.proxy.Admit = func(r *http.Request) bool {
		shown := r.TLS.PeerCertificates
		return len(shown) > 0 && time.Now().Before(shown[0].NotAfter)
	}
	config := s.proxy.Serve(s)
	config.CertData, config.KeyData = faultproxy.PEM(s, faultproxy.Certificate(s, "client", yesterday()))
	s.reach(config)
}

// asking lets clients do without a certificate until it is judged.
func asking() *tls.Config {
	return &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
}

// rotated replaces the file of the token after a page, and refuses the old token
// from then on.
func rotated(s *stage) {
	file := s.tokenRevoked()
	s.proxy.Script(faultproxy.Pass, faultproxy.Do(func() {
		assert.NoError(s, os.WriteFile(file, []byte(newToken), 0o600))
	}))
}

func revoked(s *stage) { s.tokenRevoked() }

const oldToken, newToken = "s3cret-old-token", "s3cret-new-token"

// tokenRevoked has a server that takes the old token for the first page and what
// comes before, and then only the new one. It returns the file of the token.
func (s *stage) tokenRevoked() string {
	file := filepath.Join(s.TempDir(), "token")
	require.NoError(s, os.WriteFile(file, []byte(oldToken), 0o600))
	s.proxy.Admit = func(r *http.Request) bool {
		if len(s.proxy.Lists()) < 2 {
			return r.Header.Get("Authorization") == "Bearer "+oldToken
		}
		return r.Header.Get("Authorization") == "Bearer "+newToken
	}
	config := rest.CopyConfig(s.config)
	config.BearerTokenFile = file
	s.reach(config)
	return file
}

func always400() faultproxy.Fault {
	return statusPage(400, "BadRequest", "continue key is not valid")
}

// restart takes the server away for a while.
func (s *stage) restart(away time.Duration) func() {
	return func() {
		go func() {
			s.proxy.Leave()
			time.Sleep(away)
			if err := s.proxy.Return(s.Context()); err != nil {
				s.Error(err)
			}
		}()
	}
}
