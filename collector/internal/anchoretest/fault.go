package anchoretest

import (
	"net/http"
	"slices"
	"strings"
)

// FaultKind is the way in which a request goes wrong.
type FaultKind int

const (
	// Answer answers with Fault.Status instead of what the service would say.
	Answer FaultKind = iota
	// Pass lets a request through: a step in a script where nothing goes wrong.
	Pass
	// Cut closes the connection without an answer.
	Cut
	// CutAnswer closes the connection in the middle of the answer.
	CutAnswer
	// Hang never answers. It ends when the client leaves or the Receiver is closed; a client that leaves in the middle
	// of its body is not noticed with Early.
	Hang
	// Slow reads the body at Fault.BytesPerSecond and then goes on as if nothing had happened.
	Slow
)

// Fault is one step of a script: what happens to one request. Except for Pass and Slow the report is not accepted.
type Fault struct {
	Kind FaultKind
	// On limits the step to requests whose path ends so ("/version"); when empty it waits for the next POST.
	On string
	// Early makes it happen before the body is read.
	Early bool

	// Status is that of Answer and CutAnswer; CutAnswer takes 201 for zero.
	Status int
	// RetryAfter is the header of that name: seconds, or an HTTP date (RFC 9110 section 10.2.3).
	RetryAfter string
	// Location is where a redirect points.
	Location string
	// Body is the answer's body, of type ContentType. When empty, Anchore's own words for Status.
	Body, ContentType string

	// BytesPerSecond is the speed of Slow.
	BytesPerSecond int
}

// LoginPage is what a single sign-on proxy in front of the service says to a robot: success, in HTML.
func LoginPage() Fault {
	return Fault{Status: http.StatusOK, ContentType: "text/html; charset=utf-8", Body: loginPage}
}

// Fail appends steps to the script. Each request takes the first step that is meant for it.
func (r *Receiver) Fail(script ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script = append(r.script, script...)
}

// FailNext appends the same step n times.
func (r *Receiver) FailNext(n int, f Fault) {
	r.Fail(slices.Repeat([]Fault{f}, n)...)
}

// PendingFaults says how many steps of the script no request has taken yet.
func (r *Receiver) PendingFaults() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.script)
}

// nextFault takes the step meant for a request off the script; Pass when there is none.
func (r *Receiver) nextFault(req *http.Request) Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.script, func(f Fault) bool { return f.meant(req) })
	if i < 0 {
		return Fault{Kind: Pass}
	}
	f := r.script[i]
	r.script = slices.Delete(r.script, i, i+1)
	return f
}

func (f Fault) meant(req *http.Request) bool {
	if f.On == "" {
		return req.Method == http.MethodPost
	}
	return strings.HasSuffix(req.URL.Path, f.On)
}

// answer is what f says, in the format of the API that was addressed.
func (f Fault) answer(path string) answer {
	status := f.Status
	if status == 0 {
		status = http.StatusCreated
	}
	a := answer{status: status, kind: f.ContentType, body: []byte(f.Body), reason: "fault"}
	if f.Body == "" && status >= http.StatusBadRequest {
		a = failure(path, status, words(status))
	}
	if a.kind == "" {
		a.kind = "application/json"
	}
	a.retryAfter, a.location = f.RetryAfter, f.Location
	return a
}
