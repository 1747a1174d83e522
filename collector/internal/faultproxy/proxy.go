// Package faultproxy stands between a client and a real API server and breaks
// what the test asks it to break: answers that stop, stall or are cut, servers
// that are busy, tokens that expire at the right moment. Everything that is not
// broken is the real server's own.
package faultproxy

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// Proxy is an http.Handler in front of an API server. The requests that matter,
// those for lists unless Match says otherwise, take one fault each from the
// script, in the order of their arrival; when the script is over they pass.
type Proxy struct {
	// JSONOnly hides from the API server that the client takes protobuf.
	JSONOnly bool
	// Match chooses the requests that matter; nil are those with a limit.
	Match func(*http.Request) bool
	// Admit says whose requests are let in; all others are answered 401, in the
	// words of an API server. Nil lets everybody in.
	Admit func(*http.Request) bool
	// TLS is what Serve speaks; nil is a certificate of the proxy's own.
	TLS *tls.Config

	pass   *httputil.ReverseProxy
	server *httptest.Server

	mu     sync.Mutex
	script []Fault
	seen   []Request
	open   int
	most   int
}

// Request is what the proxy saw of one request that matters.
type Request struct {
	URL    *url.URL
	Header http.Header
	Proto  string
}

// New returns a proxy that talks to the API server with the rights of config.
func New(t testing.TB, config *rest.Config) *Proxy {
	t.Helper()
	config = rest.CopyConfig(config)
	config.DisableCompression = true // what the client asks for is passed on
	transport, err := rest.TransportFor(config)
	require.NoError(t, err)
	target, _, err := rest.DefaultServerUrlFor(config)
	require.NoError(t, err)
	return &Proxy{pass: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Authorization") // config's own rights count, not the client's
		},
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0), // clients that give up are part of the game
	}}
}

// Script adds faults for the requests to come.
func (p *Proxy) Script(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = append(p.script, faults...)
}

// Lists returns the requests that matter, as seen so far.
func (p *Proxy) Lists() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.seen...)
}

// MostAtOnce is how many of them were under way at the same time.
func (p *Proxy) MostAtOnce() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

// ServeHTTP passes the request on, broken as the script says.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.JSONOnly {
		r.Header.Set("Accept", "application/json")
	}
	if p.Admit != nil && !p.Admit(r) {
		Answer(http.StatusUnauthorized, "application/json", unauthorized)(nil).ServeHTTP(w, r)
		return
	}
	if !p.matters(r) {
		p.pass.ServeHTTP(w, r)
		return
	}
	fault := p.begin(r)
	defer p.end()
	fault(p.pass).ServeHTTP(w, r)
}

const unauthorized = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`

func (p *Proxy) matters(r *http.Request) bool {
	if p.Match != nil {
		return p.Match(r)
	}
	return r.URL.Query().Get("limit") != ""
}

func (p *Proxy) begin(r *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	address := *r.URL
	p.seen = append(p.seen, Request{URL: &address, Header: r.Header.Clone(), Proto: r.Proto})
	p.open++
	p.most = max(p.most, p.open)
	if len(p.script) == 0 {
		return Pass
	}
	fault := p.script[0]
	p.script = p.script[1:]
	return fault
}

func (p *Proxy) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}
