package programtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// object is an object of the API as a test writes it.
type object map[string]any

// scriptedServer answers each path with what a function says, which is told how
// often the path was asked for before. A body that is cut breaks the connection.
type scriptedServer struct {
	mu    sync.Mutex
	asked map[string]int
	paths map[string]func(before int, r *http.Request) reply
}

// reply is an answer; only the part of it up to a text is sent, if one is given.
type reply struct {
	code int // 0: 200
	body any
	upTo string
}

// text is the body as it is sent.
func (r reply) text() ([]byte, error) {
	if raw, ok := r.body.(rawText); ok {
		return []byte(raw), nil
	}
	return json.Marshal(r.body)
}

// rawText is a body that is sent as it is, JSON or not.
type rawText string

func (s *scriptedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := s.paths[r.URL.Path]
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	key := r.URL.Path
	if r.URL.Query().Get("limit") == "1" {
		key += " in preflight"
	}
	before := s.asked[key]
	s.asked[key]++
	s.mu.Unlock()
	a := answer(before, r)
	text, err := a.text()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	w.WriteHeader(max(a.code, http.StatusOK))
	if before, _, found := strings.Cut(string(text), a.upTo); found && a.upTo != "" {
		_, _ = w.Write([]byte(before))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(text)
}

// serve starts it, and returns a kubeconfig for it.
func (s *scriptedServer) serve(t *testing.T) string {
	t.Helper()
	s.asked = map[string]int{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Config","current-context":"c",
		"clusters":[{"name":"c","cluster":{"server":%q}}],"users":[{"name":"u","user":{}}],
		"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}]}`, server.URL), 0o600))
	return path
}

func listOf(kind, version string, items ...object) object {
	if items == nil {
		items = []object{}
	}
	return object{"kind": kind, "apiVersion": "v1", "metadata": object{"resourceVersion": version}, "items": items}
}

func uidOf(text string) string {
	return fmt.Sprintf("%08x-0000-4000-8000-000000000000", []byte(text)[:min(len(text), 4)])
}

func namespaceObject(name string) object {
	return object{"metadata": object{"name": name, "uid": uidOf(name)}}
}

func podObject(namespace, name string) object {
	return object{
		"metadata": object{"name": name, "namespace": namespace, "uid": uidOf(name)},
		"spec":     object{"containers": []object{{"name": "c", "image": "nginx:1.27"}}},
		"status":   object{"phase": "Running"},
	}
}

// answers gives the same answer.
func answers(body any) func(int, *http.Request) reply {
	return func(int, *http.Request) reply { return reply{body: body} }
}

// usualPaths are those of a cluster that does not matter beyond its pods.
func usualPaths(namespaces []string, pods ...object) map[string]func(int, *http.Request) reply {
	var all []object
	for _, name := range namespaces {
		all = append(all, namespaceObject(name))
	}
	return map[string]func(int, *http.Request) reply{
		"/version":           answers(object{"major": "1", "minor": "36"}),
		"/api/v1/nodes":      answers(listOf("NodeList", "100")),
		"/api/v1/namespaces": answers(listOf("NamespaceList", "100", all...)),
		"/api/v1/pods":       answers(listOf("PodList", "110", pods...)),
	}
}

// nativeBody is what tests look at in a native body.
type nativeBody struct {
	Run struct {
		Complete    bool
		Consistency string
	}
	Gaps       []struct{ Source, Reason string }
	Namespaces []struct {
		Name string
		Pods int
	}
	Pods []struct{ Namespace, Name string }
}

func (b *nativeBody) namespaces() []string {
	var names []string
	for _, ns := range b.Namespaces {
		names = append(names, ns.Name)
	}
	return names
}

func (b *nativeBody) pods() []string {
	var names []string
	for _, p := range b.Pods {
		names = append(names, p.Namespace+"/"+p.Name)
	}
	return names
}

// printed runs the program against the server and reads the native body.
func (s *scriptedServer) printed(t *testing.T, settings ...string) (outcome, nativeBody) {
	t.Helper()
	args := []string{"-dry-run", "-external", s.serve(t), "-set", "output-kind=stocktake"}
	for _, setting := range settings {
		args = append(args, "-set", setting)
	}
	got := inside(t, call{args: args, env: []string{"CLUSTER_ID=prod"}})
	var body nativeBody
	if got.stdout != "" {
		assert.NoError(t, json.Unmarshal([]byte(got.stdout), &body), got.stdout)
	}
	return got, body
}
