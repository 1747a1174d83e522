package saved

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

func savedOf(t testing.TB, r io.Reader) ([]*payload.Body, error) {
	t.Helper()
	bodies, discard, err := Bodies(r, payload.Options{SpoolDir: t.TempDir(), SpoolMemory: 1 << 10})
	if err == nil {
		t.Cleanup(discard)
	}
	return bodies, err
}

func TestSavedIsTheBodyThatWasBuilt(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI, payload.Stocktake} {
		built := newCluster(2000, 3, 10).build(t, kind, payload.Options{})[0]
		plain := clustertest.ReadAll(t, built.Plain())
		for name, file := range map[string][]byte{
			"printed":    append(bytes.Clone(plain), '\n'),
			"compressed": clustertest.ReadAll(t, built.Gzip()),
			"spaced":     []byte("\n\t " + string(plain) + strings.Repeat(" \r\n", 100_000)),
		} {
			bodies, err := savedOf(t, iotest.HalfReader(bytes.NewReader(file)))
			require.NoError(t, err, "%s %s", kind, name)
			require.Len(t, bodies, 1)
			got := bodies[0]
			assert.Equal(t, kind, got.Kind)
			assert.Empty(t, got.Account)
			assert.Equal(t, payload.ContentType, got.ContentType)
			assert.Equal(t, built.Namespaces, got.Namespaces)
			if kind != payload.KAI { // whose body names neither
				assert.Equal(t, built.Pods, got.Pods)
				assert.Equal(t, built.Containers, got.Containers)
			}
			assert.Equal(t, plain, clustertest.ReadAll(t, got.Plain()), "%s %s", kind, name)
			packed := clustertest.ReadAll(t, got.Gzip())
			assert.Equal(t, plain, clustertest.Unpack(t, packed))
			assert.Equal(t, got.GzipSize(), int64(len(packed)))
			assert.Equal(t, got.Size(), int64(len(plain)))
		}
	}
}

func TestSavedKeepsTheBytesOfOthers(t *testing.T) {
	t.Parallel()
	built := newCluster(30, 3, 10).build(t, payload.Anchore, payload.Options{})[0]
	pretty := bytes.TrimSpace(clustertest.Indent(t, clustertest.ReadAll(t, built.Plain())))
	bodies, err := savedOf(t, bytes.NewReader(pretty))
	require.NoError(t, err)
	assert.Equal(t, string(pretty), string(clustertest.ReadAll(t, bodies[0].Plain())))
}

func TestSavedReadsTheBodiesOfABatchedRun(t *testing.T) {
	t.Parallel()
	built := newCluster(300, 6, 10).build(t, payload.Anchore, payload.Options{MaxNamespaces: 2})
	require.Len(t, built, 3)
	var file, packed bytes.Buffer
	for _, b := range built {
		fmt.Fprintln(&file, string(clustertest.ReadAll(t, b.Plain())))
		packed.Write(clustertest.ReadAll(t, b.Gzip()))
	}
	for _, r := range []io.Reader{&file, &packed} {
		bodies, err := savedOf(t, r)
		require.NoError(t, err)
		require.Len(t, bodies, len(built))
		for i, b := range bodies {
			assert.Equal(t, built[i].Namespaces, b.Namespaces)
			assert.Equal(t, clustertest.ReadAll(t, built[i].Plain()), clustertest.ReadAll(t, b.Plain()))
		}
	}
}

const (
	tinyAnchore = `{"cluster_name":"prod-1",` +
		`"containers":[{"id":"c","image_digest":"","image_tag":"a:1","name":"n","pod_uid":"00000000-0000-4000-8000-000000000003"}],` +
		`"namespaces":[{"annotations":{},"labels":{"a":"b"},"name":"team-a","uid":"00000000-0000-4000-8000-000000000001"}],` +
		`"nodes":[{"arch":"amd64","name":"n1","uid":"00000000-0000-4000-8000-000000000002"}],` +
		`"pods":[{"name":"p","namespace_uid":"00000000-0000-4000-8000-000000000001",` +
		`"node_uid":"00000000-0000-4000-8000-000000000002","uid":"00000000-0000-4000-8000-000000000003"}],` +
		`"serverVersionMetadata":{"major":"1"},"timestamp":"2024-05-03T12:34:13Z"}`
	tinyKAI = `{"cluster_name":"prod-1","inventory_type":"kubernetes",` +
		`"results":[{"namespace":"team-a","images":[{"tag":"a:1","repoDigest":"sha256:00"}]},{"namespace":"b","images":[]}],` +
		`"serverVersionMetadata":{"major":"1"},"timestamp":"2024-05-03T12:34:13Z"}`
)

func TestSavedNamesThePlaceThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, old, new, says string }{
		{tinyAnchore, `"cluster_name":"prod-1",`, ``, `cluster_name is missing`},
		{tinyAnchore, `"cluster_name":"prod-1"`, `"cluster_name":""`, `cluster_name: an empty text`},
		{tinyAnchore, `"2024-05-03T12:34:13Z"`, `"today"`, `timestamp: "today" has not the form`},
		{tinyAnchore, `"containers":[`, `"containers":null,"x":[`, `containers: null where the schema wants array`},
		{tinyAnchore, `"id":"c"`, `"id":""`, `containers[0].id: an empty text`},
		{tinyAnchore, `"image_tag":"a:1"`, `"image_tag":" "`, `containers[0].image_tag: " " has not the form`},
		{tinyAnchore, `"pod_uid":"0`, `"pod_uid":"G`, `containers[0].pod_uid: "G`},
		{tinyAnchore, `"labels":{"a":"b"}`, `"labels":{"a":1}`, `namespaces[0].labels.a: `},
		{tinyAnchore, `"labels":{"a":"b"}`, `"labels":null`, `namespaces[0].labels: null`},
		{tinyAnchore, `"node_uid":"00000000-0000-4000-8000-000000000002"`, `"node_uid":""`, `pods[0].node_uid: ""`},
		{tinyAnchore, `"name":"p",`, ``, `pods[0]: name is missing`},
		{tinyAnchore, `"name":"p",`, `"name":"p","name":"q",`, `pods[0]: "name" comes twice`},
		{tinyAnchore, `"name":"n1"`, `"name":"n1","mood":"good"`, `nodes[0]: "mood" is not known`},
		{tinyKAI, `"kubernetes"`, `"ecs"`, `inventory_type: "ecs" is not "kubernetes"`},
		{tinyKAI, `"images":[]`, `"images":null`, `results[1].images: null`},
		{tinyKAI, `"tag":"a:1",`, ``, `results[0].images[0]: tag is missing`},
		{tinyKAI, `"sha256:00"`, `"docker.io/a@sha256:00"`, `results[0].images[0].repoDigest: `},
		{tinyKAI, `"results"`, `"result"`, `not an inventory`},
		{tinyKAI, `"team-a"`, "\"\xff\"", `not UTF-8`},
	} {
		require.Contains(t, test.body, test.old)
		for _, body := range []string{tinyAnchore, tinyKAI} {
			_, err := savedOf(t, strings.NewReader(body))
			require.NoError(t, err)
		}
		wrong := strings.Replace(test.body, test.old, test.new, 1)
		_, err := savedOf(t, strings.NewReader(wrong))
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err, test.says)
		require.ErrorContains(t, err, "read saved body 1: ")
		_, err = savedOf(t, strings.NewReader(tinyAnchore+"\n"+wrong))
		require.ErrorContains(t, err, "read saved body 2: ")
	}
}

func TestSavedRefusesWhatIsNoInventory(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"", " \n", "null", "[]", "7", "{}", `{"a":1}`, "<html>", "\xff\xfe{", "\x1f\x8b", "\x1f\x8bjunk and more junk",
		tinyKAI + "}", tinyKAI + " x", `{"format":"stocktake/v9"}`, `{"results":[}`, `{"results" []}`, "{\"results\":{\"a\"}}",
	} {
		_, err := savedOf(t, strings.NewReader(wrong))
		require.ErrorIs(t, err, ErrSchema, "%q", wrong)
	}
	for _, whole := range []string{tinyAnchore, tinyKAI, packed(t, tinyKAI)} {
		for i := range len(whole) {
			_, err := savedOf(t, strings.NewReader(whole[:i]))
			require.ErrorIs(t, err, ErrSchema, "the first %d bytes", i)
		}
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

func TestSavedTellsADamagedArchive(t *testing.T) {
	t.Parallel()
	archive := []byte(packed(t, tinyKAI))
	archive[len(archive)-8] ^= 1 // of the CRC
	_, err := savedOf(t, bytes.NewReader(archive))
	require.ErrorIs(t, err, ErrSchema)
	require.ErrorContains(t, err, "damaged")
}

func TestSavedPassesOnTheFaultsOfDisks(t *testing.T) {
	t.Parallel()
	_, err := savedOf(t, io.MultiReader(strings.NewReader(tinyKAI[:50]), iotest.ErrReader(assert.AnError)))
	require.ErrorIs(t, err, assert.AnError)
	require.NotErrorIs(t, err, ErrSchema)
	_, _, err = Bodies(strings.NewReader(tinyKAI), payload.Options{SpoolDir: t.TempDir() + "/nowhere"})
	require.ErrorIs(t, err, settings.ErrInvalid)
}

// The schemas of the bodies for Anchore say of every variant what a strict
// receiver says, but for members that are not known, which it ignores, and for
// references between objects, which no schema can see.
func TestSchemasOfAnchoreAgreeWithAReceiver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, schema string
		receiver     func([]byte) error
	}{
		"anchore": {tinyAnchore, anchoreSchema, anchoretest.CheckV2},
		"kai":     {tinyKAI, kaiSchema, anchoretest.CheckKAI},
	} {
		ours, err := readSchema(test.schema)
		require.NoError(t, err)
		var valid any
		require.NoError(t, json.Unmarshal([]byte(test.body), &valid))
		count := map[bool]int{}
		variants(valid, func(change string, document any) {
			text, err := json.Marshal(document)
			require.NoError(t, err)
			want, got := test.receiver(text), ours.check(bytes.NewReader(text))
			count[got == nil]++
			switch {
			case got == nil && want != nil:
				require.ErrorContains(t, want, "is not among the", "%s %s", name, change)
			case got != nil && want == nil && !strings.HasPrefix(change, ".serverVersionMetadata"):
				require.ErrorContains(t, got, "is not known", "%s %s", name, change)
			}
		})
		assert.Greater(t, count[true], 10, "accepted")
		assert.Greater(t, count[false], 100, "refused")
	}
}

func FuzzSaved(f *testing.F) {
	f.Add([]byte(tinyAnchore + "\n" + tinyKAI))
	f.Add(nativeText(f))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		bodies, err := savedOf(t, bytes.NewReader(file))
		if err != nil || bytes.HasPrefix(file, []byte(gzipMagic)) {
			return
		}
		rest := file
		for _, b := range bodies {
			text := clustertest.ReadAll(t, b.Plain())
			before, after, found := bytes.Cut(rest, text)
			require.True(t, found)
			require.Empty(t, bytes.TrimSpace(before))
			rest = after
		}
		require.Empty(t, bytes.TrimSpace(rest))
	})
}
