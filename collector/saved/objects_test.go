package saved

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/payload"
)

// someChunks are those of a run with two types that have parts and two that have none, and
// releases and owners.
func someChunks(t testing.TB, run string) []*payload.Body {
	t.Helper()
	head := payload.Head{Cluster: "prod-1", Run: run, Time: time.Unix(1_780_000_000, 0)}
	w, err := payload.NewObjectWriter(payload.Objects, head, payload.ObjectOptions{ChunkBytes: 64 << 10}, payload.Options{SpoolMemory: 1 << 30})
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	for i, kind := range []string{"Apple", "Bean", "Corn", "Date"} {
		typ := payload.Type{Group: "food.example.com", Version: "v1", Resource: strings.ToLower(kind) + "s", Kind: kind}
		tw, err := w.Open(typ)
		require.NoError(t, err)
		end := payload.TypeEnd{State: payload.Complete, Level: "full"}
		for n := range []int{5, 0, 7, 0}[i] {
			require.NoError(t, tw.Object(fmt.Appendf(nil, `{"apiVersion":"food.example.com/v1","kind":%q,"metadata":{"name":"n%d"},"x":"%s"}`, kind, n, strings.Repeat("x", 16_000))))
		}
		tw.Keep()
		if kind == "Date" {
			end = payload.TypeEnd{State: payload.Absent}
		}
		require.NoError(t, tw.End(end))
	}
	for n := range 3 {
		require.NoError(t, w.Release(fmt.Appendf(nil, `{"namespace":"a","name":"r%d"}`, n)))
		require.NoError(t, w.Owner(payload.OwnerRecord{UID: fmt.Sprint(n), Owner: "x", Root: fmt.Sprint(n), State: "missing"}))
	}
	bodies, err := w.Close("", time.Unix(1_780_000_060, 0))
	require.NoError(t, err)
	require.Len(t, bodies, 4)
	return bodies
}

func plainChunks(t testing.TB, run string) (all []string) {
	t.Helper()
	for _, b := range someChunks(t, run) {
		all = append(all, string(clustertest.ReadAll(t, b.Plain())))
	}
	return all
}

// readChunks reads texts one by one, and then asks whether that was all.
func readChunks(t testing.TB, texts ...string) (objects []string, err error) {
	t.Helper()
	o, err := NewObjects(func(_ payload.Type, object []byte) error {
		objects = append(objects, string(object))
		return nil
	})
	require.NoError(t, err)
	for _, text := range texts {
		if err := o.Read(strings.NewReader(text)); err != nil {
			return objects, err
		}
	}
	return objects, o.Whole()
}

