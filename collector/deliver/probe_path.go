package deliver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stocktake/collector/transport"
)

// stage is a part of the way to a receiver. Each needs those before it.
type stage int

const (
	stageDNS stage = iota
	stageTCP
	stageTLS
	stageAnswer
)

func (s stage) String() string { return [...]string{"DNS", "TCP", "TLS", "answer"}[s] }

// reach makes the preflight of a run and tells what happened on the way. The
// answer is nil when none came; took is how long it took to come. Beyond lists
// what is not known without one.
func (c *client) reach(ctx context.Context, base *url.URL, meet func(context.Context) (*answer, *Error), beyond string, tell func(Finding)) (said *answer, took time.Duration) {
	trace := &transport.Trace{}
	said, fault := meet(trace.Follow(ctx))
	p := path{Path: trace.Path(), client: c, base: base, proxy: c.proxyOf(ctx, base)}
	end := stageAnswer
	if fault != nil {
		end = p.stageOf(fault)
	}
	for s := stageDNS; s < end; s++ {
		if f, ok := p.passed(s); ok {
			tell(f)
		}
	}
	if fault == nil {
		return said, p.Answered
	}
	tell(p.failed(end, fault))
	tell(Finding{Verdict: Unknown, Says: p.after(end) + beyond})
	return nil, 0
}

// after names the stages that a path did not come to, for a list.
func (p path) after(end stage) string {
	var rest strings.Builder
	for s := end + 1; s < stageAnswer; s++ {
		if s != stageTLS || p.base.Scheme == "https" {
			rest.WriteString(s.String() + ", ")
		}
	}
	return rest.String()
}

// path is one to a receiver.
type path struct {
	transport.Path

	client *client
	base   *url.URL
	proxy  *url.URL // nil for none
}

// proxyOf returns the proxy that requests go through.
func (c *client) proxyOf(ctx context.Context, base *url.URL) *url.URL {
	transport, ok := c.http.Transport.(*http.Transport)
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, base.String(), nil)
	if !ok || err != nil || transport.Proxy == nil {
		return nil
	}
	proxy, _ := transport.Proxy(req) // settings that cannot be read are refused before
	return proxy
}

// stageOf finds where a path ended without an answer.
func (p path) stageOf(f *Error) stage {
	var name *net.DNSError
	var dial *net.OpError
	switch {
	case f.cause == nil:
		return stageAnswer // which was a refusal
	case errors.As(f.cause, &name):
		return stageDNS
	case errors.As(f.cause, &dial) && dial.Op == "dial":
		return stageTCP
	case p.Connected == "":
		return stageTCP
	case isTLS(f.cause), p.base.Scheme == "https" && p.TLS == nil && !isProxyError(f.cause):
		return stageTLS
	}
	return stageAnswer
}

func isProxyError(err error) bool {
	var refused *transport.ProxyError
	return errors.As(err, &refused)
}

// passed is what was learnt in a stage that went well, if there is anything to say.
func (p path) passed(s stage) (Finding, bool) {
	switch s {
	case stageDNS:
		if len(p.Addresses) == 0 {
			return Finding{}, false
		}
		return Finding{Verdict: Fine, Says: "DNS: " + p.host() + " is " + strings.Join(firstOf(p.Addresses, 3), ", ")}, true
	case stageTCP:
		if p.Connected == "" {
			return Finding{}, false
		}
		return Finding{Verdict: Fine, Says: "TCP: connects to " + p.Connected + " in " + brief(p.Took) + ", " + p.through()}, true
	case stageTLS:
		return p.secured(), true
	case stageAnswer:
	}
	return Finding{}, false
}

// host is the name that was looked up.
func (p path) host() string {
	if p.proxy != nil {
		return p.proxy.Hostname()
	}
	return p.base.Hostname()
}

func (p path) through() string {
	if p.proxy != nil {
		return "through the proxy " + p.proxy.Scheme + "://" + p.proxy.Host
	}
	return "without a proxy"
}

func firstOf(all []string, n int) []string {
	if len(all) <= n {
		return all
	}
	return append(all[:n:n], "…")
}

// failed tells where the path ended, with what a run would fail with.
func (p path) failed(s stage, f *Error) Finding {
	found := Finding{Verdict: Fault, Says: s.String() + ": " + f.reason, Advice: f.Advice, Err: f}
	setting := p.client.security.URL
	switch s {
	case stageDNS:
		found.Advice = "mend the host in " + setting + ", or the name server of this machine; in a pod see dnsPolicy and network policies"
		if p.proxy != nil {
			found.Advice = "mend the host of the proxy in HTTP_PROXY or HTTPS_PROXY"
		}
	case stageTCP:
		found.Advice = "see whether host and port in " + setting + " are right, whether a firewall or a network policy is in between, and whether a proxy is needed (HTTPS_PROXY)"
		if p.proxy != nil {
			found.Advice = "see whether the proxy in HTTP_PROXY or HTTPS_PROXY is right: " + p.proxy.Host
		}
	case stageTLS:
		return p.insecure(found, f)
	case stageAnswer:
		found.Says = f.brief()
		if isProxyError(f.cause) && found.Advice == "" {
			found.Advice = "see HTTPS_PROXY and NO_PROXY, or have the proxy let " + p.base.Host + " through"
		}
	}
	return found
}

// brief is the fault without the address, which stands above it.
func (e *Error) brief() string {
	short := *e
	short.Receiver, short.Advice = "", ""
	return strings.TrimPrefix(short.Error(), ": ")
}
