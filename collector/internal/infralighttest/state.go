package infralighttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// state is what the service knows of a run.
type state struct {
	tokens   map[string]bool
	fetching string
	reached  int             // the index of the step in order that was reached
	missed   map[string]bool // bodies of pages that were not taken, as step and sum
	taken    map[string]bool // those that were
	items    map[string][]json.RawMessage
	types    int // of the first page of releases
	locked   bool
	told     map[string]any
}

func newState() state {
	return state{tokens: map[string]bool{}, missed: map[string]bool{}, taken: map[string]bool{}, items: map[string][]json.RawMessage{}}
}

// order is that of the steps after the login, which may come again at any time.
func order() []string { return []string{Start, Helm, Tree, Objects, Lock, Metadata} }

// miss notes a page that was not taken, and has to come again.
func (s *Service) miss(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Step == Helm || r.Step == Tree || r.Step == Objects {
		s.state.missed[r.Step+r.SHA256] = true
	}
}

// take judges a request, and takes what it brings.
func (s *Service) take(req *http.Request, r *Request, coding error) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Step == "" {
		return refuse(http.StatusNotFound, "nothing is at %s %s", req.Method, req.URL.Path)
	}
	if a := s.header(req, r, coding); a.status != 0 {
		return a
	}
	switch r.Step {
	case Login:
		return s.login(r.Body)
	case Start:
		return s.start(req)
	}
	if a := s.inOrder(req, r); a.status != 0 {
		return a
	}
	switch r.Step {
	case Lock:
		return s.lock(r.Body)
	case Metadata:
		return s.metadata(r.Body)
	}
	return s.page(r)
}

// header judges everything but the body.
func (s *Service) header(req *http.Request, r *Request, coding error) answer {
	method := map[string]string{Start: http.MethodGet, Lock: http.MethodPatch}[r.Step]
	if method == "" {
		method = http.MethodPost
	}
	token, isBearer := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	compressed := req.Header.Get("Content-Encoding") != ""
	switch {
	case req.Method != method:
		return refuse(http.StatusMethodNotAllowed, "%s is not the method of %s", req.Method, r.Step)
	case r.Step == Login && req.Header.Get("Authorization") != "":
		return refuse(http.StatusBadRequest, "a login with a token")
	case r.Step != Login && (!isBearer || !s.state.tokens[token]):
		return refuse(http.StatusUnauthorized, "no token that is known")
	case req.Header.Get("User-Agent") == "" || strings.HasPrefix(req.Header.Get("User-Agent"), "Go-http-client"):
		return refuse(http.StatusBadRequest, "no user agent")
	case r.Step == Start && (req.ContentLength != 0 || compressed):
		return refuse(http.StatusBadRequest, "a start has no body")
	case r.Step == Start:
		return answer{}
	case req.ContentLength < 0:
		return refuse(http.StatusLengthRequired, "no Content-Length")
	case req.Header.Get("Content-Type") != "application/json":
		return refuse(http.StatusUnsupportedMediaType, "Content-Type %q", req.Header.Get("Content-Type"))
	case compressed == (r.Step == Login):
		return refuse(http.StatusBadRequest, "Content-Encoding %q: all but the login are compressed", req.Header.Get("Content-Encoding"))
	case coding != nil:
		return refuse(http.StatusBadRequest, "%s", coding)
	case r.Step != Login && r.Step != Start && !s.named(req):
		return refuse(http.StatusNotFound, "query %q", req.URL.RawQuery)
	}
	return answer{}
}

// named reports whether a request names the integration and nothing else.
func (s *Service) named(req *http.Request) bool {
	query := req.URL.Query()
	if s.options.Old {
		return len(query) == 0
	}
	return len(query) == 1 && query.Get("integrationId") == s.options.Integration
}

// strictly decodes a document that has these members and no others.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	return nil
}

