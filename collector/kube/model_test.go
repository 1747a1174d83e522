package kube

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// changing is a cluster that changes between any two requests. It lists as an API
// server does: in pages, the tokens of which hold the version of the first, until
// that is compacted and a 410 brings a token for the same key at the latest
// version. Answers break off at any byte. It is driven by a seed alone.
type changing struct {
	t        *testing.T
	seed     uint64
	random   *rand.Rand
	encoding wire.Encoding
	last     bool                  // the metadata comes after the objects
	repeats  bool                  // a page may begin with the last object of the one before
	compare  func(a, b string) int // of keys
	faults   int                   // that are still to come
	versions []contents            // one for each version, the latest last
	floor    int                   // the oldest version that was not compacted
	uids     int
	names    []string // of namespaces and pods
	requests int
}

// contents are the pods of a version: UIDs by namespace and name. A namespace
// without pods is in it too.
type contents map[string]map[string]string

func (c contents) clone() contents {
	copied := make(contents, len(c))
	for namespace, pods := range c {
		copied[namespace] = maps.Clone(pods)
	}
	return copied
}

func newModel(t *testing.T, seed uint64, compare func(a, b string) int) *changing {
	m := &changing{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 1)), compare: compare, versions: []contents{{}},
		names: []string{"a", "a-b", "a-c", "ab", "b", "b-a", "ba", "c"},
	}
	m.encoding = []wire.Encoding{wire.Protobuf, wire.JSON}[seed%2]
	m.last, m.repeats = m.encoding == wire.JSON && m.oneIn(3), m.oneIn(3)
	m.faults = m.random.IntN(6)
	for range 4 + m.random.IntN(30) {
		m.change()
	}
	m.versions = m.versions[len(m.versions)-1:]
	return m
}

func (m *changing) latest() contents { return m.versions[len(m.versions)-1] }
func (m *changing) anyName() string  { return m.names[m.random.IntN(len(m.names))] }
func (m *changing) oneIn(n int) bool { return m.random.IntN(n) == 0 }

// change makes a version in which one thing is different.
func (m *changing) change() {
	c := m.latest().clone()
	namespace, name := m.anyName(), m.anyName()
	pods := c[namespace]
	switch {
	case pods == nil:
		c[namespace] = map[string]string{}
	case m.oneIn(12):
		delete(c, namespace)
	case pods[name] != "" && m.oneIn(2):
		delete(pods, name)
	default: // made, or deleted and made again
		m.uids++
		pods[name] = strconv.Itoa(m.uids)
	}
	m.versions = append(m.versions, c)
}

// RoundTrip implements http.RoundTripper.
func (m *changing) RoundTrip(req *http.Request) (*http.Response, error) {
	m.requests++
	require.Less(m.t, m.requests, 2000, "a listing without an end")
	for range m.random.IntN(3) {
		m.change()
	}
	if m.oneIn(6) {
		m.floor = len(m.versions) - 1
	}
	path := strings.TrimPrefix(req.URL.Path, "/api/v1/")
	query := req.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	require.NoError(m.t, err)
	version, start, begun := len(m.versions)-1, "", false
	if token := query.Get("continue"); token != "" {
		number, key, _ := strings.Cut(token, " ")
		begun, start = true, key
		if number != "latest" {
			version, err = strconv.Atoi(number)
			require.NoError(m.t, err)
		}
		if version < m.floor {
			return m.gone(start), nil
		}
	}
	items := m.list(path, version)
	before := 0
	if m.repeats && limit > 1 && m.oneIn(2) {
		before = -1
	}
	items = slices.DeleteFunc(items, func(i item) bool { return begun && m.compare(i.key, start) <= before })
	meta := metav1.ListMeta{ResourceVersion: strconv.Itoa(version + 1)}
	if len(items) > limit {
		items = items[:limit]
		meta.Continue = fmt.Sprintf("%d %s", version, items[limit-1].key)
	}
	return m.answer(path, meta, items), nil
}

// item is an object with the key that it is listed by.
type item struct{ key, namespace, name, uid string }

