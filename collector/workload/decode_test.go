package workload

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

func TestDecodersAgreeWithTheTypedOne(t *testing.T) {
	t.Parallel()
	const batch = 250
	for seed := range int64(6) {
		pods := podtest.Random(batch, seed)
		for _, e := range []wire.Encoding{wire.Protobuf, wire.JSON} {
			got, info, err := scanPage(podtest.Page(t, e, metav1.ListMeta{ResourceVersion: "7", Continue: "next"}, pods...), e)
			require.NoError(t, err)
			require.Len(t, got, batch)
			assert.Equal(t, wire.ListMeta{ResourceVersion: "7", Continue: "next"}, info)
			for i := range pods {
				require.Equal(t, podtest.Projection(&pods[i]), got[i], "%s: seed %d, pod %d", e, seed, i)
			}
		}
	}
}

func TestStringsOutliveTheObjectTheyCameFrom(t *testing.T) {
	t.Parallel()
	pods := podtest.Random(50, 3)
	for _, e := range []wire.Encoding{wire.Protobuf, wire.JSON} {
		page := podtest.Page(t, e, metav1.ListMeta{}, pods...)
		got, _, err := scanPage(page, e)
		require.NoError(t, err)
		clear(page)
		assert.Equal(t, podtest.Projection(&pods[0]), got[0])
	}
}

func TestDecoderMendsWhatIsNotUTF8(t *testing.T) {
	t.Parallel()
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a\xffb", Namespace: "n\xfe", Labels: map[string]string{"k": "v\xff"}}}
	got, _, err := scanPage(podtest.Page(t, wire.Protobuf, metav1.ListMeta{}, pod, pod), wire.Protobuf)
	require.NoError(t, err)
	for _, p := range got {
		assert.Equal(t, "a\uFFFDb", p.Name)
		assert.Equal(t, "n\uFFFD", p.Namespace)
		assert.Equal(t, []inventory.Label{{Key: "k", Value: "v\uFFFD"}}, p.Labels)
	}
}

func TestTruncatedPageIsNeverWhole(t *testing.T) {
	t.Parallel()
	// Without these bytes nothing is lost: protobuf ends with two empty fields.
	spare := map[wire.Encoding]int{wire.Protobuf: len("\x1a\x00\x22\x00"), wire.JSON: 0}
	for _, e := range []wire.Encoding{wire.Protobuf, wire.JSON} {
		page := podtest.Page(t, e, metav1.ListMeta{ResourceVersion: "7"}, podtest.Random(2, 1)...)
		whole := len(page) - spare[e]
		for n := range whole {
			if n > 300 && n < whole-300 && n%101 != 0 {
				continue // enough is as good as every byte
			}
			_, _, err := scanPage(page[:n], e)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s cut after %d of %d bytes", e, n, len(page))
		}
	}
}

func TestLargeObjectGrowsWithWhatArrives(t *testing.T) {
	t.Parallel()
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", Annotations: map[string]string{"k": strings.Repeat("x", 200_000)}}}
	page := podtest.Page(t, wire.Protobuf, metav1.ListMeta{}, pod)
	got, _, err := scanPage(page, wire.Protobuf)
	require.NoError(t, err)
	assert.Len(t, got[0].Annotations[0].Value, 200_000)
}

// It counts what the whole process allocates, so it must not run beside others.
func TestPromiseOfALargeObjectCostsNothing(t *testing.T) { //nolint:paralleltest // see above
	const times = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		_, _, err := scanPage(promise(8<<20), wire.Protobuf)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/times, uint64(1<<20), "8 MiB must cost nothing before they arrive")
}

// promise is a page that announces an object of n bytes and ends.
func promise(n int) []byte {
	b := append([]byte(wire.Magic), 0x0a, 0x09, 0x12, 0x07)
	b = append(b, "PodList"...)
	b = append(b, 0x12)
	b = appendVarint(b, n+100)
	b = append(b, 0x0a, 0x00, 0x12)
	return appendVarint(b, n)
}

func appendVarint(b []byte, n int) []byte {
	for ; n > 0x7f; n >>= 7 {
		b = append(b, byte(n&0x7f|0x80))
	}
	return append(b, byte(n))
}

