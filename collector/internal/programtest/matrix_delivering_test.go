package programtest_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/internal/anchoretest"
)

// posts breaks the first posts of a body, in this order.
func posts(faults ...anchoretest.Fault) func(*stage) {
	return func(s *stage) {
		s.receiver.Fail(faults...)
		s.Cleanup(func() { assert.Zero(s, s.receiver.PendingFaults(), "the fault did not happen") })
	}
}

// allPosts breaks every post.
func allPosts(f anchoretest.Fault) func(*stage) {
	return func(s *stage) { s.receiver.FailNext(100, f) }
}

// impatiently makes silences of the receiver short.
func impatiently(set func(*stage)) func(*stage) {
	return func(s *stage) {
		s.setting("anchore.http.timeout-seconds=5")
		set(s)
	}
}

// to sends the inventory elsewhere.
func to(address func(*stage) string) func(*stage) {
	return func(s *stage) { s.env = append(s.env, "ANCHORE_URL="+address(s)) }
}

func answerOf(status int) anchoretest.Fault { return anchoretest.Fault{Status: status} }

func deliveringTrials() []trial {
	early := func(f anchoretest.Fault) anchoretest.Fault { f.Early = true; return f }
	cut, hang := anchoretest.Fault{Kind: anchoretest.Cut}, anchoretest.Fault{Kind: anchoretest.Hang}
	words := anchoretest.Fault{Status: 400, ContentType: "text/plain", Body: "\x1b[2Jforged\n{\"level\":\"info\"}\r\u202e" + secret}
	long := anchoretest.Fault{Status: 400, ContentType: "text/plain", Body: strings.Repeat("a", 1<<20)}
	return []trial{
		{"delivering", "400", 4, "400", 0, soon, allPosts(answerOf(400))},
		{"delivering", "401", 4, "401", 0, soon, posts(answerOf(401))},
		{"delivering", "403", 4, "403", 0, soon, posts(answerOf(403))},
		{"delivering", "404", 4, "404", 0, soon, posts(answerOf(404))},
		{"delivering", "408 once", 0, complete, 1, soon, posts(answerOf(408))},
		{"delivering", "413 after the body was read", 4, "413", 0, soon, posts(answerOf(413))},
		{"delivering", "413 before the body was read", 4, "413", 0, soon, posts(early(answerOf(413)))},
		{"delivering", "425 once", 0, complete, 1, soon, posts(answerOf(425))},
		{"delivering", "429 with Retry-After", 0, complete, 1, soon, posts(anchoretest.Fault{Status: 429, RetryAfter: "1"})},
		{"delivering", "429 without Retry-After", 0, complete, 1, soon, posts(answerOf(429))},
		{"delivering", "500 twice", 0, complete, 1, later, posts(answerOf(500), answerOf(500))},
		{"delivering", "502 before the body was read", 0, complete, 1, soon, posts(early(answerOf(502)))},
		{"delivering", "503 for ever", 5, "503", 0, soon, withDeadline(allPosts(answerOf(503)))},
		{"delivering", "504 once", 0, complete, 1, soon, posts(answerOf(504))},
		{"delivering", "cut before the body was read", 0, complete, 1, soon, posts(early(cut))},
		{"delivering", "cut after the body was read", 0, complete, 1, soon, posts(cut)},
		{"delivering", "cut in the middle of a success", 0, complete, 1, soon, posts(anchoretest.Fault{Kind: anchoretest.CutAnswer})},
		{"delivering", "cut in the middle of a refusal", 4, "400", 0, soon, allPosts(anchoretest.Fault{Kind: anchoretest.CutAnswer, Status: 400})},
		{"delivering", "success of one that read nothing", 0, complete, 0, soon, posts(early(answerOf(201)))}, // its word counts
		{"delivering", "no answer before the body was read", 0, complete, 1, later, impatiently(posts(early(hang)))},
		{"delivering", "no answer after the body was read", 0, complete, 1, later, impatiently(posts(hang))},
		{"delivering", "no answer for ever", 5, "timeout", 0, soon, withDeadline(impatiently(allPosts(hang)))},
		{"delivering", "a body read a byte a second", 124, "deadline", 0, soon, withDeadline(allPosts(anchoretest.Fault{Kind: anchoretest.Slow, BytesPerSecond: 1}))},
		{"delivering", "a login page with 200", 4, "Sign in", 0, soon, posts(anchoretest.LoginPage())},
		{"delivering", "words for a terminal", 4, "forged", 0, soon, allPosts(words)},
		{"delivering", "words for a terminal, read by people", 4, "forged", 0, soon, func(s *stage) { s.args = append(s.args, "-debug"); allPosts(words)(s) }},
		{"delivering", "a megabyte of words", 4, "aaa", 0, soon, allPosts(long)},
		{"delivering", "redirect to itself for ever", 4, "redirect", 0, soon, func(s *stage) { allPosts(redirect(307, s.at+"/v2/kubernetes-inventory"))(s) }},
		{"delivering", "redirect on the same host", 0, complete, 1, soon, func(s *stage) { posts(redirect(307, s.at+"/v2/kubernetes-inventory"))(s) }},
		{"delivering", "redirect to another host", 4, "redirect", 0, soon, func(s *stage) { posts(redirect(307, thief(s)))(s) }},
		{"delivering", "redirect to another host, as GET", 4, "redirect", 0, soon, func(s *stage) { posts(redirect(302, thief(s)))(s) }},
		{"delivering", "redirect to nowhere", 4, "302", 0, soon, posts(answerOf(302))},
		{"delivering", "connection refused", 5, "connection refused", 0, soon, to(func(s *stage) string { return unreachable(s.T) })},
		{"delivering", "name unknown", 5, "no such host", 0, soon, to(func(*stage) string { return "http://anchore.invalid" })},
		{"delivering", "TLS by an unknown authority", 5, "certificate", 0, soon, to(func(s *stage) string { return secured(s, &tls.Config{MinVersion: tls.VersionTLS12}) })},
		{"delivering", "TLS by an unknown authority, and insecure", 0, "certificate is not verified", 1, soon, to(func(s *stage) string {
			s.setting("anchore.http.insecure=true")
			return secured(s, &tls.Config{MinVersion: tls.VersionTLS12})
		})},
		{"delivering", "TLS for another name", 5, "certificate", 0, soon, to(func(s *stage) string {
			_, where := anchoretest.StartTLS(s, receiverOptions())
			s.setting("anchore.http.ca-file=" + where.CAFile)
			return strings.Replace(where.URL, "127.0.0.1", "localhost", 1)
		})},
		{"delivering", "TLS of an old version", 5, "protocol version", 0, soon, to(func(s *stage) string {
			s.setting("anchore.http.insecure=true")
			return secured(s, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		})},
		{"delivering", "plain HTTP where TLS is", 5, "HTTPS", 0, soon, to(func(s *stage) string { return strings.Replace(s.at, "http:", "https:", 1) })},
		{"delivering", "client certificate demanded", 4, "certificate", 0, soon, to(func(s *stage) string {
			options := receiverOptions()
			options.ClientCert = true
			_, where := anchoretest.StartTLS(s, options)
			s.setting("anchore.http.ca-file=" + where.CAFile)
			return where.URL
		})},
		{"delivering", "proxy demands a login", 4, "407", 0, soon, to(func(s *stage) string {
			s.env = append(s.env, "HTTP_PROXY="+turnstile(s))
			return "http://anchore.example.com"
		})},
		{"delivering", "proxy demands a login, for TLS", 4, "407", 0, soon, to(func(s *stage) string {
			s.env = append(s.env, "HTTPS_PROXY="+turnstile(s))
			return "https://anchore.example.com"
		})},
		{"delivering", "version unknown", 0, complete, 1, soon, func(s *stage) { s.receiver.Fail(anchoretest.Fault{On: "/version", Status: 404}) }},
		{"delivering", "version is a login page", 0, complete, 1, soon, func(s *stage) { f := anchoretest.LoginPage(); f.On = "/version"; s.receiver.Fail(f) }},
	}
}

func redirect(status int, location string) anchoretest.Fault {
	return anchoretest.Fault{Status: status, Location: location}
}

// thief is another host, which must see no credentials and no inventory.
func thief(s *stage) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Empty(s, r.Header.Get("Authorization"), "credentials followed a redirect to another host")
		assert.Empty(s, body, "an inventory followed a redirect to another host")
		w.WriteHeader(http.StatusCreated)
	}))
	s.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/v2/kubernetes-inventory"
}

// secured is a receiver behind TLS of this sort.
func secured(s *stage, config *tls.Config) string {
	server := httptest.NewUnstartedServer(s.receiver)
	server.TLS, server.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	server.StartTLS()
	s.Cleanup(server.Close)
	return server.URL
}

// turnstile is a proxy that lets nobody through.
func turnstile(s *stage) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="corp"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	s.Cleanup(server.Close)

	return server.URL
}
