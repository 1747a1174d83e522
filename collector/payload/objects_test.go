package payload_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

var (
	pods        = payload.Type{Version: "v1", Resource: "pods", Kind: "Pod", Namespaced: true}
	nodes       = payload.Type{Version: "v1", Resource: "nodes", Kind: "Node"}
	deployments = payload.Type{Group: "apps", Version: "v1", Resource: "deployments", Kind: "Deployment", Namespaced: true}
	widgets     = payload.Type{Group: "example.com", Version: "v1beta1", Resource: "widgets", Kind: "Widget"}

	read = payload.TypeEnd{State: payload.Complete, Level: "full", ResourceVersion: "4711", Consistency: inventory.Snapshot, Redacted: payload.Redacted{Masked: 4, Unknown: 3, Caught: 2, Dropped: 1}}
	ends = time.Date(2026, 3, 4, 6, 7, 8, 0, time.UTC)
)

func objectsHead() payload.Head {
	return payload.Head{Cluster: "prod-1", ClusterUID: "cccccccc-0000-4000-8000-000000000001", Run: "RUN", Time: ends.Add(-time.Minute)}
}

func newObjects(t testing.TB, kind payload.Kind, chunk payload.Bytes, spool payload.Options) *payload.ObjectWriter {
	t.Helper()
	if spool.SpoolDir == "" {
		spool.SpoolDir = t.TempDir()
	}
	w, err := payload.NewObjectWriter(kind, objectsHead(), payload.ObjectOptions{ChunkBytes: chunk}, spool)
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	return w
}

func open(t testing.TB, w *payload.ObjectWriter, typ payload.Type) *payload.TypeWriter {
	t.Helper()
	tw, err := w.Open(typ)
	require.NoError(t, err)
	return tw
}

func closeObjects(t testing.TB, w *payload.ObjectWriter) []*payload.Body {
	t.Helper()
	bodies, err := w.Close(objectsHead().ClusterUID, ends)
	require.NoError(t, err)
	return bodies
}

// random are hexadecimal digits, the same in every run.
var random = sync.OnceValue(func() string {
	source := rand.New(rand.NewPCG(1, 2))
	digits := make([]byte, 0, 1<<20)
	for len(digits) < 1<<20 {
		digits = fmt.Appendf(digits, "%016x", source.Uint64())
	}
	return string(digits)
})

