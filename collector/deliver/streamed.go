package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"stocktake/collector/transport"
)

// readStreamed lets an answer be read while it arrives.
func (c *client) readStreamed(ctx context.Context, e request, up *upload, watch *transport.StallWatch, resp *http.Response) *Error {
	body := &wire{unpacked: unpack(resp, watch.Reader(resp.Body))}
	err := e.take(body)
	switch {
	case err == nil:
		return nil
	case body.err != nil:
		return c.unanswered(ctx, e, up, fmt.Errorf("the answer broke off: %w", watch.Explain(body.err)))
	}
	return &Error{
		Receiver: e.shown(), Status: resp.StatusCode, kind: ErrRefused, cause: err, reason: c.redactor.clean(err.Error()),
		Words: "not the answer of the API but of a login page or a proxy in between, or of an API that is not known",
	}
}

// wire keeps the error of a connection, and ends an answer that unpacks to absurdly much.
type wire struct {
	*unpacked

	err error
}

// Read implements io.Reader.
func (r *wire) Read(p []byte) (int, error) {
	n, err := r.unpacked.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	if r.absurd() {
		return 0, errRatio
	}
	return n, err
}
