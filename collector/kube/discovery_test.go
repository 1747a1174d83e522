package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded is what a real server said: of 1.36, or of 1.28 with v2beta1. Both have four
// CRDs, one with a kind of list of its own, and an APIService that nobody is behind.
func recorded(t testing.TB, version, path string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/discovery/v" + version + "-" + path + ".json")
	require.NoError(t, err)
	return text
}

// discoveryServer tells which types there are in one of the ways in which servers do.
type discoveryServer struct {
	t      *testing.T
	newest string            // version of the aggregated documents that it has, empty for none
	refuse int               // status for an Accept header that names them, 0 to answer in plain JSON
	docs   map[string][]byte // aggregated documents by path
	script map[string]http.HandlerFunc

	mu   sync.Mutex
	seen []string
}

func (s *discoveryServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, accept := strings.Trim(r.URL.Path, "/"), r.Header.Get("Accept")
	s.mu.Lock()
	s.seen = append(s.seen, path)
	s.mu.Unlock()
	if answer := s.script[path]; answer != nil {
		answer(w, r)
		return
	}
	aggregated := s.newest != "" && strings.Contains(accept, ";v="+s.newest+";as=APIGroupDiscoveryList")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case s.refuse != 0 && strings.Contains(accept, "as="):
		w.WriteHeader(s.refuse)
	case aggregated && s.docs[path] != nil:
		_, _ = w.Write(s.docs[path])
	default:
		s.plain(w, path)
	}
}

// plain answers as servers before 1.27 do, with what the aggregated documents say.
func (s *discoveryServer) plain(w http.ResponseWriter, path string) {
	root, rest, deep := strings.Cut(path, "/")
	groups, _, err := readGroups(s.docs[root])
	if err != nil {
		s.t.Error(err)
	}
	switch {
	case !deep && root == "api":
		_, _ = w.Write([]byte(`{"kind":"APIVersions","versions":["v1"]}`))
	case !deep:
		_, _ = w.Write(plainGroups(groups))
	default:
		i := slices.IndexFunc(groups, func(v GroupVersion) bool { return v.Name() == rest })
		switch {
		case i < 0:
			w.WriteHeader(http.StatusNotFound)
		case groups[i].Stale != nil:
			http.Error(w, "service unavailable", http.StatusServiceUnavailable)
		default:
			_, _ = w.Write(plainTypes(groups[i]))
		}
	}
}

// plainGroups is an APIGroupList, in which the preferred version comes last.
func plainGroups(versions []GroupVersion) []byte {
	var groups []string
	of, preferred := map[string][]string{}, map[string]string{}
	for _, v := range versions {
		one := fmt.Sprintf(`{"groupVersion":%q,"version":%q}`, v.Name(), v.Version)
		if of[v.Group] == nil {
			groups, preferred[v.Group] = append(groups, v.Group), one
		}
		of[v.Group] = append([]string{one}, of[v.Group]...)
	}
	for i, g := range groups {
		groups[i] = fmt.Sprintf(`{"name":%q,"versions":[%s],"preferredVersion":%s}`, g, strings.Join(of[g], ","), preferred[g])
	}
	return []byte(`{"kind":"APIGroupList","apiVersion":"v1","groups":[` + strings.Join(groups, ",") + `]}`)
}

func plainTypes(v GroupVersion) []byte {
	types := []map[string]any{{"name": "pods/status", "kind": "Pod", "namespaced": true, "verbs": []string{"get"}}}
	for _, t := range v.Types {
		types = append(types, map[string]any{
			"name": t.Plural, "singularName": "", "kind": t.Kind, "namespaced": t.Namespaced, "verbs": t.Verbs, "shortNames": t.ShortNames,
		})
	}
	text, _ := json.Marshal(map[string]any{"kind": "APIResourceList", "groupVersion": v.Name(), "resources": types}) // of texts
	return text
}

func (s *discoveryServer) serve(t *testing.T) *Cluster {
	t.Helper()
	s.t = t
	return dial(t, frontOf(t, httptest.NewUnstartedServer(s)), usual(500))
}

func documents(t testing.TB, version string) map[string][]byte {
	t.Helper()
	return map[string][]byte{"api": recorded(t, version, "api"), "apis": recorded(t, version, "apis")}
}

// lines are a Discovered to compare with: one line for each type that is listed.
func (d Discovered) lines() (all []string) {
	for _, v := range d.Versions {
		if v.Stale != nil {
			all = append(all, v.Name()+" is stale")
		}
		for _, t := range v.Types {
			if t.Listable() {
				all = append(all, fmt.Sprintf("%s %s %s %s %v %t", v.Name(), t.Plural, t.Singular, t.Kind, t.ShortNames, t.Namespaced))
			}
		}
	}
	return all
}