// object makes object n of a type, of so many bytes that compress badly.
func object(typ payload.Type, n, size int) []byte {
	from := n * 70_001 % (1<<20 - size)
	return fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,"metadata":{"name":"%s-%d"},"pad":%q}`, typ.Kind, typ.APIVersion(), typ.Resource, n, random()[from:from+size])
}

// contents are the objects by type, in their order.
type contents map[payload.Type][]string

// readObjects checks chunks as a receiver would, and returns what is in them.
func readObjects(t testing.TB, bodies []*payload.Body) (*saved.Objects, contents) {
	t.Helper()
	got := contents{}
	o, err := saved.NewObjects(func(typ payload.Type, object []byte) error {
		got[typ] = append(got[typ], string(object))
		return nil
	})
	require.NoError(t, err)
	for i, b := range bodies {
		require.Equal(t, payload.Objects, b.Kind)
		require.Equal(t, payload.ContentTypeLines, b.ContentType)
		require.Equal(t, []int{i + 1, len(bodies)}, []int{b.Chunk, b.Chunks})
		require.Equal(t, fmt.Sprintf("RUN-%d", i+1), b.Key)
		packed := clustertest.ReadAll(t, b.Gzip())
		require.Equal(t, b.GzipSize(), int64(len(packed)))
		plain := clustertest.Unpack(t, packed)
		require.Equal(t, b.Size(), int64(len(plain)))
		require.NoError(t, o.Read(bytes.NewReader(packed)))
	}
	require.NoError(t, o.Whole())
	return o, got
}

// objectsSchema is the published schema, compiled once.
var objectsSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return jsonschema.NewCompiler().Compile("objects.schema.json")
})

// checkRecords validates every line.
func checkRecords(t testing.TB, text []byte) {
	t.Helper()
	schema, err := objectsSchema()
	require.NoError(t, err)
	for line := range bytes.Lines(text) {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		require.NoError(t, err, "%s", line)
		require.NoError(t, schema.Validate(document), "%s", line)
	}
}

// small writes a few objects of every sort, in an order that is not that of the bodies.
func small(t *testing.T, w *payload.ObjectWriter, missing payload.TypeState) {
	t.Helper()
	ofPods, ofDeployments := open(t, w, pods), open(t, w, deployments)
	require.NoError(t, ofPods.Object([]byte(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"1"},"spec":{"x":1.10}}`)))
	require.NoError(t, ofDeployments.Object([]byte("{\n \"apiVersion\": \"apps/v1\",\r\n \"kind\": \"Deployment\",\n \"metadata\": {\"name\": \"web\"}\n}\n")))
	ofPods.Keep()
	require.NoError(t, ofPods.Object([]byte(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"torn"}}`)))
	ofPods.Drop()
	require.NoError(t, ofPods.Object([]byte(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"<b>"}}`)))
	ofPods.Keep()
	ofDeployments.Keep()
	require.NoError(t, ofDeployments.End(payload.TypeEnd{State: payload.Complete, Level: "masked", ResourceVersion: "7", Consistency: inventory.Mixed}))
	require.NoError(t, ofPods.End(read))
	require.NoError(t, open(t, w, widgets).End(payload.TypeEnd{State: payload.Absent}))
	ofNodes := open(t, w, nodes)
	require.NoError(t, ofNodes.Object(object(nodes, 1, 10)))
	ofNodes.Keep()
	require.NoError(t, ofNodes.End(payload.TypeEnd{State: missing, Redacted: payload.Redacted{Masked: 3}}))
	require.NoError(t, w.Release([]byte(`{"namespace":"web","name":"shop","revision":3}`)))
	require.NoError(t, w.Owner(payload.OwnerRecord{UID: "1", Owner: "2", Root: "1", State: "missing"}))
}

func TestObjectsMatchTheGoldenFile(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.Objects, 0, payload.Options{})
	small(t, w, payload.Forbidden)
	bodies := closeObjects(t, w)
	require.Len(t, bodies, 1)
	text := clustertest.ReadAll(t, bodies[0].Plain())
	checkRecords(t, text)
	golden(t, "objects.ndjson", text)
	got, of := readObjects(t, bodies)
	assert.False(t, got.Head.Complete)
	for i := range got.Types {
		got.Types[i].Part = 0
	}
	assert.Equal(t, got.Types, w.Types())
	assert.Len(t, of[pods], 2)
	assert.Empty(t, of[nodes])
}

func TestK8sCollectorMatchesTheGoldenFile(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.K8sCollector, 0, payload.Options{})
	small(t, w, payload.Excluded)
	bodies := closeObjects(t, w)
	require.Len(t, bodies, 1)
	assert.Equal(t, payload.ContentType, bodies[0].ContentType)
	text := clustertest.ReadAll(t, bodies[0].Plain())
	assert.True(t, json.Valid(text))
	golden(t, "k8s-collector.json", text)

	none := closeObjects(t, newObjects(t, payload.K8sCollector, 0, payload.Options{}))
	require.Len(t, none, 1)
	assert.JSONEq(t, `{"objects":[]}`, string(clustertest.ReadAll(t, none[0].Plain())))
}

// golden compares with a file of testdata, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with UPDATE_GOLDEN=1")
	assert.Equal(t, string(want), string(got), "when the change is right, refresh with UPDATE_GOLDEN=1")
}

// The kind that has no place for states is not made when it would hide something.
func TestK8sCollectorIsRefusedWhenSomethingIsMissing(t *testing.T) {
	t.Parallel()
	for _, state := range []payload.TypeState{payload.Forbidden, payload.Unavailable} {
		w := newObjects(t, payload.K8sCollector, 0, payload.Options{})
		small(t, w, state)
		_, err := w.Close(objectsHead().ClusterUID, ends)
		require.ErrorIs(t, err, payload.ErrMissing)
		require.ErrorContains(t, err, "nodes.v1 is "+string(state))
	}
	require.NoError(t, payload.K8sCollector.CheckMissing("allow-incomplete", false))
	require.NoError(t, payload.Objects.CheckMissing("allow-incomplete", true))
	require.Error(t, payload.Infralight.CheckMissing("allow-incomplete", true))
	err := payload.K8sCollector.CheckMissing("allow-incomplete", true)
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.ErrorContains(t, err, "allow-incomplete: true does not go with bodies of the kind k8s-collector")
}

