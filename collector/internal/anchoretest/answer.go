package anchoretest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

const loginPage = `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form action="/login" method="post"><input name="user"><input name="password" type="password"></form></body></html>
`

// answer is an HTTP answer before it is written.
type answer struct {
	status     int
	kind       string // Content-Type; empty without a body
	body       []byte
	retryAfter string
	location   string
	accept     string // Accept-Encoding, with 415
	accepted   bool   // a report was taken in
	reason     string // why not, for the record
}

func (a answer) header(h http.Header) {
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	if len(a.body) > 0 {
		set("Content-Type", a.kind)
	}
	set("Retry-After", a.retryAfter)
	set("Location", a.location)
	set("Accept-Encoding", a.accept)
}

func (a answer) write(w http.ResponseWriter) {
	a.header(w.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone; there is nobody to tell
}

// writeHalf promises more than it writes, then cuts the connection.
func (a answer) writeHalf(w http.ResponseWriter) {
	const promised = 512
	body := a.body
	if len(body) == 0 {
		body = []byte(`{"items": [`)
	}
	a.header(w.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+promised))
	w.WriteHeader(a.status)
	_, _ = w.Write(body[:(len(body)+1)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// content is an answer with a JSON body.
func content(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return failure("", http.StatusInternalServerError, err.Error())
	}
	return answer{status: status, kind: "application/json", body: body}
}

// problem is a refusal by the framework, before the service's own code runs (RFC 7807 as Connexion writes it).
func problem(status int, detail string) answer {
	a := content(status, map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "detail": detail, "status": status,
	})
	a.kind = "application/problem+json"
	a.reason = detail
	return a
}

// failure is an error of the service itself; v1 and v2 have a format each.
func failure(path string, status int, message string) answer {
	body := map[string]any{
		"code": status, "error_type": strings.ReplaceAll(http.StatusText(status), " ", ""),
		"message": message, "detail": map[string]any{},
	}
	if strings.Contains(path, "/v1/") {
		body = map[string]any{"httpcode": status, "message": message, "detail": map[string]any{}}
	}
	a := content(status, body)
	a.reason = message
	return a
}

// words are what the service says with a status when nothing better is known.
func words(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusForbidden:
		return "Not authorized. Requires permissions: domain=admin action=syncInventory target="
	case http.StatusTooManyRequests:
		return "Too many requests. Slow down"
	}
	return http.StatusText(status)
}