// TestDiscoverSaysTheSameInEachForm: what a server has to say does not depend on the form
// in which it can, and two requests are enough for the newer ones.
func TestDiscoverSaysTheSameInEachForm(t *testing.T) {
	for name, test := range map[string]struct {
		server   *discoveryServer
		version  string
		requests int
	}{
		"1.36, v2":                                {&discoveryServer{newest: "v2"}, "1.36", 2},
		"1.28, v2beta1":                           {&discoveryServer{newest: "v2beta1"}, "1.28", 2},
		"1.25, plain":                             {&discoveryServer{}, "1.36", 2 + 31 + 1},
		"a front end that finds nothing":          {&discoveryServer{refuse: 404}, "1.36", 4 + 31 + 1},
		"one that takes no other media type":      {&discoveryServer{refuse: 406}, "1.28", 4 + 31 + 1},
		"one that takes an Accept for an attack":  {&discoveryServer{refuse: 400}, "1.28", 4 + 31 + 1},
		"one that takes it for a wrong parameter": {&discoveryServer{refuse: 415}, "1.28", 4 + 31 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			test.server.docs = documents(t, test.version)
			found, err := test.server.serve(t).Discover(t.Context(), false)
			require.NoError(t, err)

			want := Discovered{}
			for _, path := range []string{"api", "apis"} {
				versions, _, err := readGroups(test.server.docs[path])
				require.NoError(t, err)
				want.Versions = append(want.Versions, versions...)
			}
			lines := found.lines()
			assert.Equal(t, want.lines(), lines)
			assert.Contains(t, lines, "v1 pods pod Pod [po] true")
			assert.Contains(t, lines, "example.com/v1 gadgets gadget Gadget [gd] true")
			assert.Contains(t, lines, "metrics.example.net/v1beta1 is stale")
			assert.Len(t, test.server.seen, test.requests, "one more for a server behind an APIService that is asked twice")
			stale := found.Versions[slices.IndexFunc(found.Versions, func(v GroupVersion) bool { return v.Stale != nil })]
			require.ErrorIs(t, stale.Stale, ErrUnavailable)
		})
	}
}

// TestDiscoverSharesListings: the type of a discovered resource is the one that others
// want, so that they share one listing.
func TestDiscoverSharesListings(t *testing.T) {
	versions, plain, err := readGroups(recorded(t, "1.36", "api"))
	require.NoError(t, err)
	assert.False(t, plain)
	var all []Resource
	for _, of := range versions[0].Types {
		all = append(all, of.Resource)
	}
	assert.Contains(t, all, podResource())
	assert.Contains(t, all, Namespaces())

	found := Discovered{versions}
	assert.True(t, found.Serves(podResource()))
	assert.False(t, found.Serves(Resource{Version: "v2", Plural: "pods"}))
	assert.False(t, found.Serves(Core("bindings", "Binding", true)), "its objects cannot be listed")
}

// TestDiscoverPlainWithGroupsThatGo: a group may be deleted between two requests, which is
// no fault; one that stays listed and is not found is.
func TestDiscoverPlainWithGroupsThatGo(t *testing.T) {
	notFound := http.NotFound
	s := discoveryServer{docs: documents(t, "1.36"), script: map[string]http.HandlerFunc{"apis/example.com/v1": notFound, "apis/a.example.org/v1": notFound, "apis/b.example.org/v1": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}}}
	times := 0
	s.script["apis"] = func(w http.ResponseWriter, _ *http.Request) {
		all, _, err := readGroups(s.docs["apis"])
		assert.NoError(t, err)
		if times++; times > 1 {
			all = slices.DeleteFunc(all, func(v GroupVersion) bool { return v.Group == "example.com" })
		}
		_, _ = w.Write(plainGroups(all))
	}
	found, err := s.serve(t).Discover(t.Context(), false)
	require.NoError(t, err)
	assert.Equal(t, 2, times)
	stale := map[string]error{}
	for _, v := range found.Versions {
		if v.Stale != nil {
			stale[v.Name()] = v.Stale
		}
		assert.NotEqual(t, "example.com/v1", v.Name())
	}
	assert.Len(t, stale, 3)
	require.ErrorIs(t, stale["a.example.org/v1"], ErrUnavailable)
	require.ErrorContains(t, stale["a.example.org/v1"], "get /apis/a.example.org/v1: 404 Not Found")
	require.ErrorIs(t, stale["b.example.org/v1"], ErrRefused)
	require.ErrorContains(t, stale["metrics.example.net/v1beta1"], "503 Service Unavailable: service unavailable")
}

