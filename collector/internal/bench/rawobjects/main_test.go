package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestTokenIsFoundAtEitherEndOfAPage(t *testing.T) {
	t.Parallel()
	object := `{"metadata":{"name":"a","continue":"not this"},"spec":["],\"kind\":\"X\",\"metadata\":{\"continue\":\"nor this\"}}"]}`
	items := strings.Repeat(object+",", 100) + object
	for text, want := range map[string]string{
		`{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[` + items + "]}\n":                                                "",
		`{"kind":"JobList","apiVersion":"batch/v1","metadata":{"resourceVersion":"7","continue":"eyJ2","remainingItemCount":3},"items":[` + items + "]}\n": "eyJ2",
		`{"apiVersion":"example.com/v1","items":[` + items + `],"kind":"WidgetList","metadata":{"continue":"eyJ3","resourceVersion":"7"}}` + "\n":          "eyJ3",
		`{"apiVersion":"example.com/v1","items":[],"kind":"WidgetCollection","metadata":{"continue":"","resourceVersion":"7"}}` + "\n":                     "",
		`{"kind":"EventList","apiVersion":"events.k8s.io/v1","metadata":{"resourceVersion":"7","continue":"eyJ4"},"items":null}` + "\n":                    "eyJ4",
		`{"apiVersion":"example.com/v1","items":[` + items + "]}\n":                                                                                        "no metadata",
		`{"kind":"Status","apiVersion":"v1","status":"Failure"}`:                                                                                           "no metadata",
		"": "no metadata",
	} {
		var end tail
		for chunk := range bytes.SplitAfterSeq([]byte(text), []byte(",")) { // in many small pieces
			n, err := end.Write(chunk)
			require.NoError(t, err)
			assert.Len(t, chunk, n)
		}
		token, err := tokenOf([]byte(text)[:min(len(text), enough)], end)
		if want == "no metadata" {
			require.ErrorContains(t, err, want, text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, want, token)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 7, enough - 1, enough, enough + 1, 5 * enough} {
		text := make([]byte, 3*enough+5)
		for i := range text {
			text[i] = byte(i % 251)
		}
		var end tail
		for rest := text; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			_, _ = end.Write(rest[:min(size, len(rest))])
		}
		assert.Equal(t, text[len(text)-enough:], []byte(end), "in pieces of %d", size)
	}
}

func TestPathsAreThoseOfListableTypes(t *testing.T) {
	t.Parallel()
	list := metav1.Verbs{"get", "list"}
	paths, err := pathsOf([]*metav1.APIResourceList{
		{GroupVersion: "v1", APIResources: []metav1.APIResource{{Name: "pods", Verbs: list}, {Name: "bindings", Verbs: metav1.Verbs{"create"}}}},
		{GroupVersion: "apps/v1", APIResources: []metav1.APIResource{{Name: "deployments", Verbs: list}}},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"api/v1/pods", "apis/apps/v1/deployments"}, paths)
	_, err = pathsOf([]*metav1.APIResourceList{{GroupVersion: "a/b/c"}})
	require.Error(t, err)
}
