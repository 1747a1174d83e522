package workload

import (
	"bufio"
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/wire"
)

// hostile are objects of some 1.5 MB, which ask for as much memory as they can.
func hostile() map[string]string {
	pod := func(path string, entry string) string {
		text := `{"metadata":{"namespace":"n","name":"p"}}`
		list := strings.Repeat(entry+",", 1_500_000/(len(entry)+1)) + entry
		return strings.TrimSuffix(text, "}") + fmt.Sprintf(path, list) + "}"
	}
	many := func(format string) string {
		var b strings.Builder
		for i := range 75_000 {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	return map[string]string{
		"containers of a number":      pod(`,"spec":{"containers":[%s]}`, "0"),
		"containers of null":          pod(`,"spec":{"containers":[%s]}`, "null"),
		"empty containers":            pod(`,"spec":{"containers":[%s]}`, "{}"),
		"empty statuses":              pod(`,"status":{"containerStatuses":[%s]}`, "{}"),
		"statuses that are lists":     pod(`,"status":{"containerStatuses":[%s]}`, "[]"),
		"statuses with a state":       pod(`,"status":{"containerStatuses":[%s]}`, `{"state":{"waiting":{}}}`),
		"mounts within a status":      pod(`,"status":{"containerStatuses":[{"volumeMounts":[%s]}]}`, "{}"),
		"one mount in each status":    pod(`,"status":{"containerStatuses":[%s]}`, `{"volumeMounts":[{}]}`),
		"one status given many times": pod(`,"status":{%s}`, `"containerStatuses":[{}]`),
		"a state given many times":    pod(`,"status":{"containerStatuses":[{%s}]}`, `"state":{"waiting":{}}`),
		"empty owners":                `{"metadata":{"namespace":"n","name":"p","ownerReferences":[` + strings.Repeat("{},", 500_000) + `{}]}}`,
		"labels":                      `{"metadata":{"namespace":"n","name":"p","labels":{` + many(`"label-%07d":"",`) + `}}}`,
		"labels of one name":          `{"metadata":{"namespace":"n","name":"p","labels":{` + strings.Repeat(`"":"",`, 250_000) + `"":""}}}`,
		"nothing that is wanted":      pod(`,"other":[%s]`, "{}"),
		"nested":                      `{"metadata":{"namespace":"n","name":"p"},"spec":` + strings.Repeat(`{"containers":[`, 4_000) + strings.Repeat(`]}`, 4_000) + `}`,
	}
}

// TestHostileJSONObjectCostsWhatItsBytesAllow: what an object leaves in memory is
// bounded by its length, and whatever it is, it is one object.
func TestHostileJSONObjectCostsWhatItsBytesAllow(t *testing.T) {
	const most = 16 // bytes of memory for one of JSON
	for name, object := range hostile() {
		page := []byte(`{"kind":"PodList","metadata":{},"items":[` + object + `]}`)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		scanner, err := wire.NewScanner(string(wire.JSON), "PodList", bufio.NewReader(bytes.NewReader(page)))
		require.NoError(t, err, name)
		_, err = scanner.Head()
		require.NoError(t, err, name)
		var r podRecord
		var o wire.Object
		if scanner.Next(&o) == nil {
			_ = decode(&o, &r, r.decode)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		assert.Less(t, used, int64(most*len(page)+(4<<20)), "%s: %d bytes", name, len(page))
		t.Logf("%-28s %4.1f MB of JSON, %5.1f MB of memory", name, float64(len(page))/1e6, float64(used)/1e6)
		runtime.KeepAlive(scanner)
		runtime.KeepAlive(&r)
	}
}

// TestRecordOfJSONIsUsedAgain whatever the memory of a record held before.
func TestRecordOfJSONIsUsedAgain(t *testing.T) {
	t.Parallel()
	page := podtest.Page(t, wire.JSON, metav1.ListMeta{}, podtest.Small("a"), corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "b"}}, podtest.Small("c"))
	pods, _, err := scanPage(page, wire.JSON)
	require.NoError(t, err)
	require.Len(t, pods, 3)
	assert.Equal(t, podtest.Projection(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "b"}}), pods[1])
}