// large are types with many objects, some of which are larger than a chunk.
func large() (types []payload.Type, objects map[payload.Type][][]byte) {
	objects = map[payload.Type][][]byte{}
	for i := range 9 {
		typ := payload.Type{Group: fmt.Sprintf("g%d.example.com", i%3), Version: "v1", Resource: fmt.Sprintf("things%d", i), Kind: "Thing", Namespaced: true}
		types = append(types, typ)
		for n := range i * 25 {
			size := 100 + n*37%3000
			if n == 20 {
				size = i * 15_000 // from some 15 to 120 KB
			}
			objects[typ] = append(objects[typ], object(typ, n, size))
		}
	}
	return types, objects
}

// writeSideBySide writes types with so many workers, namespaces of ten objects each, some of
// which are dropped and come again, and types that fail in the end.
func writeSideBySide(t *testing.T, w *payload.ObjectWriter, workers int) {
	t.Helper()
	types, objects := large()
	queue := make(chan payload.Type, len(types))
	for _, typ := range types {
		queue <- typ
	}
	close(queue)
	var done errgroup.Group
	for range workers {
		done.Go(func() error {
			for typ := range queue {
				if err := writeType(w, typ, objects[typ]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, done.Wait())
}

func writeType(w *payload.ObjectWriter, typ payload.Type, objects [][]byte) error {
	tw, err := w.Open(typ)
	if err != nil {
		return err
	}
	for i, text := range objects {
		err = errors.Join(err, tw.Object(text))
		if i%30 == 9 {
			tw.Drop()
			for _, again := range objects[i-9 : i+1] {
				err = errors.Join(err, tw.Object(again))
			}
		}
		if i%10 == 9 {
			tw.Keep()
		}
		runtime.Gosched()
	}
	tw.Keep()
	end := read
	if typ.Resource == "things5" {
		end = payload.TypeEnd{State: payload.Unavailable}
	}
	return errors.Join(err, tw.End(end))
}

func TestObjectsAreTheSameBytesHoweverTheyArrive(t *testing.T) {
	t.Parallel()
	want := contents{}
	types, objects := large()
	for _, typ := range types {
		for _, text := range objects[typ] {
			if typ.Resource != "things5" {
				want[typ] = append(want[typ], string(text))
			}
		}
	}
	var first [][]byte
	for _, workers := range []int{1, 8} {
		for _, memory := range []payload.Bytes{1 << 30, 100_000, 0} {
			w := newObjects(t, payload.Objects, 64<<10, payload.Options{SpoolMemory: memory})
			writeSideBySide(t, w, workers)
			bodies := closeObjects(t, w)
			var all [][]byte
			for _, b := range bodies {
				all = append(all, clustertest.ReadAll(t, b.Gzip()))
			}
			if first == nil {
				first = all
				_, got := readObjects(t, bodies)
				require.Equal(t, want, got)
			}
			require.Equal(t, first, all, "%d workers, %s of memory", workers, memory)
		}
	}
	assert.Greater(t, len(first), 20)
}

// A chunk is as full as it may be, and larger only when one object is.
func TestChunksKeepToTheirSize(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Objects, payload.K8sCollector} {
		const most = 128 << 10
		w := newObjects(t, kind, most, payload.Options{})
		tw := open(t, w, pods)
		for n := range 400 {
			size := 2000
			if n == 100 || n == 101 || n == 300 {
				size = most
			}
			require.NoError(t, tw.Object(object(pods, n, size)))
		}
		tw.Keep()
		require.NoError(t, tw.End(read))
		bodies := closeObjects(t, w)
		var beyond []int
		for i, b := range bodies {
			text := clustertest.ReadAll(t, b.Plain())
			n := bytes.Count(text, []byte(`"pad"`))
			if b.Size() > most {
				beyond = append(beyond, i)
				assert.Equal(t, 1, n)
				continue
			}
			alone := n < 20 && i+1 < len(bodies) && bodies[i+1].Size() <= most
			assert.False(t, alone, "%s: chunk %d has room for the next", kind, i+1)
		}
		assert.Len(t, beyond, 3)
	}
}

// Where chunks end does not depend on what differs from run to run. With a hundred types the
// resource versions make up a kilobyte of each chunk.
func TestRunsOverTheSameObjectsDivideThemAlike(t *testing.T) {
	t.Parallel()
	lines := func(size int, run, version string, at time.Time) (all []int) {
		head := objectsHead()
		head.Run, head.Time = run, at
		w, err := payload.NewObjectWriter(payload.Objects, head, payload.ObjectOptions{ChunkBytes: 64 << 10}, payload.Options{SpoolMemory: 1 << 30})
		require.NoError(t, err)
		t.Cleanup(w.Discard)
		end := read
		end.ResourceVersion = version
		for i := range 100 {
			require.NoError(t, open(t, w, payload.Type{Group: "none", Resource: fmt.Sprint("none", i)}).End(end))
		}
		tw := open(t, w, pods)
		for n := range 40 {
			require.NoError(t, tw.Object(object(pods, n, size)))
		}
		tw.Keep()
		require.NoError(t, tw.End(end))
		for _, b := range closeObjects(t, w) {
			all = append(all, bytes.Count(clustertest.ReadAll(t, b.Plain()), []byte("\n")))
		}
		return all
	}
	for size := 4000; size < 9000; size += 125 {
		require.Equal(t, lines(size, "AAAA", "9", ends), lines(size, "BBBB", "123456789012", ends.Add(time.Hour)), size)
	}
}

// The bodies of k8s-collector hold the same objects as those of the kind objects.
func TestK8sCollectorHoldsTheSameObjects(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.K8sCollector, 64<<10, payload.Options{})
	types, objects := large()
	var want, got []string
	for _, typ := range types {
		tw := open(t, w, typ)
		for i, text := range objects[typ] {
			require.NoError(t, tw.Object(text))
			if i%7 == 3 {
				tw.Drop()
			} else if i%3 == 0 {
				tw.Keep()
			}
		}
		tw.Keep()
		require.NoError(t, tw.End(read))
	}
	again := newObjects(t, payload.Objects, 1<<20, payload.Options{})
	for _, typ := range types {
		tw := open(t, again, typ)
		for i, text := range objects[typ] {
			require.NoError(t, tw.Object(text))
			if i%7 == 3 {
				tw.Drop()
			} else if i%3 == 0 {
				tw.Keep()
			}
		}
		tw.Keep()
		require.NoError(t, tw.End(read))
	}
	_, of := readObjects(t, closeObjects(t, again))
	for _, r := range again.Types() {
		want = append(want, of[r.Type]...)
	}
	bodies := closeObjects(t, w)
	for _, b := range bodies {
		var doc struct{ Objects []json.RawMessage }
		require.NoError(t, json.Unmarshal(clustertest.Unpack(t, clustertest.ReadAll(t, b.Gzip())), &doc))
		for _, one := range doc.Objects {
			got = append(got, string(one))
		}
	}
	assert.Greater(t, len(bodies), 10)
	assert.Equal(t, want, got)
}

// A file has all chunks in one gzip member, which some readers stop after.
func TestJoinedChunksAreOneMember(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.Objects, 64<<10, payload.Options{})
	writeSideBySide(t, w, 2)
	bodies := closeObjects(t, w)
	var want []byte
	for _, b := range bodies {
		want = append(want, clustertest.ReadAll(t, b.Plain())...)
	}
	joined := payload.Join(bodies)
	assert.Equal(t, want, clustertest.Unpack(t, clustertest.ReadAll(t, joined.Gzip())))
	assert.Equal(t, int64(len(want)), joined.Size())
	o, err := saved.NewObjects(nil)
	require.NoError(t, err)
	require.NoError(t, o.Read(joined.Gzip()))
	require.NoError(t, o.Whole())
	assert.Equal(t, want, clustertest.ReadAll(t, payload.Join([]*payload.Body{joined}).Plain()))
}

func TestObjectWriterRefusesMistakes(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.Objects, 0, payload.Options{})
	tw := open(t, w, pods)
	_, err := w.Open(pods)
	require.ErrorContains(t, err, "type pods.v1 is written twice")
	require.NoError(t, tw.Object(object(pods, 1, 1)))
	require.ErrorContains(t, tw.End(read), "were not kept")
	_, err = w.Close(objectsHead().ClusterUID, ends)
	require.ErrorContains(t, err, "before type pods.v1 has ended")

	w = newObjects(t, payload.Objects, 0, payload.Options{})
	tw = open(t, w, deployments)
	require.NoError(t, tw.End(read))
	require.ErrorContains(t, tw.End(read), "type deployments.v1.apps has ended")
	require.ErrorContains(t, tw.Object([]byte("{}")), "after its end")
	closeObjects(t, w)
	_, err = w.Close(objectsHead().ClusterUID, ends)
	require.Error(t, err)
	_, err = w.Open(nodes)
	require.Error(t, err)

	_, err = payload.NewObjectWriter(payload.Anchore, objectsHead(), payload.ObjectOptions{}, payload.Options{})
	require.ErrorContains(t, err, `"anchore"`)
	_, err = payload.NewObjectWriter(payload.Objects, payload.Head{}, payload.ObjectOptions{}, payload.Options{})
	require.ErrorContains(t, err, "run")
	_, err = payload.NewObjectWriter(payload.Objects, objectsHead(), payload.ObjectOptions{ChunkBytes: 1000}, payload.Options{})
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "objects.chunk-bytes: 1000 is too small: use at least 64KiB")
	_, err = payload.New(payload.Objects, objectsHead(), payload.Options{})
	require.Error(t, err)
}

