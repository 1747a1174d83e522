package anchoretest

import (
	"net/http"
	"slices"
	"time"
)

// Request is what a Receiver noted of one request. Header and Body are shared between copies: read them only.
type Request struct {
	Time   time.Time
	Method string
	// Path is as requested, with the base path.
	Path   string
	Header http.Header
	// ContentLength is the announced length in bytes; -1 when the client announced none.
	ContentLength int64
	// Encoding is the Content-Encoding; empty for a plain body.
	Encoding string
	// Account is the x-anchore-account header, User the name of the Basic credentials; empty when not sent.
	Account, User string

	// RawBytes and RawSHA256 (hex) are of the body as it came over the wire. There is no sum with Options.Discard.
	RawBytes  int64
	RawSHA256 string
	// DecodedBytes is the length of the body after decompression.
	DecodedBytes int64
	// Body is the decoded body, nil when it is longer than Options.KeepBody.
	Body []byte

	// Counts are the objects of a report that was checked.
	Counts Counts
	// Status is the status answered; 0 while unanswered, or when the connection was cut.
	Status int
	// Accepted says that the report was taken in. A success status alone does not: login pages have one.
	Accepted bool
	// Reason is why it was not accepted, for a test's messages.
	Reason string
}

// Requests returns everything seen so far, in order of arrival.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Accepted returns the reports that were taken in, in order of arrival.
func (r *Receiver) Accepted() []Request {
	return slices.DeleteFunc(r.Requests(), func(q Request) bool { return !q.Accepted })
}

// arrive notes a request as soon as its header is read, so that a request that is never answered is seen too.
func (r *Receiver) arrive(req *http.Request) (int, Request) {
	user, _, _ := req.BasicAuth()
	q := Request{
		Time:          time.Now(),
		Method:        req.Method,
		Path:          req.URL.Path,
		Header:        req.Header.Clone(),
		ContentLength: req.ContentLength,
		Encoding:      req.Header.Get("Content-Encoding"),
		Account:       req.Header.Get("X-Anchore-Account"),
		User:          user,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, q)
	return len(r.requests) - 1, q
}

// record replaces the note of a request. It happens before the answer is written: a client that has its answer finds
// its request in Requests.
func (r *Receiver) record(index int, q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests[index] = q
}

// announce tells Options.OnRequest of a request that is done.
func (r *Receiver) announce(q Request) {
	if r.options.OnRequest == nil {
		return
	}
	r.calling.Lock()
	defer r.calling.Unlock()
	r.options.OnRequest(q)
}