// TestDiscoverFails says what would mend it.
func TestDiscoverFails(t *testing.T) {
	answer := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	list := func(items string) http.HandlerFunc {
		return answer(200, `{"kind":"APIGroupDiscoveryList","items":[`+items+`]}`)
	}
	for name, test := range map[string]struct {
		api, apis http.HandlerFunc
		is        error
		says      string
		requests  int
	}{
		"refused":            {nil, answer(403, `{"kind":"Status","message":"no"}`), ErrRefused, "discover the types of objects: get /apis: 403 Forbidden: no", 2},
		"busy":               {nil, answer(429, ``), ErrUnavailable, "gave up after 4 attempts", 5},
		"not there":          {answer(404, ``), nil, ErrUnavailable, "get /api: 404 Not Found", 2},
		"a page":             {answer(200, `<html>`), nil, ErrUnavailable, "not the answer of a Kubernetes API", 1},
		"of another service": {answer(200, `{"kind":"List"}`), nil, ErrUnavailable, `"List" in the place of APIGroupDiscoveryList`, 1},
		"cut":                {answer(200, `{"kind":"APIGroupDiscoveryList","items":[{`), nil, ErrUnavailable, "unexpected end", 1},
		"nothing":            {list(``), list(``), ErrUnavailable, "not one type is served", 2},
		"a path for a group": {list(`{"metadata":{"name":"../../secrets?"},"versions":[{"version":"v1"}]}`), nil, ErrUnavailable, `a group "../../secrets?" with a version "v1"`, 1},
		"no version":         {list(`{"metadata":{"name":"a.b"},"versions":[{}]}`), nil, ErrUnavailable, `with a version ""`, 1},
		"too many objects":   {list(`{"versions":[{"version":"v1","resources":[` + strings.Repeat(`{},`, maxDiscoveryObjects) + `{}]}]}`), nil, ErrUnavailable, "more types than a cluster can have", 1},
		"too many verbs":     {list(`{"versions":[{"version":"v1","resources":[{"verbs":[` + strings.Repeat(`"",`, maxDiscoveryCommas) + `""]}]}]}`), nil, ErrUnavailable, "more types than a cluster can have", 1},
		"too much":           {list(strings.Repeat(" ", 17<<20)), nil, ErrUnavailable, "16777216 bytes are more types than a cluster can have", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := discoveryServer{newest: "v2", docs: documents(t, "1.36"), script: map[string]http.HandlerFunc{"api": test.api, "apis": test.apis}}
			found, err := s.serve(t).Discover(t.Context(), false)
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, test.says)
			assert.Empty(t, found.Versions)
			assert.Len(t, s.seen, test.requests)
		})
	}
}

// TestDiscoverHostileNames: a server behind an APIService names its types as it likes. Of
// what is no name neither an address nor a right is made, and nothing else suffers.
func TestDiscoverHostileNames(t *testing.T) {
	const document = `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"a.b"},"versions":[{"version":"v1","resources":[
		{"resource":"../../api/v1/secrets","responseKind":{"kind":"Thing"},"verbs":["list"]},
		{"resource":"things","responseKind":{"kind":"T\u001b[2Jhing"},"verbs":["list"]},
		{"resource":"things","responseKind":{"kind":"Other"},"verbs":["list"]},
		{"resource":"parents","responseKind":null,"verbs":["list"]},
		{"resource":"only-subresources","responseKind":{"kind":"Only"},"verbs":null},
		{"resource":"fine","responseKind":{"kind":"Fine"},"singularResource":"fi\nne","shortNames":["f","*"],"verbs":["list","*"]}
	]}]}]}`
	versions, _, err := readGroups([]byte(document))
	require.NoError(t, err)
	require.Len(t, versions, 1)
	types := versions[0].Types
	require.Len(t, types, 4)
	for i, says := range []string{
		`a.b/v1 has a type that is named "../../api/v1/secrets", of the kind "Thing", and no address is made of that`,
		`a.b/v1 has a type that is named "things", of the kind "T\x1b[2Jhing", and`, `named "parents", of the kind ""`,
	} {
		require.ErrorContains(t, types[i].Invalid, says)
		require.ErrorIs(t, types[i].Invalid, ErrUnavailable)
	}
	fine := types[3]
	require.NoError(t, fine.Invalid)
	assert.Equal(t, ObjectType{Resource: Resource{Group: "a.b", Version: "v1", Plural: "fine", Kind: "Fine"}, ShortNames: []string{"f"}, Verbs: []string{"list"}}, fine)
}