// It measures the heap of the whole process, so it must not run beside others.
func TestMemoryDoesNotGrowWithTheObjects(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("100 MB of objects take a second")
	}
	dir := t.TempDir()
	w := newObjects(t, payload.Objects, 0, payload.Options{SpoolMemory: 1 << 20, SpoolDir: dir})
	text := object(pods, 1, 4000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 4 {
		tw := open(t, w, payload.Type{Version: "v1", Resource: fmt.Sprint("type", i), Kind: "Pod"})
		for n := range 6000 {
			copy(text[len(text)-10:], fmt.Sprintf("%07d", n))
			require.NoError(t, tw.Object(text))
			if n%100 == 0 {
				tw.Keep()
			}
		}
		tw.Keep()
		require.NoError(t, tw.End(read))
	}
	bodies := closeObjects(t, w)
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Len(t, bodies, 24)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(5<<20))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	var last bytes.Buffer
	_, err = last.ReadFrom(bodies[23].Plain())
	require.NoError(t, err)
	assert.Contains(t, last.String(), "0005999", "the last object of the last type")
}

// Objects are copied into memory that is there already.
func TestObjectsCostNoAllocation(t *testing.T) { //nolint:paralleltest // it counts for the whole process
	w := newObjects(t, payload.Objects, 0, payload.Options{SpoolMemory: 1 << 30})
	tw, text := open(t, w, pods), object(pods, 1, 2000)
	for range 1000 {
		require.NoError(t, tw.Object(text))
	}
	n := testing.AllocsPerRun(2000, func() {
		_ = tw.Object(text)
		tw.Keep()
	})
	assert.Less(t, n, 0.5, "some for each segment, none for each object")
}

