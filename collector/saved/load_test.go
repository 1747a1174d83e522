package saved

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// memory keeps what it visits, and checks what a visitor may rely on.
type memory struct {
	t     testing.TB
	pods  []inventory.Pod
	ended []string
}

func (m *memory) Pod(p *inventory.Pod) error {
	if slices.Contains(m.ended, p.Namespace) {
		assert.Failf(m.t, "a pod came after the end", "of namespace %s", p.Namespace)
	}
	kept := *p
	kept.Containers = slices.Clone(p.Containers)
	m.pods = append(m.pods, kept)
	return nil
}

func (m *memory) End(namespace string, gap *inventory.Gap) error {
	assert.Nil(m.t, gap)
	assert.NotContains(m.t, m.ended, namespace)
	m.ended = append(m.ended, namespace)
	return nil
}

func load(t testing.TB, file []byte, o payload.Options) (*Loaded, *memory) {
	t.Helper()
	m := &memory{t: t}
	loaded, err := Load(iotest.HalfReader(bytes.NewReader(file)), o, m)
	require.NoError(t, err)
	return loaded, m
}

// rebuild makes a body of what was loaded from another.
func rebuild(t testing.TB, file []byte, o payload.Options) []byte {
	t.Helper()
	o.IgnoreNotRunning, o.IgnoreEmpty = false, false // what was to be left out is not there any more
	loaded, m := load(t, file, o)
	head := payload.Head{
		Cluster: loaded.Name, ClusterUID: loaded.UID, Time: loaded.Collected, Server: loaded.Server,
		Namespaces: loaded.Namespaces, Nodes: loaded.Nodes,
	}
	b := newBuilder(t, loaded.Kind, head, o)
	rest := m.pods
	for _, namespace := range m.ended {
		for ; len(rest) > 0 && rest[0].Namespace == namespace; rest = rest[1:] {
			require.NoError(t, b.Pod(&rest[0]))
		}
		require.NoError(t, b.End(namespace, nil))
	}
	require.Empty(t, rest)
	outcome := inventory.Outcome{Complete: true}
	if loaded.Outcome != nil {
		outcome = *loaded.Outcome
	}
	bodies, err := b.Close(outcome)
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	return clustertest.ReadAll(t, bodies[0].Plain())
}

// Nothing that a body says gets lost or changed: built again from what was loaded, it
// is the same body.
func TestLoadGivesBackWhatTheBodyWasMadeFrom(t *testing.T) {
	t.Parallel()
	outcome := inventory.Outcome{
		Complete: true, Finished: time.Date(2026, 3, 4, 5, 7, 0, 0, time.UTC), Gaps: []inventory.Gap{{Source: "nodes", Reason: "<none>"}},
		Listing: inventory.Listing{ResourceVersion: "17", Consistency: inventory.Mixed, Pages: 3},
	}
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI, payload.Stocktake} {
		for _, o := range []payload.Options{{}, {IgnoreNotRunning: true}, {TagPolicy: payload.PolicyInsert, Tag: "NONE"}, {TagPolicy: payload.PolicyDrop}, {Registry: "mirror.example.com/hub"}} {
			body := closedBody(t, kind, o, clustertest.SmallPods(), outcome)
			plain := clustertest.ReadAll(t, body.Plain())
			assert.Equal(t, string(plain), string(rebuild(t, plain, o)), "%s %+v", kind, o)
			assert.Equal(t, string(plain), string(rebuild(t, clustertest.Indent(t, plain), o)), "indented: %s %+v", kind, o)
		}
		large := newCluster(3000, 7, 10).build(t, kind, payload.Options{})[0]
		assert.Equal(t, clustertest.ReadAll(t, large.Plain()), rebuild(t, clustertest.ReadAll(t, large.Gzip()), payload.Options{}), "%s", kind)
	}
}

