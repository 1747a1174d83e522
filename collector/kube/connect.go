package kube

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"stocktake/collector/kubeconfig"
)

// Connect prepares the connection to the cluster that a source leads to, and does not
// use it yet. Settings that lead nowhere, and credentials that cannot work, are
// settings.ErrInvalid.
func Connect(from kubeconfig.Source, opts Options) (*Cluster, error) {
	if err := errors.Join(opts.Check(), from.Check()); err != nil {
		return nil, err
	}
	target, err := from.Find()
	if err != nil {
		return nil, err
	}
	return connect(target, opts)
}

func connect(target kubeconfig.Target, opts Options) (*Cluster, error) {
	link, err := target.Open(cmp.Or(opts.UserAgent, "stocktake"), opts.protocols()...)
	if err != nil {
		return nil, err
	}
	return newCluster(opts, link), nil
}

// protocols are those to choose from when a connection is made: HTTP/1.1 alone,
// which every API server speaks, and not HTTP/2, which all prefer. Asked for 2,
// the server chooses, because some front ends have only one of them.
// A listing is a few large answers, and HTTP/2 is made for many small ones. The
// API server sends each object as a frame of its own, through the one goroutine
// that all streams share; this side hands it on through another, and sends back
// updates of the flow-control window. Over HTTP/1.1 two pages under way are two
// connections, and what was not read yet waits in the kernel. Whole runs over
// 50,000 pods of 4.5 KB, medians of one race on two cores (make bench):
//
//	                 HTTP/2   HTTP/1.1
//	wall               2.25       1.76 s
//	CPU, this side     1.22       0.89 s
//	CPU, API server    2.06       1.69 s
//	peak memory        39.5       33.6 MB
func (o Options) protocols() []string {
	if o.HTTPVersion == http2 {
		return []string{"h2", "http/1.1"}
	}
	return []string{"http/1.1"}
}

// login fetches credentials where the kubeconfig has a program for that. What such a
// program refuses is refused as by the API server: other credentials would help.
func (c *Cluster) login(ctx context.Context) error {
	err := c.link.Login(ctx)
	if errors.Is(err, kubeconfig.ErrNoCredentials) {
		return refusedLogin{err}
	}
	return err
}

// refusedLogin is ErrRefused without its words: Kubernetes was not asked.
type refusedLogin struct{ error }

func (e refusedLogin) Unwrap() []error { return []error{e.error, ErrRefused} }

// do sends a request.
func (c *Cluster) do(req *http.Request) (*http.Response, error) {
	return c.link.Do(req, func(body []byte) bool {
		_, ok := parseStatus(body)
		return ok
	})
}
