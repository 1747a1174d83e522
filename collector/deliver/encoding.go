package deliver

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"stocktake/collector/payload"
)

// What is known of a receiver's treatment of gzip, in negotiation.known.
const (
	gzipUnknown = iota
	gzipTaken
	gzipRefused
)

// negotiation finds out by trying which encoding a receiver takes.
type negotiation struct {
	client      *client
	compression string // the setting: auto, compressGzip or compressNone
	known       atomic.Int32
}

// deliver sends the body in the encoding that the receiver takes, as far as that is known, and fills in the receipt.
func (n *negotiation) deliver(ctx context.Context, e request, body *payload.Body, r *Receipt) *Error {
	if n.isPlain() {
		return n.send(ctx, e, plainOf(body), r)
	}
	e.blames = n.blames
	fault := n.send(ctx, e, gzipOf(body), r)
	if fault == nil {
		n.known.Store(gzipTaken)
		return nil
	}
	if !fault.coding || n.compression != auto {
		return fault
	}
	n.client.report(Event{Receiver: e.shown(), Message: "gzip was refused, sending the body uncompressed", Err: fault})
	r.FellBack = true
	e.blames = nil
	fault = n.send(ctx, e, plainOf(body), r)
	if fault == nil {
		n.known.Store(gzipRefused)
	}
	return fault
}

func (n *negotiation) isPlain() bool {
	return n.compression == compressNone || n.known.Load() == gzipRefused
}

func (n *negotiation) send(ctx context.Context, e request, c content, r *Receipt) *Error {
	e.content = &c
	out, fault := n.client.send(ctx, e)
	r.Encoding = c.encoding
	r.Attempts += out.attempts
	r.Status, r.Bytes = out.status, out.sent
	return fault
}

// insists says whether a fault would have been answered with the plain body if the setting had allowed that.
func (n *negotiation) insists(f *Error) bool {
	return n.compression == compressGzip && n.blames(1, f)
}

func gzipOf(b *payload.Body) content {
	return content{encoding: Gzip, size: b.GzipSize(), open: b.Gzip}
}

func plainOf(b *payload.Body) content {
	return content{encoding: Identity, size: b.Size(), open: b.Plain}
}

// blames says whether gzip may be why an attempt failed. A service that takes the compressed bytes for JSON says that
// they are none (400), or breaks (500): the second 500 in place of any answer is taken for that. Once gzip was taken,
// nothing is its fault any more.
func (n *negotiation) blames(attempt int, f *Error) bool {
	if n.known.Load() == gzipTaken {
		return false
	}
	switch f.Status {
	case http.StatusUnsupportedMediaType:
		return true
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return isSilent(f) || blamesBody(f.Words)
	case http.StatusInternalServerError:
		return attempt > 1 || blamesBody(f.Words)
	}
	return false
}

// isSilent says whether the words add nothing to the status, as those of a gateway's page.
func isSilent(f *Error) bool {
	text := http.StatusText(f.Status)
	return f.Words == "" || strings.EqualFold(f.Words, text) || strings.EqualFold(f.Words, status(f.Status))
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