// What the native body gives back are the records themselves.
func TestLoadOfANativeBodyIsTheInventory(t *testing.T) {
	t.Parallel()
	body := smallBody(t, payload.Stocktake, payload.Options{}, clustertest.SmallPods())
	loaded, m := load(t, clustertest.ReadAll(t, body.Gzip()), payload.Options{})

	want := slices.DeleteFunc(clustertest.SmallPods(), func(p inventory.Pod) bool { return p.Namespace == "late" })
	for i := range want {
		want[i].Containers = append([]inventory.Container(nil), want[i].Containers...)
	}
	assert.Equal(t, want, m.pods)
	head := smallHead()
	assert.Equal(t, head.Nodes, loaded.Nodes)
	assert.Equal(t, []inventory.Namespace{head.Namespaces[1], head.Namespaces[2], head.Namespaces[3], head.Namespaces[0]}, loaded.Namespaces)
	assert.Equal(t, []string{"team-a", "team-b", "no-uid", "empty"}, m.ended)
	assert.Equal(t, Loaded{
		Kind: payload.Stocktake, Outcome: loaded.Outcome, Cluster: inventory.Cluster{
			Name: "prod-1", Collected: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Server: head.Server,
			Namespaces: loaded.Namespaces, Nodes: loaded.Nodes,
		},
	}, *loaded)
	assert.True(t, loaded.Outcome.Complete)
}

func TestLoadVisitsNamespacesInTheOrderOfTheBody(t *testing.T) {
	t.Parallel()
	_, m := load(t, []byte(tinyNative), payload.Options{})
	assert.Equal(t, []string{"a", "b", "d"}, m.ended, "b has no pods")
}

func TestLoadTakesBackTheTagsThatNobodyWrote(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + clustertest.HexA
	for name, test := range map[string]struct {
		written, imageID string
		o                payload.Options
		want             image.Image
	}{
		"a digest in place of a tag": {"nginx@" + digest, "", payload.Options{}, image.Resolve("nginx@"+digest, "", "")},
		"an inserted tag":            {"nginx@" + digest, "", payload.Options{TagPolicy: payload.PolicyInsert}, image.Resolve("nginx@"+digest, "", "")},
		"a tag like an inserted one": {"nginx:UNKNOWN", "", payload.Options{TagPolicy: payload.PolicyInsert}, image.Resolve("nginx:UNKNOWN", "", "")},
		"a written tag":              {"nginx:1", "nginx@" + digest, payload.Options{}, image.Resolve("nginx:1", "", "nginx@"+digest)},
		"an implied tag":             {"nginx", "", payload.Options{}, image.Resolve("nginx:latest", "", "")},
		"a name with a port":         {"r.io:5000/a@" + digest, "", payload.Options{}, image.Resolve("r.io:5000/a@"+digest, "", "")},
		"no reference":               {"Foo:1", "", payload.Options{}, image.Resolve("Foo:1", "", "")},
	} {
		for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
			body := smallBody(t, kind, test.o, []inventory.Pod{{Namespace: "team-a", Name: "p", UID: clustertest.UIDPod1, Containers: []inventory.Container{
				clustertest.Container(inventory.Regular, "c", test.written, test.imageID),
			}}})
			_, m := load(t, clustertest.ReadAll(t, body.Plain()), test.o)
			require.Len(t, m.pods, 1)
			assert.Equal(t, test.want, m.pods[0].Containers[0].Image, "%s, %s", name, kind)
		}
	}
}

func TestLoadJoinsTheBatchesOfARun(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
		c := newCluster(300, 6, 10)
		var file, packed bytes.Buffer
		for _, b := range c.build(t, kind, payload.Options{MaxNamespaces: 2}) {
			fmt.Fprintln(&file, string(clustertest.ReadAll(t, b.Plain())))
			packed.Write(clustertest.ReadAll(t, b.Gzip()))
		}
		whole := newCluster(300, 6, 10).build(t, kind, payload.Options{})[0]
		wanted, want := load(t, clustertest.ReadAll(t, whole.Plain()), payload.Options{})
		for _, text := range [][]byte{file.Bytes(), packed.Bytes()} {
			loaded, m := load(t, text, payload.Options{})
			assert.Equal(t, want.pods, m.pods)
			assert.Equal(t, want.ended, m.ended)
			assert.Equal(t, wanted.Namespaces, loaded.Namespaces)
			assert.ElementsMatch(t, wanted.Nodes, loaded.Nodes)
		}
	}
}