func (s *Service) login(body []byte) answer {
	var keys struct {
		Access string `json:"accessKey"`
		Secret string `json:"secretKey"`
	}
	if err := strictly(body, &keys); err != nil {
		return refuse(http.StatusBadRequest, "login: %s", err)
	}
	o := s.options
	if o.AccessKey != "" && (keys.Access != o.AccessKey || keys.Secret != o.SecretKey) {
		return refuse(http.StatusUnauthorized, "unknown keys")
	}
	token := fmt.Sprintf("eyJhbGciOiJub25lIn0.t0ken-%d.x_-~+/==", len(s.state.tokens)+1)
	s.state.tokens[token] = true
	lasts := o.Lasts
	if lasts == nil {
		lasts = 86400
	}
	text, err := json.Marshal(map[string]any{"access_token": token, "expires_in": lasts, "token_type": "Bearer"})
	if err != nil {
		return refuse(http.StatusInternalServerError, "%s", err)
	}
	return answer{status: http.StatusOK, body: string(text)}
}

var objectID = regexp.MustCompile(`^[0-9a-f]{24}$`)

func (s *Service) start(req *http.Request) answer {
	query, o := req.URL.Query(), s.options
	known := []string{"clusterUniqueId", "fetchingId", "getIntegrationId", "overrideUniqueClusterId"}
	for name := range maps.Keys(query) {
		if !slices.Contains(known, name) {
			return refuse(http.StatusBadRequest, "query %q", name)
		}
	}
	cluster := strings.Split(strings.TrimSuffix(req.URL.Path, "/fetching"), "/k8s/")
	override := query.Get("overrideUniqueClusterId")
	switch {
	case o.Cluster != "" && cluster[len(cluster)-1] != o.Cluster:
		return refuse(http.StatusNotFound, "no integration of the cluster %q", cluster[len(cluster)-1])
	case !objectID.MatchString(query.Get("fetchingId")):
		return refuse(http.StatusBadRequest, "fetchingId %q is no ObjectId", query.Get("fetchingId"))
	case query.Get("clusterUniqueId") == "":
		return refuse(http.StatusBadRequest, "no clusterUniqueId")
	case query.Get("getIntegrationId") != "true":
		return refuse(http.StatusBadRequest, "getIntegrationId is not true")
	case override != "" && override != "1":
		return refuse(http.StatusBadRequest, "overrideUniqueClusterId %q", override)
	case o.ClusterUID != "" && query.Get("clusterUniqueId") != o.ClusterUID && override == "":
		return refuse(http.StatusConflict, "another cluster is known by this name")
	case s.state.fetching != "" && s.state.fetching != query.Get("fetchingId"):
		return refuse(http.StatusBadRequest, "a second fetching")
	}
	s.state.fetching = query.Get("fetchingId")
	if o.Old {
		return answer{status: http.StatusNoContent}
	}
	return answer{status: http.StatusOK, body: fmt.Sprintf("%q", fmt.Sprintf("%s,%t", o.Integration, o.Trees))}
}

// inOrder judges whether a step may come now.
func (s *Service) inOrder(req *http.Request, r *Request) answer {
	step := slices.Index(order(), r.Step)
	switch {
	case s.state.fetching == "":
		return refuse(http.StatusBadRequest, "%s before the start", r.Step)
	case r.Step == Metadata && s.options.Old:
		return refuse(http.StatusNotFound, "nothing is at %s", req.URL.Path)
	case r.Step == Metadata: // also after a failure
		return answer{}
	case s.state.locked && r.Step != Lock:
		return refuse(http.StatusConflict, "%s after the lock", r.Step)
	case step < s.state.reached:
		return refuse(http.StatusBadRequest, "%s after %s", r.Step, order()[s.state.reached])
	case r.Step != Helm && s.state.reached < slices.Index(order(), Helm):
		return refuse(http.StatusBadRequest, "%s before the types", r.Step)
	case r.Step == Tree && !s.options.Trees && !s.options.Old:
		return refuse(http.StatusBadRequest, "trees, which were not asked for")
	}
	for missed := range s.state.missed {
		if !strings.HasPrefix(missed, r.Step) && !s.state.taken[missed] {
			return refuse(http.StatusConflict, "%s, and a page is missing that did not come again as it was", r.Step)
		}
	}
	return answer{}
}
