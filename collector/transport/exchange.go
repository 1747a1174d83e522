package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Request is one request, which may take several attempts, and what counts as its success.
type Request struct {
	Method  string
	URL     string
	Header  http.Header // Accept is application/json unless it says otherwise
	Content *Content    // nil when there is no body
	Retry   RetryPolicy

	Success []int // the statuses of success; all of 2xx when there are none
	Text    bool  // the body of success may be any text; otherwise it is JSON, or nothing
	Any     bool  // whatever is answered, somebody answers, which is all that matters
	// Read takes the answer of success while it arrives, unpacked and without a limit, in place of Answer.Body. It is
	// called again in another attempt. May be nil.
	Read func(io.Reader) error
	// Final says that trying the same again will not help, in spite of what attempt n failed with. May be nil.
	Final func(n int, e *Error) bool
}

// shown is the address without its query, which may hold a secret.
func (r Request) shown() string {
	address, _, _ := strings.Cut(r.URL, "?")
	return address
}

// MaxAnswer is how much of an answer's body is kept, in bytes. KAI's path answers with every item it stored.
const MaxAnswer = 1 << 20

// Answer is what came of a request: of its last attempt, as far as it came.
type Answer struct {
	Status   int // 0 when there was no answer
	Header   http.Header
	Body     []byte // at most MaxAnswer bytes; none when Request.Read took it
	Attempts int
	Sent     int64 // bytes of the request's content that the network took

	whole bool // Body is all there was
}

// receive takes an answer from the wire. The error tells that it broke off; what had arrived is kept too.
func (a *Answer) receive(body io.Reader) error {
	var err error
	a.Body, err = io.ReadAll(io.LimitReader(body, MaxAnswer+1))
	a.whole = len(a.Body) <= MaxAnswer
	a.Body = a.Body[:min(len(a.Body), MaxAnswer)]
	return err
}

// succeeded says whether the status is one that the request wants.
func (a *Answer) succeeded(r Request) bool {
	if len(r.Success) == 0 {
		return a.Status >= http.StatusOK && a.Status < http.StatusMultipleChoices
	}
	return slices.Contains(r.Success, a.Status)
}

// meant says whether it is an answer of who was asked. A status of success is not enough: sign-on pages have one too.
func (a *Answer) meant(r Request) bool {
	return a.succeeded(r) && (r.Text || len(bytes.TrimSpace(a.Body)) == 0 || a.isJSON())
}

// isJSON judges a body that is too large to be looked at by how it begins.
func (a *Answer) isJSON() bool {
	if a.whole {
		return json.Valid(a.Body)
	}
	first := bytes.TrimSpace(a.Body)[:1]
	return first[0] == '{' || first[0] == '['
}
