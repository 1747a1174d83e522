package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
)

// chunkOf posts a chunk to a receiver, and returns how it answered.
func chunkOf(t *testing.T, i *inbox, run string, chunk, chunks int, complete bool) int {
	t.Helper()
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, err := fmt.Fprintf(w, `{"record":"head","run":%q,"chunk":%d,"chunks":%d,"objects":7,"complete":%t}`+"\n"+`{"record":"end","lines":2}`+"\n", run, chunk, chunks, complete)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	answer := httptest.NewRecorder()
	i.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, inboxPath, &body))
	return answer.Code
}

func TestInboxWantsAllChunks(t *testing.T) {
	t.Parallel()
	i := &inbox{}
	i.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodHead, inboxPath, nil))
	_, err := i.take()
	require.ErrorContains(t, err, "no objects")

	require.Equal(t, http.StatusOK, chunkOf(t, i, "r", 2, 2, true))
	require.Equal(t, http.StatusOK, chunkOf(t, i, "r", 1, 2, true))
	n, err := i.take()
	require.NoError(t, err)
	assert.Equal(t, 7, n)
	_, err = i.take()
	require.ErrorContains(t, err, "no objects", "what was taken is not there any more")

	require.Equal(t, http.StatusOK, chunkOf(t, i, "r", 3, 3, true))
	require.Equal(t, http.StatusBadRequest, chunkOf(t, i, "r", 3, 3, true))
	require.Equal(t, http.StatusOK, chunkOf(t, i, "s", 1, 3, true), "of another run")
	require.Equal(t, http.StatusOK, chunkOf(t, i, "s", 3, 3, true))
	_, err = i.take()
	require.ErrorContains(t, err, "2 of 3 chunks")

	require.Equal(t, http.StatusOK, chunkOf(t, i, "r", 1, 1, false))
	_, err = i.take()
	require.ErrorContains(t, err, "could not be read")

	answer := httptest.NewRecorder()
	i.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, inboxPath, strings.NewReader(`{"record":"head"}`)))
	assert.Equal(t, http.StatusBadRequest, answer.Code, "a body that is not compressed")
}

// TestReleasesAreThoseOfHelm: the program opens them, and they are as large as they may be.
func TestReleasesAreThoseOfHelm(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(release("web", 4, releaseBytes))
	require.NoError(t, err)
	assert.InDelta(t, 900_000, len(text), 20_000)
	chart, err := object.ReadChart("secrets", text)
	require.NoError(t, err)
	assert.Equal(t, "web", chart.Name)
	assert.Equal(t, "1.2.3", chart.Version)
	assert.Len(t, chart.Objects, 1)
}

// TestSurroundingsAreMany, and none of them twice. Releases, which take their time, have a
// test of their own.
func TestSurroundingsAreMany(t *testing.T) {
	t.Parallel()
	seen, of, size := map[string]bool{}, map[string]int{}, 0
	for _, all := range []iter.Seq[newObject]{customObjects(), configurations(), applications()} {
		for one := range all {
			text, err := json.Marshal(one.object)
			require.NoError(t, err)
			var named struct {
				Metadata struct{ Name string }
			}
			require.NoError(t, json.Unmarshal(text, &named))
			require.NotEmpty(t, named.Metadata.Name)
			key := one.path + "/" + named.Metadata.Name
			assert.False(t, seen[key], key)
			seen[key] = true
			of[one.path[strings.LastIndexByte(one.path, '/')+1:]]++
			size += len(text)
		}
	}
	for plural, count := range map[string]int{"configmaps": configMaps, "deployments": workloads, "services": workloads, "replicasets": 2 * workloads} {
		assert.Equal(t, count, of[plural], plural)
		delete(of, plural)
	}
	assert.Len(t, of, definitions, "types of custom resources")
	assert.InDelta(t, 12e6, size, 4e6)
}

func TestProgramsTellWhetherTheyFoundEverything(t *testing.T) {
	t.Parallel()
	b := &bench{around: surroundings{objects: 10}}
	const all = namespaces + nodes + 5 + 10
	require.NoError(t, b.check(counts{}, 5), "who tells nothing is trusted")
	require.NoError(t, b.check(counts{Pods: 5, Objects: all}, 5))
	require.NoError(t, b.check(counts{Objects: all + 3}, 5), "the API server has some of its own")
	require.ErrorContains(t, b.check(counts{Pods: 4}, 5), "4 pods")
	require.ErrorContains(t, b.check(counts{Objects: all - 1}, 5), "at least")
}

func TestObjectsAreRacedForWithKubectl(t *testing.T) {
	t.Parallel()
	b := &bench{options: options{kubectl: "/k", program: "/s", before: "/o"}, kubeconfig: "/c", url: "http://x", around: surroundings{types: "pods,gadgets.example.com"}}
	letters := func(pods int) (all string) {
		for _, e := range b.entrants(pods) {
			all += e.letter
		}
		return all
	}
	assert.Equal(t, "abcf", letters(20_000))
	assert.Equal(t, "acf", letters(200_000), "kubectl would take the memory of the machine")
	assert.Contains(t, strings.Join(kubectlGet(b), " "), "/k --kubeconfig /c get pods,gadgets.example.com --all-namespaces --output json")
	assert.Contains(t, strings.Join(stocktakeObjects("/s")(b), " "), "-set objects.types=* -set deliver.http.url=http://x/objects -set deliver.http.kind=objects")
}