// TestDiscoverTellsWhoServes pages through the APIServices that are not the API server's
// own, over a token that expires.
func TestDiscoverTellsWhoServes(t *testing.T) {
	const name = `{"kind":"PartialObjectMetadataList","metadata":{"continue":%q},"items":[{"metadata":{"name":"v1.example.com"}},{"metadata":{"name":"v1beta1.example.com","labels":{%q:"true"}}}]}`
	const none = `{"kind":"PartialObjectMetadataList","metadata":{},"items":null}`
	const gone = `{"kind":"Status","code":410,"reason":"Expired","metadata":{"continue":"c"}}`
	s := discoveryServer{newest: "v2", docs: documents(t, "1.36")}
	var tokens []string
	s.script = map[string]http.HandlerFunc{"apis/apiregistration.k8s.io/v1/apiservices": func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		assert.Equal(t, "!"+automanaged, q.Get("labelSelector"))
		assert.Equal(t, "500", q.Get("limit"))
		assert.True(t, strings.HasPrefix(r.Header.Get("Accept"), "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"))
		tokens = append(tokens, q.Get("continue"))
		switch q.Get("continue") {
		case "":
			_, _ = fmt.Fprintf(w, name, "b", automanaged)
		case "b":
			w.WriteHeader(http.StatusGone)
			_, _ = w.Write([]byte(gone))
		case "c":
			_, _ = w.Write([]byte(none))
		}
	}}
	c := s.serve(t)
	found, err := c.Discover(t.Context(), true)
	require.NoError(t, err)
	assert.Equal(t, []string{"", "b", "c"}, tokens)
	var aggregated []string
	for _, v := range found.Versions {
		if v.Aggregated {
			aggregated = append(aggregated, v.Name())
		}
	}
	assert.Equal(t, []string{"example.com/v1"}, aggregated)

	s.script["apis/apiregistration.k8s.io/v1/apiservices"] = http.NotFound
	found, err = c.Discover(t.Context(), true)
	require.NoError(t, err, "without the aggregation layer no other server serves anything")
	assert.False(t, slices.ContainsFunc(found.Versions, func(v GroupVersion) bool { return v.Aggregated }))

	s.script["apis/apiregistration.k8s.io/v1/apiservices"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }
	_, err = c.Discover(t.Context(), true)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "list apiservices.apiregistration.k8s.io: 403 Forbidden")
}

// FuzzDiscovery reads documents: whatever they are, of each type that counts an address
// can be made, and its names are safe to print.
func FuzzDiscovery(f *testing.F) {
	for _, version := range []string{"1.28", "1.36"} {
		f.Add(recorded(f, version, "api"))
		f.Add(recorded(f, version, "apis"))
	}
	f.Add([]byte(`{"kind":"APIVersions","versions":["v1"]}`))
	f.Add([]byte(`{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}}]}`))
	f.Add([]byte(`{"kind":"APIResourceList","resources":[{"name":"a/b","kind":"A","verbs":["list"]}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		versions, _, err := readGroups(document)
		if err != nil {
			require.ErrorIs(t, err, ErrUnavailable)
		}
		one := GroupVersion{Version: "v1"}
		if one.readTypes(document) == nil {
			versions = append(versions, one)
		}
		for _, v := range versions {
			for _, of := range v.Types {
				if of.Invalid == nil {
					assert.Regexp(t, `^apis?(/[-a-zA-Z0-9._]+){2,3}$`, of.Path(""))
				}
				for _, name := range append([]string{of.Plural, of.Kind, of.Singular}, of.ShortNames...) {
					assert.NotRegexp(t, `[\x00-\x1f\x7f]`, name)
				}
			}
		}
	})
}

// TestDiscoverTwoThousandCRDs reads documents of 2,000 groups with three versions each:
// all types are there, and far from the bounds.
func TestDiscoverTwoThousandCRDs(t *testing.T) {
	t.Parallel()
	var document strings.Builder
	document.WriteString(`{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[`)
	for i := range 2000 {
		if i > 0 {
			document.WriteString(",")
		}
		fmt.Fprintf(&document, `{"metadata":{"name":"group-%04d.example.com","creationTimestamp":null},"versions":[`, i)
		for n, version := range []string{"v1", "v1beta1", "v1alpha1"} {
			if n > 0 {
				document.WriteString(",")
			}
			kind := fmt.Sprintf(`"responseKind":{"group":"group-%04d.example.com","version":%q,"kind":"Thing"}`, i, version)
			fmt.Fprintf(&document, `{"version":%q,"resources":[{"resource":"things",%s,"scope":"Namespaced","singularResource":"thing","verbs":["delete","deletecollection","get","list","patch","create","update","watch"],"shortNames":["th"],"categories":["all"],"subresources":[{"subresource":"status",%[2]s,"verbs":["get","patch","update"]},{"subresource":"scale",%[2]s,"verbs":["get","patch","update"]}]}],"freshness":"Current"}`, version, kind)
		}
		document.WriteString("]}")
	}
	document.WriteString("]}")
	text := []byte(document.String())
	assert.Less(t, len(text), 5<<20)
	assert.Less(t, 4*bytes.Count(text, []byte("{")), maxDiscoveryObjects)
	assert.Less(t, 4*bytes.Count(text, []byte(",")), maxDiscoveryCommas)
	versions, _, err := readGroups(text)
	require.NoError(t, err)
	assert.Len(t, Discovered{versions}.lines(), 6000)
}
