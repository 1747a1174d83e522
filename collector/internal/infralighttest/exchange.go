package infralighttest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answer is what is said to a request.
type answer struct {
	status int
	body   string
	reason string // of a refusal
}

func refuse(status int, format string, args ...any) answer {
	reason := fmt.Sprintf(format, args...)
	text, err := json.Marshal(map[string]string{"message": reason})
	if err != nil {
		return answer{status: status, reason: reason}
	}
	return answer{status: status, body: string(text), reason: reason}
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return // whoever sent it gave up
	}
	sum := sha256.Sum256(raw)
	r := Request{Step: stepOf(req), Method: req.Method, Path: req.URL.Path, Header: req.Header.Clone(), SHA256: hex.EncodeToString(sum[:])}
	plain, coding := unpack(req, raw)
	r.Body = plain
	f, faulty := s.fault(r.Step)
	switch {
	case !faulty:
		s.settle(w, r, s.take(req, &r, coding))
	case f.Kind == Lost:
		a := s.take(req, &r, coding)
		r.Reason = a.reason
		s.note(r)
		panic(http.ErrAbortHandler)
	case f.Kind == Cut:
		s.miss(r)
		s.note(r)
		panic(http.ErrAbortHandler)
	default:
		s.miss(r)
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		s.settle(w, r, answer{status: f.Status, body: f.said(req, plain)})
	}
}

// said is the body of the answer.
func (f Fault) said(req *http.Request, plain []byte) string {
	if !f.Echo {
		return f.Body
	}
	text, err := json.Marshal(map[string]string{"message": req.Header.Get("Authorization") + " " + string(plain)})
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// settle notes a request and answers it, in this order: who has the answer finds the note.
func (s *Service) settle(w http.ResponseWriter, r Request, a answer) {
	r.Status, r.Reason = a.status, a.reason
	s.note(r)
	if strings.HasPrefix(a.body, "<") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	} else if a.body != "" {
		w.Header().Set("Content-Type", "application/json")
	}
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body) // who asked may be gone
}

func (s *Service) note(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

// stepOf is the step that a request is of, empty for none.
func stepOf(req *http.Request) string {
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	n := len(parts)
	switch {
	case strings.HasSuffix(req.URL.Path, "/account/access_keys/login"):
		return Login
	case n >= 4 && parts[n-1] == "fetching" && parts[n-4] == "integrations" && parts[n-3] == "k8s":
		if req.Method == http.MethodPatch {
			return Lock
		}
		return Start
	case n >= 5 && parts[n-2] == "fetching" && parts[n-5] == "integrations" && parts[n-4] == "k8s":
		switch step := parts[n-1]; step {
		case Helm, Tree, Objects, Metadata:
			return step
		}
	}
	return ""
}

// unpack decodes a body, which is one member of gzip where it is compressed.
func unpack(req *http.Request, raw []byte) ([]byte, error) {
	switch coding := req.Header.Get("Content-Encoding"); coding {
	case "":
		return raw, nil
	case "gzip":
		in := bytes.NewReader(raw)
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip: %w", err)
		}
		plain.Multistream(false)
		text, err := io.ReadAll(plain)
		if err == nil && in.Len() > 0 {
			err = errors.New("something follows the member of gzip")
		}
		return text, err
	default:
		return nil, fmt.Errorf("an unknown Content-Encoding %q", coding)
	}
}