// Whatever comes and is kept, dropped or given up, a receiver reads what was kept of the
// types that are complete.
func FuzzObjectWriter(f *testing.F) {
	f.Add([]byte{0, 200, 1, 250, 9, 10, 255, 3, 77, 0x40, 0x81, 0xc2})
	f.Add(bytes.Repeat([]byte{0, 255, 1, 255, 2, 255, 0x40, 0x81}, 30))
	f.Add([]byte("objects of three types in some order"))
	types := []payload.Type{pods, deployments, widgets, nodes}
	f.Fuzz(func(t *testing.T, steps []byte) {
		w := newObjects(t, payload.Objects, 64<<10, payload.Options{SpoolMemory: 2000})
		var writers []*payload.TypeWriter
		for _, typ := range types {
			writers = append(writers, open(t, w, typ))
		}
		kept, open := make([][]string, 4), make([][]string, 4)
		for i, step := range steps[:min(len(steps), 400)] {
			n := int(step & 3)
			switch step >> 6 {
			case 1:
				writers[n].Keep()
				kept[n], open[n] = append(kept[n], open[n]...), nil
			case 2:
				writers[n].Drop()
				open[n] = nil
			default:
				text := object(types[n], i, int(step>>2&15)*1100)
				require.NoError(t, writers[n].Object(text))
				open[n] = append(open[n], string(text))
			}
		}
		want := contents{}
		for n, typ := range types {
			end := read
			if n == len(steps)%7 {
				end = payload.TypeEnd{State: payload.Unavailable}
			} else if len(kept[n]) > 0 {
				want[typ] = kept[n]
			}
			writers[n].Drop()
			require.NoError(t, writers[n].End(end))
		}
		o, got := readObjects(t, closeObjects(t, w))
		require.Equal(t, want, got)
		require.Len(t, o.Types, 4)
	})
}

