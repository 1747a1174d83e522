package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Probe has an exchange with the service at base, and tells what happened on the way. Beyond lists what is not known
// when there was no answer, of which the error tells. Took is how long the answer took to come.
func (c *Client) Probe(ctx context.Context, base *url.URL, exchange func(context.Context) (Answer, *Error), beyond string, tell func(Finding)) (said Answer, took time.Duration, e *Error) {
	t := &trace{}
	said, e = exchange(t.follow(ctx))
	p := probe{path: t.noted(), options: c.options, base: base, proxy: c.proxyOf(ctx, base)}
	end := stageAnswer
	if e != nil {
		end = p.stageOf(e)
	}
	for s := stageDNS; s < end; s++ {
		if f, ok := p.passed(s); ok {
			tell(f)
		}
	}
	if e != nil {
		tell(p.failed(end, e))
		tell(Finding{Verdict: Unknown, Says: p.after(end) + beyond})
	}
	return said, p.answered, e
}

// proxyOf returns the proxy that requests go through.
func (c *Client) proxyOf(ctx context.Context, base *url.URL) *url.URL {
	t, ok := c.HTTP.Transport.(*http.Transport)
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, base.String(), nil)
	if !ok || err != nil || t.Proxy == nil {
		return nil
	}
	proxy, _ := t.Proxy(req) // settings that cannot be read are refused before
	return proxy
}

// stage is a part of the way to a service. Each needs those before it.
type stage int

const (
	stageDNS stage = iota
	stageTCP
	stageTLS
	stageAnswer
)

func (s stage) String() string { return [...]string{"DNS", "TCP", "TLS", "answer"}[s] }

// probe is a path with what is known of its ends.
type probe struct {
	path

	options Options
	base    *url.URL
	proxy   *url.URL // nil for none
}

// after names the stages that a path did not come to, for a list.
func (p probe) after(end stage) string {
	var rest strings.Builder
	for s := end + 1; s < stageAnswer; s++ {
		if s != stageTLS || p.base.Scheme == "https" {
			rest.WriteString(s.String() + ", ")
		}
	}
	return rest.String()
}

// stageOf finds where a path ended without an answer.
func (p probe) stageOf(e *Error) stage {
	var name *net.DNSError
	var dial *net.OpError
	switch {
	case e.cause == nil:
		return stageAnswer // which was a refusal
	case errors.As(e.cause, &name):
		return stageDNS
	case errors.As(e.cause, &dial) && dial.Op == "dial":
		return stageTCP
	case p.connected == "":
		return stageTCP
	case isTLS(e.cause), p.base.Scheme == "https" && p.tls == nil && !isProxyError(e.cause):
		return stageTLS
	}
	return stageAnswer
}

func isProxyError(err error) bool {
	var refused *ProxyError
	return errors.As(err, &refused)
}

// passed is what was learnt in a stage that went well, if there is anything to say.
func (p probe) passed(s stage) (Finding, bool) {
	switch {
	case s == stageDNS && len(p.addresses) > 0:
		return Finding{Verdict: Fine, Says: "DNS: " + p.host() + " is " + strings.Join(firstOf(p.addresses, 3), ", ")}, true
	case s == stageTCP && p.connected != "":
		return Finding{Verdict: Fine, Says: "TCP: connects to " + p.connected + " in " + Brief(p.took) + ", " + p.through()}, true
	case s == stageTLS && p.base.Scheme != "https":
		return p.options.inClear(), true
	case s == stageTLS:
		return p.options.secured(p.tls), true
	}
	return Finding{}, false
}

// host is the name that was looked up.
func (p probe) host() string {
	if p.proxy != nil {
		return p.proxy.Hostname()
	}
	return p.base.Hostname()
}

func (p probe) through() string {
	if p.proxy != nil {
		return "through the proxy " + ProxyAddress(p.proxy)
	}
	return "without a proxy"
}

// failed tells where the path ended, with what a run would fail with.
func (p probe) failed(s stage, e *Error) Finding {
	found := Finding{Verdict: Fault, Says: s.String() + ": " + e.reason, Advice: e.Advice, Err: e}
	switch s {
	case stageDNS:
		found.Advice = "mend the host in " + p.options.URL + ", or the name server of this machine; in a pod see dnsPolicy and network policies"
		if p.proxy != nil {
			found.Advice = "mend the host of the proxy in HTTP_PROXY or HTTPS_PROXY"
		}
	case stageTCP:
		found.Advice = "see whether host and port in " + p.options.URL + " are right, whether a firewall or a network policy is in between, and whether a proxy is needed (HTTPS_PROXY)"
		if p.proxy != nil {
			found.Advice = "see whether the proxy in HTTP_PROXY or HTTPS_PROXY is right: " + p.proxy.Host
		}
	case stageTLS:
		return p.options.unsecured(found, e)
	case stageAnswer:
		found.Says = e.Brief()
		if isProxyError(e.cause) && found.Advice == "" {
			found.Advice = "see HTTPS_PROXY and NO_PROXY, or have the proxy let " + p.base.Host + " through"
		}
	}
	return found
}