// list returns what is at a path, in the order of the server.
func (m *changing) list(path string, version int) []item {
	var items []item
	only, podsOfOne := strings.CutPrefix(strings.TrimSuffix(path, "/pods"), "namespaces/")
	for namespace, pods := range m.versions[version] {
		if path == "namespaces" {
			items = append(items, item{namespace, "", namespace, "uid of " + namespace})
			continue
		}
		if podsOfOne && namespace != only {
			continue
		}
		for name, uid := range pods {
			items = append(items, item{namespace + "/" + name, namespace, name, uid})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return m.compare(a.key, b.key) })
	return items
}

func (m *changing) gone(start string) *http.Response {
	body, err := json.Marshal(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, ListMeta: metav1.ListMeta{Continue: "latest " + start},
		Status: metav1.StatusFailure, Reason: metav1.StatusReasonExpired, Code: http.StatusGone,
	})
	require.NoError(m.t, err)
	return answerWith(http.StatusGone, wire.JSON, body)
}

func (m *changing) answer(path string, meta metav1.ListMeta, items []item) *http.Response {
	var body []byte
	if path == "namespaces" {
		list := corev1.NamespaceList{TypeMeta: metav1.TypeMeta{Kind: "NamespaceList", APIVersion: "v1"}, ListMeta: meta}
		for _, i := range items {
			list.Items = append(list.Items, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: i.name, UID: types.UID(i.uid)}})
		}
		body = podtest.Encoded(m.t, m.encoding, &list)
	} else {
		var pods []corev1.Pod
		for _, i := range items {
			pods = append(pods, corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: i.namespace, Name: i.name, UID: types.UID(i.uid)}})
		}
		body = podtest.Page(m.t, m.encoding, meta, pods...)
	}
	if m.last {
		body = withMetadataLast(m.t, body)
	}
	response := answerWith(http.StatusOK, m.encoding, body)
	if m.faults > 0 && m.oneIn(3) {
		m.faults--
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:m.random.IntN(len(body))]), broken{}))
	}
	return response
}

// withMetadataLast is a list as servers write it that are not written in Go.
func withMetadataLast(t *testing.T, list []byte) []byte {
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(list, &members))
	body, err := json.Marshal(struct {
		Kind     json.RawMessage `json:"kind"`
		Items    json.RawMessage `json:"items"`
		Metadata json.RawMessage `json:"metadata"`
	}{members["kind"], members["items"], members["metadata"]})
	require.NoError(t, err)
	return body
}

// broken is the end of a connection.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// connection is a client of the model. What it does follows from the seed alone
// when one page is under way at a time.
func (m *changing) connection(inFlight int) *Cluster {
	opts := usual(1 + m.random.IntN(4))
	opts.PagesInFlight, opts.Workers = inFlight, 1
	c := over(m.t, m, opts)
	c.patient.first, c.patient.longest = 0, 0
	return c
}

// delivered are the pods of namespaces that ended whole.
func delivered(r *recorder) contents {
	c := contents{}
	for namespace := range r.over {
		c[namespace] = map[string]string{}
	}
	for i := range r.pods {
		p := &r.pods[i]
		if _, whole := r.over[p.Namespace]; whole {
			_, twice := c[p.Namespace][p.Name]
			require.False(r.t, twice, "%s/%s came twice", p.Namespace, p.Name)
			c[p.Namespace][p.Name] = p.UID
		}
	}
	return c
}

// check compares what was delivered as whole with what there was while it was read.
func (m *changing) check(r *recorder) {
	got := delivered(r)
	during := m.versions
	for namespace, pods := range got {
		was := func(c contents) bool { return maps.Equal(c[namespace], pods) }
		require.True(m.t, slices.ContainsFunc(during, was), "seed %d: %s never was as it was delivered: %v, but %v", m.seed, namespace, pods, during)
	}
	for namespace, pods := range during[0] {
		for name, uid := range pods {
			gone := func(c contents) bool { return c[namespace][name] != uid }
			if r.gaps[namespace] == nil && !slices.ContainsFunc(during, gone) {
				require.Equal(m.t, uid, got[namespace][name], "seed %d: %s/%s was there all the time and is missing", m.seed, namespace, name)
			}
		}
	}
}