// Infralight has the kind beside each object, pages of at most what its own collector sends, and
// a name of its own for the run.
func TestObjectsForInfralight(t *testing.T) {
	t.Parallel()
	w := newObjects(t, payload.Infralight, 64<<20, payload.Options{})
	ofPods := open(t, w, pods)
	for n := range 300 {
		require.NoError(t, ofPods.Object(object(pods, n, 10_000)))
	}
	ofPods.Keep()
	require.NoError(t, ofPods.End(read))
	require.NoError(t, open(t, w, widgets).End(payload.TypeEnd{State: payload.Absent}))
	require.NoError(t, w.Release([]byte(`{"name":"shop"}`)))
	bodies := closeObjects(t, w)
	require.Len(t, bodies, 3)
	head := objectsHead()
	id := head.FetchingID()
	require.Regexp(t, `^69a7cbd0[0-9a-f]{16}$`, id)
	n := 0
	for i, b := range bodies {
		assert.Equal(t, fmt.Sprintf("%s-%d", id, i+1), b.Key)
		assert.Equal(t, payload.ContentType, b.ContentType)
		assert.LessOrEqual(t, b.Size(), int64(1_200_000))
		var body struct {
			Fetching string `json:"fetchingId"`
			Objects  []struct {
				Kind   string          `json:"kind"`
				Object json.RawMessage `json:"object"`
			} `json:"k8sObjects"`
		}
		d := json.NewDecoder(b.Plain())
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&body))
		assert.Equal(t, id, body.Fetching)
		for _, o := range body.Objects {
			assert.Equal(t, "Pod", o.Kind)
			assert.Equal(t, string(object(pods, n, 10_000)), string(o.Object))
			n++
		}
	}
	assert.Equal(t, 300, n)
}

func TestObjectsForInfralightNeedAnObject(t *testing.T) {
	t.Parallel()
	for kind, bodies := range map[payload.Kind]int{payload.Infralight: 0, payload.InfralightTrees: 0, payload.K8sCollector: 1, payload.Objects: 1} {
		w := newObjects(t, kind, 0, payload.Options{})
		require.NoError(t, open(t, w, widgets).End(payload.TypeEnd{State: payload.Absent}))
		assert.Len(t, closeObjects(t, w), bodies)
	}
}

func TestFetchingIDsTellRunsApart(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, edit := range []func(*payload.Head){
		func(*payload.Head) {}, func(h *payload.Head) { h.Run = "OTHER" }, func(h *payload.Head) { h.Cluster = "prod-2" }, func(h *payload.Head) { h.Time = h.Time.Add(time.Second) },
	} {
		head := objectsHead()
		edit(&head)
		again := head
		assert.Equal(t, head.FetchingID(), again.FetchingID())
		seen[head.FetchingID()] = true
	}
	assert.Len(t, seen, 4)
}