func TestLoadVisitsANamespaceOfTwoAccountsOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
		c := newCluster(60, 3, 2)
		c.head.Route = func(ns inventory.Namespace) []string { return []string{"all", ns.Name} }
		var file bytes.Buffer
		for _, b := range c.build(t, kind, payload.Options{}) {
			file.Write(clustertest.ReadAll(t, b.Plain()))
		}
		_, m := load(t, file.Bytes(), payload.Options{})
		assert.Equal(t, []string{"team-000", "team-001", "team-002"}, m.ended, "%s", kind)
		later := strings.ReplaceAll(file.String(), "05:06:07Z", "05:06:08Z")
		_, err := Load(strings.NewReader(file.String()+later), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err, "these are two inventories, not one")
	}
}

func TestLoadCollapsesWhatAnchoresCollectorRepeats(t *testing.T) {
	t.Parallel()
	double := tinyAnchore
	for _, member := range []string{"containers", "namespaces", "nodes", "pods"} {
		_, from, _ := strings.Cut(double, `"`+member+`":[`)
		list, _, _ := strings.Cut(from, "]")
		double = strings.Replace(double, list, list+","+list, 1)
	}
	once, want := load(t, []byte(tinyAnchore), payload.Options{})
	twice, got := load(t, []byte(double), payload.Options{})
	assert.Equal(t, want.pods, got.pods)
	assert.Equal(t, once, twice)
	require.Len(t, got.pods[0].Containers, 1)
}

const (
	tinyNative = `{"format":"stocktake/v1","cluster":{"name":"c","version":{"major":"1","minor":"2","gitVersion":"v1.2.3"}},` +
		`"run":{"started":"2026-03-04T05:06:07Z","finished":"2026-03-04T05:06:08Z","complete":true,"pages":1},"gaps":[],"nodes":[],` +
		`"namespaces":[{"name":"a","pods":1,"containers":1},{"name":"b","pods":0,"containers":0},{"name":"d","pods":1,"containers":0}],` +
		`"images":[{"written":"x:1","name":"docker.io/library/x","tag":"1","tag_implied":false,"digest_source":"none","flags":[],"pods":1,"containers":1,"platforms":[]}],` +
		`"pods":[{"namespace":"a","name":"p","static":false,"containers":[{"kind":"container","name":"c","image":0}]},{"namespace":"d","name":"p","static":false,"containers":[]}]}`
)

func TestLoadNamesThePlaceThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, old, new, says string }{
		{tinyAnchore, `"image_tag":"a:1"`, `"image_tag":1`, `of kind anchore: not of the form that the schema asks for: containers[0].image_tag: integer where the schema wants string`},
		{tinyAnchore, `"containers":[`, `"containers":7,"x":[`, `containers: integer where the schema wants array`},
		{tinyAnchore, `"serverVersionMetadata":{`, `"serverVersionMetadata":[],"x":{`, `serverVersionMetadata: array where the schema wants object or null`},
		{tinyAnchore, `"timestamp":"2024-05-03T12:34:13Z"`, `"timestamp":"2024-15-03T12:34:13Z"`, `timestamp: `},
		{tinyAnchore, `"pod_uid":"00000000-0000-4000-8000-000000000003"`, `"pod_uid":"00000000-0000-4000-8000-000000000009"`, `containers[0]: pod_uid 00000000-0000-4000-8000-000000000009 is that of no pod`},
		{tinyAnchore, `"namespace_uid":"00000000-0000-4000-8000-000000000001"`, `"namespace_uid":"00000000-0000-4000-8000-000000000009"`, `pods[0]: namespace_uid`},
		{tinyAnchore, `"nodes":[{"arch":"amd64"`, `"nodes":[{"arch":"amd64","arch":"arm64"`, `nodes[0]: "arch" comes twice`},
		{tinyAnchore, `"labels":{"a":"b"}`, `"labels":{"\u001b[2J":1}`, `namespaces[0].labels."\x1b[2J": integer where the schema wants string`},
		{tinyKAI, `"images":[]`, `"images":[7]`, `of kind kai: not of the form that the schema asks for: results[1].images[0]: integer where the schema wants object`},
		{tinyKAI, `"namespace":"b"`, `"namespace":"team-a"`, `results[1]: namespace "team-a" comes twice`},
		{tinyKAI, `"team-a"`, "\"\xff\"", `"results": not UTF-8`},
		{tinyKAI, `"cluster_name":"prod-1"`, `"cluster_name":"prod-1","cluster_name":"prod-2"`, `"cluster_name" comes twice`},
		{tinyNative, `"image":0`, `"image":1`, `of kind stocktake: not of the form that the schema asks for: pods[0]: containers[0].image: 1, and 1 images came before the pods`},
		{tinyNative, `"namespace":"a"`, `"namespace":"c"`, `pods[0]: namespace "c" is not among the namespaces`},
		{tinyNative, `{"name":"d","pods":1`, `{"name":"d","pods":2`, `namespace "d" has 1 pods and says that it has 2`},
		{tinyNative, `{"name":"b","pods":0`, `{"name":"b","pods":4`, `namespace "b" has no pods and says that it has 4`},
		{tinyNative, `{"name":"b","pods":0`, `{"name":"a","pods":0`, `namespaces[1]: namespace "a" comes twice`},
		{tinyNative, `"namespace":"d"`, `"namespace":"a"`, `has 2 pods and says that it has 1`},
		{tinyNative, `"gaps":[],`, ``, `gaps is missing`},
		{tinyNative, `"stocktake/v1"`, `"stocktake/v2"`, `format: "stocktake/v2" is what a newer stocktake writes, and this one reads "stocktake/v1": update it`},
		{tinyNative, `"stocktake/v1"`, `"taking/v1"`, `format: "taking/v1" is not "stocktake/v1"`},
		{tinyNative, `"stocktake/v1"`, `null`, `format: "" is not "stocktake/v1"`},
		{tinyNative, `"digest_source":"none"`, `"digest_source":7`, `images[0].digest_source: integer`},
		{tinyNative, `"name":"c"`, `"name":null,"uid":""`, `cluster.uid: an empty text`},
		{tinyNative, `{"major":"1"`, `{"mayor":"1"`, `cluster.version: major is missing`},
	} {
		require.Contains(t, test.body, test.old)
		wrong := strings.Replace(test.body, test.old, test.new, 1)
		_, err := Load(strings.NewReader(wrong), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema, test.says)
		require.ErrorContains(t, err, test.says)
		require.ErrorContains(t, err, "read saved body 1: ")
	}
}

func TestLoadRefusesBodiesThatDoNotBelongTogether(t *testing.T) {
	t.Parallel()
	for says, file := range map[string]string{
		"read saved body 2: of kind anchore: not of the form that the schema asks for: it is of the cluster \"other\", those before it are of \"prod-1\"": tinyAnchore +
			`{"cluster_name":"other","containers":[],"timestamp":"2024-05-03T12:34:13Z"}`,
		"it is of the kind kai, those before it are of the kind anchore": tinyAnchore + tinyKAI,
	} {
		_, err := Load(strings.NewReader(file), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err, says)
	}
}

func TestLoadRefusesWhatIsNoInventory(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"", " \n", "null", "[]", "7", "{}", `{"a":1}`, `{"a":[1]}`, `{"cluster_name":"c"}`, "<html>", "\x1f\x8b", "\x1f\x8bjunk and more junk",
		tinyKAI + "}", tinyKAI + " x", `{"format":"stocktake/v9"}`, `{"results":[}`, "{\"results\":{\"a\"}}", `{"cluster_name":[{}]}`,
	} {
		_, err := Load(strings.NewReader(wrong), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema, "%q", wrong)
	}
	for _, whole := range []string{tinyAnchore, tinyKAI, tinyNative, packed(t, tinyKAI)} {
		for i := range len(whole) {
			_, err := Load(strings.NewReader(whole[:i]), payload.Options{}, &memory{t: t})
			require.ErrorIs(t, err, ErrSchema, "the first %d bytes", i)
		}
	}
}