func TestObjectsAreReadInAnyOrderAndForm(t *testing.T) {
	t.Parallel()
	chunks := plainChunks(t, "RUN")
	want, err := readChunks(t, chunks...)
	require.NoError(t, err)
	require.Len(t, want, 12)
	assert.True(t, strings.HasPrefix(want[0], `{"apiVersion":`))
	assert.True(t, strings.HasSuffix(want[0], `x"}`))

	_, err = readChunks(t, chunks[2], chunks[0], chunks[3], chunks[1])
	require.NoError(t, err)
	got, err := readChunks(t, strings.Join(chunks, ""))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	packed := clustertest.ReadAll(t, payload.Join(someChunks(t, "RUN")).Gzip())
	got, err = readChunks(t, string(packed))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	other := strings.ReplaceAll(strings.Join(chunks, ""), `{"record":"object","object":{`, `{ "record": "object" , "object": {`)
	got, err = readChunks(t, other)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// A set of chunks that lacks, doubles or moves a line, or a chunk, is not whole.
func TestObjectsThatLackALineAreNotWhole(t *testing.T) {
	t.Parallel()
	chunks := plainChunks(t, "RUN")
	with := func(i int, text string) error {
		texts := append([]string{}, chunks...)
		texts[i] = text
		_, err := readChunks(t, texts...)
		return err
	}
	for i, text := range chunks {
		lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
		lines[len(lines)-1] += "\n"
		for j := range lines {
			without := strings.Join(append(append([]string{}, lines[:j]...), lines[j+1:]...), "")
			require.Error(t, with(i, without), "chunk %d without line %d", i+1, j+1)
			doubled := strings.Join(append(append(append([]string{}, lines[:j+1]...), lines[j]), lines[j+1:]...), "")
			require.Error(t, with(i, doubled), "chunk %d with line %d twice", i+1, j+1)
			cut := strings.Join(lines[:j], "") + lines[j][:len(lines[j])/2]
			require.Error(t, with(i, cut), "chunk %d up to the middle of line %d", i+1, j+1)
		}
		texts := append(append([]string{}, chunks[:i]...), chunks[i+1:]...)
		_, err := readChunks(t, texts...)
		require.ErrorIs(t, err, ErrPartial)
		_, err = readChunks(t, append(texts, text, text)...)
		require.ErrorIs(t, err, ErrSchema, "twice")
	}
	_, err := readChunks(t)
	require.ErrorIs(t, err, ErrPartial)
	other := plainChunks(t, "OTHER")
	require.ErrorContains(t, with(2, other[2]), `it is of the run "OTHER", the others of "RUN"`)
}

func TestObjectsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	chunks := plainChunks(t, "RUN")
	for _, test := range []struct {
		chunk          int
		old, new, says string
	}{
		{0, `"schema":"stocktake-objects/v1"`, `"schema":"stocktake-objects/v2"`, `line 1: not of the form that the schema asks for: schema: "stocktake-objects/v2" is not`},
		{1, `"chunk":2,`, `"chunk":9,`, "chunk 9 of 4"},
		{1, `"chunk":2,`, `"chunk":1,`, "chunk 1: it came before"},
		{1, `"objects":12,`, `"objects":13,`, "its head says something else"},
		{0, `"objects":12,`, `"objects":12,"objects":12,`, `"objects" comes twice`},
		{0, `"complete":true`, `"complete":false`, "the head says that the run is not complete"},
		{0, `"state":"absent"`, `"state":"gone"`, `state: "gone" is none of`},
		{0, `"state":"absent"`, `"state":"forbidden"`, "type dates.v1.food.example.com is forbidden where the head says"},
		{1, `"state":"absent"`, `"state":"excluded"`, "something else than another chunk"},
		{0, `"level":"full","objects":5`, `"level":"full","objects":0`, "part 1 of 2, of 0 objects"},
		{0, `"part":1`, `"part":2`, "part"},
		{0, `"state":"complete","level":"full","objects":5`, `"state":"unavailable","objects":5`, "is unavailable and has objects"},
		{0, `"resource":"apples"`, `"resource":"zebras"`, "type beans.v1.food.example.com after type zebras"},
		{0, `"kind":"Apple","metadata"`, `"kind":"Bean","metadata"`, "a Bean of food.example.com/v1 among those of type apples"},
		{0, `"apiVersion":"food.example.com/v1",`, ``, "apiVersion is missing"},
		{0, `"metadata":{`, `"metadata":[{`, "metadata"},
		{0, `{"record":"object"`, `{"record":"objekt"`, `the record "objekt" after "type"`},
		{0, `{"record":"object"`, `{"recurd":"object"`, "record is missing"},
		{0, `{"record":"object",`, `["record":"object",`, "not a JSON object"},
		{3, `"owner":"x"`, `"owner":""`, "owner: an empty text"},
		{3, `"lines":`, `"lines":1`, "where the end says"},
		{3, `{"record":"owner","uid":"0"`, `{"record":"release","uid":"0"`, "not known"},
	} {
		require.Contains(t, chunks[test.chunk], test.old)
		texts := append([]string{}, chunks...)
		texts[test.chunk] = strings.Replace(texts[test.chunk], test.old, test.new, 1)
		_, err := readChunks(t, texts...)
		require.ErrorIs(t, err, ErrSchema, test.new)
		require.ErrorContains(t, err, test.says, test.new)
	}
}

func TestObjectsEndWithTheErrorOfTheirReader(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	o, err := NewObjects(func(payload.Type, []byte) error { return enough })
	require.NoError(t, err)
	require.ErrorIs(t, o.Read(strings.NewReader(plainChunks(t, "RUN")[0])), enough)
	require.ErrorIs(t, o.Whole(), ErrPartial)
	require.ErrorIs(t, o.Read(strings.NewReader("")), ErrSchema)
}

// What was changed anywhere is either refused or says the same, and never stops the reader.
func FuzzObjects(f *testing.F) {
	chunks := plainChunks(f, "RUN")
	small := strings.ReplaceAll(strings.Join(chunks, ""), strings.Repeat("x", 16_000), "x")
	f.Add([]byte(small), 0, byte(0))
	f.Add([]byte(small), 100, byte('{'))
	f.Add([]byte(small), len(small)-2, byte('9'))
	f.Add([]byte(`{"record":"head","schema":"stocktake-objects/v1","cluster":"","run":"r","chunk":1,"chunks":2000000000,"objects":0,"began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:00Z","complete":true}`+"\n"+`{"record":"end","lines":2}`+"\n"), 3, byte(1))
	f.Fuzz(func(t *testing.T, text []byte, at int, change byte) {
		if len(text) > 0 && at >= 0 {
			text[at%len(text)] ^= change
		}
		n := 0
		o, err := NewObjects(func(payload.Type, []byte) error { n++; return nil })
		require.NoError(t, err)
		if err := o.Read(bytes.NewReader(text)); err != nil {
			require.ErrorIs(t, err, ErrSchema)
			return
		}
		if o.Whole() == nil {
			require.Equal(t, o.Head.Objects, n)
		}
	})
}
