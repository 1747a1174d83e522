package deliver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// maxAnswer is how much of an answer's body is looked at, in bytes. KAI's path answers with every item it stored.
const maxAnswer = 1 << 20

// answer is what came back, as far as it matters.
type answer struct {
	status int
	header http.Header
	body   []byte // at most maxAnswer bytes
	whole  bool   // body is all there was
}

// read takes an answer from the wire. The error tells that it broke off; what had arrived is returned too.
func read(resp *http.Response, body io.Reader) (*answer, error) {
	a := &answer{status: resp.StatusCode, header: resp.Header}
	var err error
	a.body, err = io.ReadAll(io.LimitReader(body, maxAnswer+1))
	a.whole = len(a.body) <= maxAnswer
	a.body = a.body[:min(len(a.body), maxAnswer)]
	return a, err
}

// delivered says whether a body was taken over. A status of success is not enough: sign-on pages have one too.
func (a *answer) delivered(lenient bool) bool {
	return a.succeeded(lenient) && (len(bytes.TrimSpace(a.body)) == 0 || a.isJSON())
}

// succeeded leaves out the statuses of success that make no sense after a POST, such as a partial or foreign content,
// unless it is lenient.
func (a *answer) succeeded(lenient bool) bool {
	if lenient {
		return a.status >= http.StatusOK && a.status < http.StatusMultipleChoices
	}
	switch a.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return true
	}
	return false
}

// isJSON judges a body that is too large to be looked at by how it begins.
func (a *answer) isJSON() bool {
	if a.whole {
		return json.Valid(a.body)
	}
	first := bytes.TrimSpace(a.body)[:1]
	return first[0] == '{' || first[0] == '['
}