func TestHostilePagesAreErrors(t *testing.T) {
	t.Parallel()
	list := func(fields ...byte) string {
		return wire.Magic + "\x0a\x09\x12\x07PodList\x12" + string(rune(len(fields))) + string(fields)
	}
	item := func(object ...byte) string {
		return list(append([]byte{0x0a, 0x00, 0x12, byte(len(object))}, object...)...)
	}
	for name, c := range map[string]struct {
		encoding wire.Encoding
		page     string
		want     string
	}{
		"not protobuf":              {wire.Protobuf, "<html><body>", "prefix"},
		"another kind":              {wire.Protobuf, strings.Replace(item(), "PodList", "JobList", 1), "not the list"},
		"an empty envelope":         {wire.Protobuf, wire.Magic + "\x12\x00", "no kind"},
		"a list without metadata":   {wire.Protobuf, list(), "no metadata"},
		"two lists":                 {wire.Protobuf, item() + "\x12\x00", "do not add up"},
		"an encoding within":        {wire.Protobuf, wire.Magic + "\x1a\x04gzip", "encoded once more"},
		"an item beyond the list":   {wire.Protobuf, list(0x0a, 0x00, 0x12, 0x7f), "do not add up"},
		"a huge item":               {wire.Protobuf, string(promise(wire.MaxObject + 1)), "unexpected EOF"},
		"a group in the list":       {wire.Protobuf, list(0x0a, 0x00, 0x1b), "groups"},
		"a group in a pod":          {wire.Protobuf, item(0x0b), "groups"},
		"a wrong wire type":         {wire.Protobuf, item(0x08, 0x01), "wire type"},
		"a field beyond the pod":    {wire.Protobuf, item(0x0a, 0x7f), "malformed"},
		"field number zero":         {wire.Protobuf, item(0x02, 0x00), "malformed"},
		"an endless varint":         {wire.Protobuf, item(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80), "malformed"},
		"malformed metadata":        {wire.Protobuf, list(0x0a, 0x02, 0x12, 0x7f), "malformed"},
		"a JSON list of another":    {wire.JSON, `{"kind":"Status","metadata":{},"items":[]}`, "not the list"},
		"metadata twice":            {wire.Protobuf, list(0x0a, 0x00, 0x12, 0x00, 0x0a, 0x00), "twice"},
		"JSON with metadata twice":  {wire.JSON, `{"kind":"PodList","metadata":{},"items":[],"metadata":{"continue":"t"}}`, "twice"},
		"JSON of nothing":           {wire.JSON, `{}`, "no kind"},
		"JSON without metadata":     {wire.JSON, `{"kind":"PodList","items":[]}`, "no metadata"},
		"items that are not a list": {wire.JSON, `{"kind":"PodList","metadata":{},"items":{}}`, "where"},
		"a name that is a number":   {wire.JSON, `{"kind":"PodList","metadata":{},"items":[{"metadata":{"name":1}}]}`, "cannot unmarshal"},
		"labels that are a list":    {wire.JSON, `{"kind":"PodList","metadata":{},"items":[{"metadata":{"labels":[]}}]}`, "not strings"},
		"more after the list":       {wire.JSON, `{"kind":"PodList","metadata":{},"items":[]} {}`, "after the end"},
		"endless nesting":           {wire.JSON, `{"kind":"PodList","metadata":{},"items":[` + strings.Repeat("[", 100_000), "depth"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := scanPage([]byte(c.page), c.encoding)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestUnknownFieldsAreSkippedEverywhere(t *testing.T) {
	t.Parallel()
	// Field 60 as a varint, as eight bytes, as a string, and as four bytes.
	const unknown = "\xe0\x03\x80\x01" + "\xe1\x0312345678" + "\xe2\x03\x02hi" + "\xe5\x031234"
	within := func(tag, message string) string {
		return tag + string(rune(len(message))) + message
	}
	pod := unknown + within("\x0a", unknown+"\x0a\x01p"+"\x1a\x01n"+unknown) + unknown
	list := unknown + within("\x0a", unknown+"\x12\x017") + unknown + within("\x12", pod) + unknown
	page := wire.Magic + unknown + within("\x0a", unknown+"\x12\x07PodList") + "\x12" +
		string(appendVarint(nil, len(list))) + list + unknown

	pods, info, err := scanPage([]byte(page), wire.Protobuf)
	require.NoError(t, err)
	assert.Equal(t, "7", info.ResourceVersion)
	require.Len(t, pods, 1)
	assert.Equal(t, inventory.Pod{Namespace: "n", Name: "p"}, pods[0])
}

func TestOversizedListWithinAPodIsAnError(t *testing.T) {
	t.Parallel()
	containers := bytes.Repeat([]byte{0x12, 0x00}, freeEntries*2)
	var r podRecord
	require.ErrorIs(t, r.Spec.decode(containers), errTooMany)

	page := `{"kind":"PodList","metadata":{},"items":[{"spec":{"containers":[` + strings.Repeat("{},", 4*freeEntries) + `{}]}}]}`
	_, _, err := scanPage([]byte(page), wire.JSON)
	require.ErrorIs(t, err, errTooMany)
}

func TestHugeJSONObjectIsAnError(t *testing.T) {
	t.Parallel()
	page := `{"kind":"PodList","metadata":{},"items":[{"x":"` + strings.Repeat("x", wire.MaxObject+(1<<20)) + `"}]}`
	_, _, err := scanPage([]byte(page), wire.JSON)
	require.ErrorIs(t, err, wire.ErrTooLarge)
}

func TestJSONMetadataMayComeLast(t *testing.T) {
	t.Parallel()
	page := `{"items":[{"metadata":{"name":"a","namespace":"n"}}],"apiVersion":"v1","metadata":{"continue":"t"},"kind":"PodList"}`
	pods, info, err := scanPage([]byte(page), wire.JSON)
	require.NoError(t, err)
	assert.Len(t, pods, 1)
	assert.Equal(t, "t", info.Continue)
}

func TestJSONListMayBeNull(t *testing.T) {
	t.Parallel()
	pods, _, err := scanPage([]byte(`{"kind":"PodList","metadata":{},"items":null}`), wire.JSON)
	require.NoError(t, err)
	assert.Empty(t, pods)
}

func TestOnlyWhatIsKeptIsCopied(t *testing.T) {
	t.Parallel()
	r := podRecord{Metadata: metaRecord{
		Labels:      pairs{{text("a"), text("1")}, {text("b"), text("2")}},
		Annotations: pairs{{text("c"), text("3")}},
	}}
	p := newBuilder(Keep{}).build(new(wire.Object), &r)
	assert.Len(t, p.Labels, 2, "labels are kept by default")
	assert.Empty(t, p.Annotations, "annotations are not")

	p = newBuilder(Keep{
		Labels:      func(key []byte) bool { return string(key) == "b" },
		Annotations: func([]byte) bool { return true },
	}).build(new(wire.Object), &r)
	assert.Equal(t, []inventory.Label{{Key: "b", Value: "2"}}, p.Labels)
	assert.Equal(t, []inventory.Label{{Key: "c", Value: "3"}}, p.Annotations)
}

func TestWorkloadIsKnownWithoutTheLabelsOfPods(t *testing.T) {
	t.Parallel()
	r := podRecord{Metadata: metaRecord{
		Labels:          pairs{{text("app"), text("web")}, {text(inventory.TemplateHashLabel), text("5d4f8c7b9")}},
		OwnerReferences: list[ownerRecord]{{Kind: text("ReplicaSet"), Name: text("web-5d4f8c7b9"), Controller: true}},
	}}
	p := newBuilder(Keep{Labels: func([]byte) bool { return false }}).build(new(wire.Object), &r)
	assert.Empty(t, p.Labels)
	assert.True(t, p.Derived)
	assert.Equal(t, inventory.Owner{Kind: "Deployment", Name: "web"}, p.Workload)
}

func TestInternerStartsOverWhenFull(t *testing.T) {
	t.Parallel()
	in := newInterner()
	for i := range 3 * internEntries {
		in.text([]byte(strings.Repeat("x", i%200) + string(rune('a'+i%26)) + string(rune(i))))
	}
	assert.LessOrEqual(t, len(in.known), internEntries)
	long := strings.Repeat("y", internLength+1)
	assert.Equal(t, long, in.text([]byte(long)))
	assert.NotContains(t, in.known, long, "long values are not remembered")
}

// TestManyImageVolumesTakeTimeInProportion reads pods of many image volumes that one
// container mounts. Sixteen times as many take some sixteen times as long; compared
// pair by pair it would be 256 times.
func TestManyImageVolumesTakeTimeInProportion(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fastest := func(volumes int) time.Duration {
		r, best := manyImageVolumes(volumes), time.Hour
		for round := range 3 {
			b := newBuilder(Keep{})
			before, err := cpuTime()
			require.NoError(t, err)
			p := b.build(new(wire.Object), r)
			after, err := cpuTime()
			require.NoError(t, err)
			best = min(best, after-before)
			require.Len(t, p.Containers, 1+volumes)
			for i := 0; round == 0 && i < volumes; i++ {
				require.Equal(t, fmt.Sprintf("sha256:%064d", i), p.Containers[1+i].Image.Digest())
			}
		}
		return best
	}
	few, many := fastest(2_000), fastest(32_000)
	assert.Less(t, many, 80*few)
	t.Logf("%v and %v", few, many)
}

func manyImageVolumes(n int) *podRecord {
	var r podRecord
	status := containerStatus{State: stateRecord{Running: reasonRecord{Present: true}}}
	for i := range n {
		r.Spec.Volumes = append(r.Spec.Volumes, volumeRecord{Name: fmt.Appendf(nil, "v%05d", i), Image: imageRecord{Reference: text("a:1"), Present: true}})
		mount := mountRecord{Name: fmt.Appendf(nil, "v%05d", n-1-i)}
		mount.VolumeStatus.Image.ImageRef = fmt.Appendf(nil, "a@sha256:%064d", n-1-i)
		status.VolumeMounts = append(status.VolumeMounts, mount)
	}
	r.Status.ContainerStatuses = list[containerStatus]{status}
	return &r
}
