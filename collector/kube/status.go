package kube

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

// Bounds of what is read and of what is repeated from an answer in error.
const (
	maxStatusBody  = 64 << 10
	maxStatusWords = 4 << 10
)

// statusError is an answer other than 200, in the words of the server.
type statusError struct {
	Code       int
	Reason     metav1.StatusReason // empty when it was not an API server that answered
	Message    string
	Continue   string // of a 410: the token that goes on from the same key
	Cause      metav1.CauseType
	RetryAfter time.Duration // 0 when the server does not say
	Waited     time.Duration // from the request to the answer
}

func (e *statusError) Error() string {
	text := strconv.Itoa(e.Code)
	if name := http.StatusText(e.Code); name != "" {
		text += " " + name
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Code == http.StatusUpgradeRequired || e.Code == http.StatusHTTPVersionNotSupported {
		text += " (set kubernetes.http-version to 2 if it is a front end without HTTP/1.1)"
	}
	return text
}

// Unwrap tells what would help: other rights, or another time.
func (e *statusError) Unwrap() error {
	if e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden {
		return ErrRefused
	}
	return ErrUnavailable
}

// asStatus finds the answer of the server in an error.
func asStatus(err error) (*statusError, bool) { return errors.AsType[*statusError](err) }

// IsForbidden reports whether a server knows who asks, and does not grant the right.
func IsForbidden(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	return ok && status.Code == http.StatusForbidden
}

// IsNotFound reports whether the server does not know what was asked for: a type that is
// not served any more, or an object.
func IsNotFound(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	return ok && status.Code == http.StatusNotFound
}

// convertedFrom finds the version in which objects are stored, in the words of a server that
// could not have them converted (apiextensions-apiserver, webhook_converter.go).
var convertedFrom = regexp.MustCompile(`conversion webhook for (?:[^ /]*/)?([^ /,]+), Kind=`)

// StoredVersion is the version in which the objects of a type are stored, if an error is that
// of a conversion webhook: in this version they can be read without it.
func StoredVersion(err error) (version string, ok bool) {
	status, is := errors.AsType[*statusError](err)
	if !is || status.Code != http.StatusInternalServerError {
		return "", false
	}
	found := convertedFrom.FindStringSubmatch(status.Message)
	if found == nil {
		return "", false
	}
	return found[1], true
}

// temporary reports whether the same request may well succeed soon.
func (e *statusError) temporary() bool { return transport.Passes(e.Code) }

// readStatus makes an error of an answer. A Kubernetes API answers with a
// Status object; whatever stands in front of it may answer with anything.
func readStatus(resp *http.Response) *statusError {
	e := &statusError{Code: resp.StatusCode, RetryAfter: transport.RetryAfter(resp.Header)}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxStatusBody))
	if err != nil && len(body) == 0 {
		return e
	}
	if to, err := resp.Location(); err == nil && resp.StatusCode < http.StatusBadRequest {
		e.Message = fmt.Sprintf("a redirect to %s, which is not followed", printable(to.Scheme+"://"+to.Host))
		return e
	}
	status, ok := parseStatus(body)
	if !ok {
		e.Message = foreignWords(resp, string(body))
		return e
	}
	e.Reason, e.Message = status.Reason, printable(redact(status.Message, resp.Request))
	e.Continue = status.Continue
	if status.Details != nil && len(status.Details.Causes) > 0 {
		e.Cause = status.Details.Causes[0].Type
	}
	if e.RetryAfter == 0 && status.Details != nil {
		e.RetryAfter = max(0, time.Duration(status.Details.RetryAfterSeconds)*time.Second)
	}
	return e
}

// parseStatus decodes a Status in either encoding, told apart by their first bytes.
func parseStatus(body []byte) (*metav1.Status, bool) {
	status := new(metav1.Status)
	if raw, ok := wire.Unwrap(body); ok {
		return status, status.Unmarshal(raw) == nil
	}
	err := json.Unmarshal(body, status)
	return status, err == nil && status.Kind == "Status"
}

// foreignWords are those of a proxy, a load balancer or a sign-on: the message of
// what it sends as JSON, the title of a page, plain text as it is.
func foreignWords(resp *http.Response, body string) string {
	contentType := resp.Header.Get("Content-Type")
	said := transport.Said([]byte(body))
	switch {
	case said != "" && strings.HasPrefix(strings.TrimLeft(body, " \t\r\n\ufeff"), "<"):
		return fmt.Sprintf("a page says %.*q, which is not of a Kubernetes API", maxStatusWords, plaintext.Flat(redact(said, resp.Request)))
	case said != "":
		return printable(redact(said, resp.Request))
	case strings.HasPrefix(contentType, "text/plain"):
		return printable(redact(body, resp.Request))
	}
	return fmt.Sprintf("answered with %d bytes of type %.100q, not with words of a Kubernetes API", len(body), contentType)
}

// redact takes the credentials of a request out of what the server says to it. A
// server that tells them to the log of its client tells them to all who read it.
func redact(words string, request *http.Request) string {
	if request == nil {
		return words
	}
	_, shown, _ := strings.Cut(request.Header.Get("Authorization"), " ")
	login, password := loginIn(shown)
	return transport.NewRedactor(shown, login, password).Redact(words)
}

// loginIn is that of Basic credentials (RFC 7617) and its password, empty when
// they are others.
func loginIn(shown string) (login, password string) {
	decoded, err := base64.StdEncoding.DecodeString(shown)
	if err != nil {
		return "", ""
	}
	_, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", ""
	}
	return string(decoded), password
}

// printable makes one line of the words of others, safe to show and not too long.
func printable(words string) string { return plaintext.Cut(plaintext.Flat(words), maxStatusWords) }

// quoted is a name that another sent, between quotation marks.
func quoted(name []byte) string { return `"` + printable(wire.Text(name)) + `"` }

// errAnswer is an answer that arrived whole and makes no sense.
var errAnswer = errors.New("not the answer of a Kubernetes API")

// malformed marks an answer that arrived whole and makes no sense.
func malformed(err error) error {
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, errAnswer, err)
}