// endless is a text that never ends, as a few kilobytes of gzip can hold.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestLoadAndSavedEndAtAnElementWithoutEnd(t *testing.T) {
	t.Parallel()
	bomb := func() io.Reader {
		return io.MultiReader(strings.NewReader(`{"results":[{"namespace":"`), endless{})
	}
	_, err := Load(bomb(), payload.Options{}, &memory{t: t})
	require.ErrorIs(t, err, ErrSchema)
	require.ErrorContains(t, err, "an element of more than 64 MiB")
	_, err = savedOf(t, bomb())
	require.ErrorContains(t, err, "an element of more than 64 MiB")
}

// failing is a visitor that cannot go on.
type failing struct{ atEnd bool }

func (f failing) Pod(*inventory.Pod) error {
	if f.atEnd {
		return nil
	}
	return assert.AnError
}

func (f failing) End(string, *inventory.Gap) error { return assert.AnError }

func TestLoadEndsWithTheVisitor(t *testing.T) {
	t.Parallel()
	for _, body := range []string{tinyAnchore, tinyKAI, tinyNative} {
		for _, atEnd := range []bool{false, true} {
			_, err := Load(strings.NewReader(body), payload.Options{}, failing{atEnd})
			require.ErrorIs(t, err, assert.AnError)
			require.NotErrorIs(t, err, ErrSchema, "the body is not to blame")
		}
	}
}

func TestLoadPassesOnTheFaultsOfDisks(t *testing.T) {
	t.Parallel()
	for n := range tinyKAI {
		_, err := Load(io.MultiReader(strings.NewReader(tinyKAI[:n]), iotest.ErrReader(assert.AnError)), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, assert.AnError)
		require.NotErrorIs(t, err, ErrSchema)
	}
}

// What others write is read, whatever a receiver would say of it.
func TestLoadReadsWhatOthersWrite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, old, new string }{
		{tinyAnchore, `"id":"c"`, `"id":""`},
		{tinyAnchore, `"id":"c"`, `"id":null`},
		{tinyAnchore, `"cluster_name":"prod-1",`, ``},
		{tinyAnchore, `,"timestamp":"2024-05-03T12:34:13Z"`, ``},
		{tinyAnchore, `"serverVersionMetadata":{"major":"1"}`, `"serverVersionMetadata":null`},
		{tinyAnchore, `{"major":"1"}`, `{"major":"1","emulationMajor":"1"}`},
		{tinyAnchore, `"labels":{"a":"b"}`, `"labels":null`},
		{tinyAnchore, `"node_uid":"00000000-0000-4000-8000-000000000002"`, `"node_uid":""`},
		{tinyAnchore, `"nodes":[{"arch":"amd64","name":"n1","uid":"00000000-0000-4000-8000-000000000002"}]`, `"nodes":[{"name":"","uid":""}]`},
		{tinyAnchore, `"nodes":[`, `"report_id":{"a":[1,{"b":null}]},"other":[{"c":1},2],"nodes":[`},
		{tinyAnchore, `"name":"n"`, `"name":"n","command":["sleep"]`},
		{tinyAnchore, `{"cluster_name"`, `{"first":[1],"second":{"a":1},"third":3,"cluster_name"`},
		{tinyKAI, `"images":[]`, `"images":null`},
		{tinyKAI, `"cluster_name":"prod-1","inventory_type":"kubernetes",`, ``},
		{tinyKAI, `"kubernetes"`, `""`},
		{tinyKAI, `"tag":"a:1",`, ``},
		{tinyNative, `"kind":"container"`, `"kind":"container","mood":{"good":true}`},
		{tinyNative, `"gaps":[]`, `"gaps":[],"audit":{"rules":[]},"notes":[{"a":1}]`},
		{tinyNative, `"digest_source":"none"`, `"digest_source":"registry"`},
		{tinyNative, `"complete":true`, `"complete":true,"consistency":"eventual"`},
	} {
		require.Contains(t, test.body, test.old)
		loaded, m := load(t, []byte(strings.Replace(test.body, test.old, test.new, 1)), payload.Options{})
		before, want := load(t, []byte(test.body), payload.Options{})
		assert.Equal(t, want.ended, m.ended, test.new)
		assert.Len(t, m.pods, len(want.pods), test.new)
		assert.Equal(t, before.Kind, loaded.Kind)
	}
	loaded, m := load(t, []byte(`{"results":null,"serverVersionMetadata":null,"cluster_name":"","inventory_type":""}`), payload.Options{})
	assert.Equal(t, payload.KAI, loaded.Kind)
	assert.Empty(t, m.ended)
	_, m = load(t, []byte(tinyAnchore+`{"cluster_name":"prod-1","containers":null,"namespaces":[{"name":"kube-public","uid":"u"}],"timestamp":"2024-05-03T12:34:13Z"}`), payload.Options{})
	assert.Equal(t, []string{"team-a", "kube-public"}, m.ended)
}

