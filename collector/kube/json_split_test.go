package kube

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FuzzJSONValue cuts values as encoding/json does.
func FuzzJSONValue(f *testing.F) {
	for _, seed := range []string{`{}`, `[1, "a]", {"b\"}": [null]}]`, ` "x\\" `, `-1.5e3`, `true`, `{"a":{"b":[]},"c":""}`, `[1 2]`, `{"a" 1}`} {
		f.Add([]byte(seed), 7)
	}
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if !json.Valid(b) {
			return
		}
		s := jsonStream{r: bufio.NewReaderSize(bytes.NewReader(append(bytes.Clone(b), " ]"...)), min(max(size, 16), 64))}
		value, err := s.next(len(b))
		require.NoError(t, err)
		require.Equal(t, string(bytes.Trim(b, " \n\t\r")), string(value))
		rest, err := s.take("]")
		require.NoError(t, err)
		require.Equal(t, byte(']'), rest)
		requireMembers(t, value)
	})
}

// requireMembers requires that a value is cut into what encoding/json finds in it.
func requireMembers(t *testing.T, value []byte) {
	t.Helper()
	var elements []json.RawMessage
	if json.Unmarshal(value, &elements) == nil && value[0] == '[' {
		var got []json.RawMessage
		require.NoError(t, members(value, func(_, v []byte) error { got = append(got, v); return nil }))
		require.Len(t, got, len(elements))
		for i := range got {
			require.JSONEq(t, string(elements[i]), string(got[i]))
		}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) == nil && value[0] == '{' {
		got := map[string]json.RawMessage{}
		require.NoError(t, members(value, func(k, v []byte) error {
			key, ok := unquoted(k)
			require.True(t, ok)
			got[string(key)] = v
			return nil
		}))
		require.Len(t, got, len(object))
		for key := range got {
			require.JSONEq(t, string(object[key]), string(got[key]))
		}
	}
}

// TestJSONObjectThatIsTooLargeIsAGapOfItsNamespace and the rest of the page is read.
func TestJSONObjectThatIsTooLargeIsAGapOfItsNamespace(t *testing.T) {
	t.Parallel()
	large := func(meta string) string {
		return `{"metadata":{` + meta + `"labels":{"a":"` + strings.Repeat("x", maxItem) + `"}}}`
	}
	page := func(objects ...string) []byte {
		return []byte(`{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"namespace":"aa","name":"a"}},` +
			strings.Join(objects, ",") + `,{"metadata":{"namespace":"zz","name":"z"}}]}`)
	}
	read := func(page []byte) (*recorder, error) {
		r := newRecorder(t)
		_, err := answering{"pods": {says(page)}}.connection(t).Pods(t.Context(), r) //nolint:bodyclose // the client closes them
		return r, err
	}
	r, err := read(page(large(`"name":"m\"","namespace":"m\u006d",`), `{"metadata":{"namespace":"mm","name":"n"}}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]struct{}{"aa": {}, "zz": {}}, r.over)
	require.ErrorIs(t, r.gaps["mm"].Cause, errTooLarge)
	require.ErrorContains(t, r.gaps["mm"].Cause, `pod mm/m"`)

	_, err = read(page(`{"metadata":{"labels":{"a":"` + strings.Repeat("x", maxItem) + `"},"namespace":"mm"}}`))
	require.ErrorIs(t, err, errTooLarge, "its namespace comes after all that is kept")
	require.ErrorContains(t, err, "nobody can tell which namespace lacks it")
}

// hostile are objects of some 3 MB, which ask for as much memory as they can.
func hostile() map[string]string {
	pod := func(path string, entry string) string {
		text := `{"metadata":{"namespace":"n","name":"p"}}`
		list := strings.Repeat(entry+",", 3_000_000/(len(entry)+1)) + entry
		return strings.TrimSuffix(text, "}") + fmt.Sprintf(path, list) + "}"
	}
	many := func(format string) string {
		var b strings.Builder
		for i := range 150_000 {
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
		"empty owners":                `{"metadata":{"namespace":"n","name":"p","ownerReferences":[` + strings.Repeat("{},", 1_000_000) + `{}]}}`,
		"labels":                      `{"metadata":{"namespace":"n","name":"p","labels":{` + many(`"label-%07d":"",`) + `}}}`,
		"labels of one name":          `{"metadata":{"namespace":"n","name":"p","labels":{` + strings.Repeat(`"":"",`, 500_000) + `"":""}}}`,
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
		scanner := newJSONScanner(bufio.NewReader(bytes.NewReader(page)), "PodList")
		_, err := scanner.head()
		require.NoError(t, err, name)
		var r podRecord
		_ = scanner.next(&r)
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
	page := podPage(t, jsonEncoding, metav1.ListMeta{}, smallPod("a"), podOf("n", "b"), smallPod("c"))
	pods, _, err := scanPage(page, jsonEncoding)
	require.NoError(t, err)
	require.Len(t, pods, 3)
	assert.Equal(t, projection(new(podOf("n", "b"))), pods[1])
}