// withoutMarks leaves letters alone.
var withoutMarks = strings.NewReplacer("-", "", "/", "")

// collated compares as a database does with the collation of a language: letters
// first, and what is between them only where they are the same.
func collated(a, b string) int {
	return cmp.Or(cmp.Compare(withoutMarks.Replace(a), withoutMarks.Replace(b)), cmp.Compare(a, b))
}

// TestNamespacesAreDeliveredAsTheyWere reads clusters that change, break and
// forget while they are read.
func TestNamespacesAreDeliveredAsTheyWere(t *testing.T) {
	t.Parallel()
	const cases = 1500
	for name, c := range map[string]struct {
		compare  func(a, b string) int
		inFlight int
	}{
		"in the order of bytes":      {strings.Compare, 1},
		"pages that overlap":         {strings.Compare, 2},
		"in the order of a language": {collated, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gaps, namespaces := 0, 0
			for seed := range uint64(cases) {
				m := newModel(t, seed, c.compare)
				r := m.readAll(c.inFlight)
				m.check(r)
				namespaces += len(r.over)
				gaps += len(r.gaps)
			}
			require.Greater(t, namespaces, cases)
			require.Less(t, gaps, namespaces/50, "namespaces that were divided, each time")
			t.Logf("%d namespaces were read as they were, %d never came at one moment", namespaces, gaps)
		})
	}
}

// TestOrderIsNotReliedOnAcrossMoments: seeds of which one namespace was delivered in
// part, because a later moment began between two of its pods in the order of a
// language, and nothing came out of order afterwards.
func TestOrderIsNotReliedOnAcrossMoments(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{11563, 11992, 14868, 15915, 37152, 37505} {
		m := newModel(t, seed, collated)
		m.check(m.readAll(1))
	}
}

// readAll reads as a run does.
func (m *changing) readAll(inFlight int) *recorder {
	c, r := m.connection(inFlight), newRecorder(m.t)
	listing, err := c.Pods(m.t.Context(), r)
	gaps := listing.Gaps
	if errors.Is(err, ErrUnordered) {
		r = newRecorder(m.t)
		_, gaps, err = c.PodsIn(m.t.Context(), m.names, r)
	}
	require.NoError(m.t, err)
	r.requireDivided(gaps)
	return r
}

// requireDivided requires that what never came at one moment, and nothing else, is
// among the gaps.
func (r *recorder) requireDivided(gaps []inventory.Gap) {
	require.Len(r.t, gaps, len(r.gaps))
	for _, gap := range gaps {
		require.ErrorIs(r.t, gap.Cause, errDivided)
		require.NotNil(r.t, r.gaps[gap.Namespace])
	}
}

func TestNamedNamespacesAreDeliveredAsTheyWere(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1500) {
		m := newModel(t, seed, []func(a, b string) int{strings.Compare, collated}[seed/2%2])
		r := newRecorder(t)
		_, gaps, err := m.connection(1).PodsIn(t.Context(), m.names, r)
		require.NoError(t, err, "seed %d", seed)
		r.requireDivided(gaps)
		require.Len(t, r.over, len(m.names)-len(gaps))
		m.check(r)
	}
}

func TestListedNamespacesAreAllThatWereThereAllTheTime(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1500) {
		m := newModel(t, seed, []func(a, b string) int{strings.Compare, collated}[seed/2%2])
		all, _, err := m.connection(1).Namespaces(t.Context())
		require.NoError(t, err, "seed %d", seed)
		got := map[string]bool{}
		for _, ns := range all {
			require.False(t, got[ns.Name], "seed %d: %s came twice", seed, ns.Name)
			got[ns.Name] = true
		}
		for namespace := range m.versions[0] {
			gone := func(c contents) bool { return c[namespace] == nil }
			require.True(t, got[namespace] || slices.ContainsFunc(m.versions, gone), "seed %d: %s is missing", seed, namespace)
		}
	}
}
