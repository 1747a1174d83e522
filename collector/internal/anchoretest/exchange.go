package anchoretest

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
)

// exchange is one request on its way to an answer.
type exchange struct {
	receiver *Receiver
	req      *http.Request
	index    int     // of the note among the Receiver's requests
	note     Request // completed by finish
	path     string  // without the base path
	in       intake
	consumed bool
}

// serve answers as the service does. A refusal that needs no look into the body still reads it first, as the web
// servers in front of such services do; a client must not take it for a broken connection.
func (x *exchange) serve(w http.ResponseWriter) {
	a, err := x.answer()
	if err == nil && !x.consumed {
		err = x.consume(nothing)
	}
	if errors.Is(err, errWire) {
		x.abort(err.Error())
	}
	x.finish(a)
	a.write(w)
}

// fail plays a fault that keeps the service from answering.
func (x *exchange) fail(w http.ResponseWriter, f Fault) {
	if !f.Early {
		_ = x.consume(nothing) // noted as far as it came
	}
	a := f.answer(x.path)
	switch f.Kind {
	case Hang:
		x.record() // seen by the test while it hangs
		select {
		case <-x.req.Context().Done():
		case <-x.receiver.closed:
		}
		x.abort("fault: hang")
	case Cut:
		x.abort("fault: cut")
	case CutAnswer:
		x.finish(a)
		a.writeHalf(w)
	case Answer, Pass, Slow:
		x.finish(a)
		a.write(w)
	}
}

// consume reads the body once.
func (x *exchange) consume(check func(io.Reader) error) error {
	x.consumed = true
	if x.receiver.options.Discard {
		return x.in.discard(x.req.Body)
	}
	return x.in.read(x.req.Body, x.note.Encoding, check)
}

// finish completes the record of a request that gets an answer.
func (x *exchange) finish(a answer) {
	x.note.Status, x.note.Accepted, x.note.Reason = a.status, a.accepted, a.reason
	x.record()
	x.receiver.announce(x.note)
}

// abort completes the record and cuts the connection.
func (x *exchange) abort(reason string) {
	x.note.Reason = reason
	x.record()
	x.receiver.announce(x.note)
	panic(http.ErrAbortHandler)
}

func (x *exchange) record() {
	x.in.note(&x.note)
	x.receiver.record(x.index, x.note)
}

// answer finds the endpoint and lets it answer. The error is that of a body that did not arrive.
func (x *exchange) answer() (answer, error) {
	e, ok := x.endpoint()
	if !ok {
		return problem(http.StatusNotFound, "The requested URL was not found on the server."), nil
	}
	if x.req.Method != e.method {
		return problem(http.StatusMethodNotAllowed, "The method is not allowed for the requested URL."), nil
	}
	if refused, ok := x.authorize(); !e.open && !ok {
		return refused, nil
	}
	return e.serve()
}

// authorize checks credentials and account.
func (x *exchange) authorize() (answer, bool) {
	o := x.receiver.options
	user, password, _ := x.req.BasicAuth()
	if want, ok := o.Users[user]; len(o.Users) > 0 && (!ok || want != password) {
		return failure(x.path, http.StatusUnauthorized, words(http.StatusUnauthorized)), false
	}
	if account := x.note.Account; account != "" && len(o.Accounts) > 0 && !slices.Contains(o.Accounts, account) {
		return failure(x.path, o.UnknownAccountStatus, "User account not found"), false
	}
	return answer{}, true
}

// jsonBody reads a JSON body and lets check judge it; ok means that it passed.
func (x *exchange) jsonBody(check func(io.Reader) error) (refused answer, ok bool, err error) {
	if refused, ok := x.announced(); !ok {
		return refused, false, nil
	}
	if x.note.Encoding == "gzip" && x.receiver.options.Gzip != GzipAccept {
		return x.receiver.options.Gzip.refusal(x.path), false, nil
	}
	err = x.consume(check)
	if errors.Is(err, errWire) {
		return answer{}, false, err
	}
	if err != nil {
		return problem(http.StatusBadRequest, err.Error()), false, nil
	}
	return answer{}, true, nil
}

// announced judges what the header says about the body.
func (x *exchange) announced() (answer, bool) {
	if x.req.ContentLength < 0 {
		return problem(http.StatusLengthRequired, "A request with a body must have a Content-Length"), false
	}
	given := x.req.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(given); err != nil || kind != "application/json" {
		detail := "Invalid Content-type (" + given + "), expected JSON data"
		return problem(http.StatusUnsupportedMediaType, detail), false
	}
	switch x.note.Encoding {
	case "", "identity", "gzip":
		return answer{}, true
	}
	a := problem(http.StatusUnsupportedMediaType, "Content-Encoding "+x.note.Encoding+" is not supported")
	a.accept = "gzip"
	return a, false
}

// refusal is the answer to a compressed body by a service that does not decode it.
func (g Gzip) refusal(path string) answer {
	switch g {
	case GzipRefuse415:
		a := problem(http.StatusUnsupportedMediaType, "Content-Encoding gzip is not supported")
		a.accept = "identity"
		return a
	case GzipRefuse500:
		return failure(path, http.StatusInternalServerError, words(http.StatusInternalServerError))
	case GzipAccept, GzipRefuse400:
	}
	return problem(http.StatusBadRequest, notJSON)
}

// report takes in an inventory.
func (x *exchange) report(read func(io.Reader) (Counts, error), status int) (answer, error) {
	refused, ok, err := x.jsonBody(func(body io.Reader) (err error) {
		x.note.Counts, err = read(body)
		return err
	})
	if !ok {
		return refused, err
	}
	return answer{status: cmp.Or(x.receiver.options.SuccessStatus, status), accepted: true}, nil
}

func nothing(io.Reader) error { return nil }
