package deliver

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

// What is known of a receiver's treatment of gzip, in negotiation.known.
const (
	gzipUnknown = iota
	gzipTaken
	gzipRefused
)

// negotiation finds out by trying which encoding a receiver takes.
type negotiation struct {
	setting     string // "anchore.http.compression"
	compression string // its value: auto, compressGzip or compressNone
	known       atomic.Int32
}

// deliver sends the body in the encoding that the receiver takes, as far as that is known, and fills in the receipt.
func (n *negotiation) deliver(ctx context.Context, c *client, req transport.Request, body *payload.Body, r *Receipt) *transport.Error {
	plain := req
	plain.Content = &transport.Content{Encoding: transport.Identity, Size: body.Size(), Open: body.Plain}
	if n.isPlain() {
		return r.send(ctx, c, plain)
	}
	blamed := false
	req.Content = &transport.Content{Encoding: transport.Gzip, Size: body.GzipSize(), Open: body.Gzip}
	req.Final = func(attempt int, e *transport.Error) bool {
		blamed = n.blames(attempt, e)
		return blamed
	}
	e := r.send(ctx, c, req)
	if e == nil {
		n.known.Store(gzipTaken)
		return nil
	}
	if !blamed || n.compression != auto {
		return e
	}
	c.report(Event{Receiver: e.URL, Message: "gzip was refused, sending the body uncompressed", Err: e})
	r.FellBack = true
	if e = r.send(ctx, c, plain); e == nil {
		n.known.Store(gzipRefused)
	}
	return e
}

func (n *negotiation) isPlain() bool {
	return n.compression == compressNone || n.known.Load() == gzipRefused
}

// send notes in the receipt what came of sending a body in one encoding.
func (r *Receipt) send(ctx context.Context, c *client, req transport.Request) *transport.Error {
	a, e := c.Do(ctx, req)
	r.Encoding = req.Content.Encoding
	r.Attempts += a.Attempts
	r.Status, r.Bytes = a.Status, a.Sent
	return e
}

// insists says whether a fault would have been answered with the plain body if the setting had allowed that.
func (n *negotiation) insists(e *transport.Error) bool {
	return n.compression == compressGzip && n.blames(1, e)
}

// unknown is what only a body tells.
func (n *negotiation) unknown() string {
	switch n.compression {
	case compressGzip:
		return ", and whether gzip is taken, without which a run fails (" + n.setting + ")"
	case compressNone:
		return ""
	}
	return ", and whether gzip is taken, without which bodies go plain"
}

// blames says whether gzip may be why an attempt failed. A service that takes the compressed bytes for JSON says that
// they are none (400), or breaks (500): the second 500 in place of any answer is taken for that. Once gzip was taken,
// nothing is its fault any more.
func (n *negotiation) blames(attempt int, e *transport.Error) bool {
	if n.known.Load() == gzipTaken {
		return false
	}
	switch e.Status {
	case http.StatusUnsupportedMediaType:
		return true
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return isSilent(e) || blamesBody(e.Words)
	case http.StatusInternalServerError:
		return attempt > 1 || blamesBody(e.Words)
	}
	return false
}

// isSilent says whether the words add nothing to the status, as those of a gateway's page.
func isSilent(e *transport.Error) bool {
	text := http.StatusText(e.Status)
	return e.Words == "" || strings.EqualFold(e.Words, text) || strings.EqualFold(e.Words, transport.StatusText(e.Status))
}

var (
	// schemaFault is how Connexion ends a sentence about one value of a body that it could read: " - 'pods.0.node_uid'".
	schemaFault = regexp.MustCompile(` - '[^']*'$`)
	// unreadable are words, in lower case, of services that could not make sense of the bytes. They are generous: to be
	// wrong costs one request.
	unreadable = []string{
		"json", "decod", "codec", "utf-8", "utf8", "unicode", "encoding", "gzip", "compress", "pars", "malformed",
		"invalid character", "unexpected character", "expecting value", "not of type 'object'", "0x1f", "0x8b", "u001f",
	}
)

func blamesBody(words string) bool {
	if schemaFault.MatchString(words) {
		return false
	}
	lower := strings.ToLower(words)
	return slices.ContainsFunc(unreadable, func(s string) bool { return strings.Contains(lower, s) })
}