func TestLoadTakesNoTagFromWhatIsNone(t *testing.T) {
	t.Parallel()
	naming, err := payload.Options{}.Naming()
	require.NoError(t, err)
	for _, test := range []struct{ kind, tag, digest, want string }{
		{"anchore", "myapp:", "", "docker.io/library/myapp"},
		{"anchore", "r.io:5000/a/b:", "", "r.io:5000/a/b"},
		{"kai", "myapp:", "", "docker.io/library/myapp"},
		{"kai", "redis:" + strings.Repeat("c", 64), "sha256:" + clustertest.HexA, "docker.io/library/redis@sha256:" + clustertest.HexA},
		{"kai", "redis:" + clustertest.HexA, "sha256:" + clustertest.HexA, "docker.io/library/redis@sha256:" + clustertest.HexA},
		{"anchore", "redis:" + clustertest.HexA, "sha256:" + clustertest.HexA, "docker.io/library/redis@sha256:" + clustertest.HexA},
		{"anchore", "redis:" + strings.Repeat("c", 64), "sha256:" + clustertest.HexA, "docker.io/library/redis:" + strings.Repeat("c", 64) + "@sha256:" + clustertest.HexA},
		{"kai", "redis:" + strings.Repeat("c", 63), "sha256:" + clustertest.HexA, "docker.io/library/redis:" + strings.Repeat("c", 63) + "@sha256:" + clustertest.HexA},
		{"anchore", "Foo:", "", ""},
	} {
		img := imageOf(payload.Kind(test.kind), test.tag, test.digest, "")
		assert.Equal(t, test.want, img.Ref.String(), test.tag)
		assert.False(t, img.Ref.TagImplied)
		assert.Equal(t, test.want == "", img.Flags.Has(image.Invalid))
		if test.want != "" && !strings.Contains(test.tag, clustertest.HexA) {
			name, reported := naming(img)
			assert.Equal(t, test.tag, name, "it was reported so")
			assert.True(t, reported)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(tinyAnchore + "\n" + tinyAnchore))
	f.Add([]byte(tinyKAI))
	f.Add([]byte(tinyNative))
	f.Add(nativeText(f))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := &memory{t: t}
		loaded, err := Load(bytes.NewReader(file), payload.Options{}, m)
		if err != nil {
			require.ErrorIs(t, err, ErrSchema)
			return
		}
		require.Len(t, m.ended, len(loaded.Namespaces))
	})
}

// TestWholeObjectsAreToldFromAnInventory in words that lead on.
func TestWholeObjectsAreToldFromAnInventory(t *testing.T) {
	t.Parallel()
	text := `{"record":"head","schema":"stocktake-objects/v1","cluster":"prod-1","run":"R","chunk":1,"chunks":1,"objects":0,"began":"2026-01-02T03:04:05Z","ended":"2026-01-02T03:04:05Z","complete":true}` + "\n"
	_, err := Load(strings.NewReader(text), payload.Options{}, &memory{t: t})
	require.ErrorIs(t, err, ErrSchema)
	require.ErrorContains(t, err, "whole objects, not an inventory: stocktake objects -f shows them")
	_, err = savedOf(t, strings.NewReader(text))
	require.ErrorContains(t, err, "whole objects, not an inventory: stocktake objects -f shows them")
}
