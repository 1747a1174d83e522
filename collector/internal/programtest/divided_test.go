package programtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// divided answers a listing in two pages of two moments: the token of the first has
// expired when it is used.
func divided(first, second []object) func(int, *http.Request) reply {
	return func(_ int, r *http.Request) reply {
		switch token := r.URL.Query().Get("continue"); token {
		case "":
			list := listOf("PodList", "100", first...)
			list["metadata"] = object{"resourceVersion": "100", "continue": "expired"}
			return reply{body: list}
		case "expired":
			return reply{code: http.StatusGone, body: object{"kind": "Status", "code": http.StatusGone, "metadata": object{"continue": "later"}}}
		default:
			return reply{body: listOf("PodList", "110", second...)}
		}
	}
}

// TestNamespaceThatIsDividedEachTime: no three readings of it are of one moment.
func TestNamespaceThatIsDividedEachTime(t *testing.T) {
	t.Parallel()
	paths := usualPaths([]string{"aa", "mm", "zz"})
	paths["/api/v1/pods"] = divided([]object{podObject("aa", "a"), podObject("mm", "m0")}, []object{podObject("mm", "m1"), podObject("zz", "z")})
	paths["/api/v1/namespaces/mm/pods"] = divided([]object{podObject("mm", "m0")}, []object{podObject("mm", "m1")})
	const readAgain = "/api/v1/namespaces/mm/pods"

	server := &scriptedServer{paths: paths}
	got, _ := server.printed(t)
	assert.Equal(t, 6, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.summary.Reason, "not of one moment")
	assert.Equal(t, 3*3, server.asked[readAgain], "three readings of three requests")

	got, body := server.printed(t, "allow-incomplete=true")
	require.Equal(t, 7, got.code, got.stderr)
	assert.Equal(t, []string{"aa/a", "zz/z"}, body.pods())
	assert.ElementsMatch(t, []string{"aa", "zz"}, body.namespaces())
	assert.Equal(t, "mixed", body.Run.Consistency)
	require.Len(t, body.Gaps, 1)
	assert.Equal(t, "pods of namespace mm", body.Gaps[0].Source)

	got, body = server.printed(t, "namespace-selectors.exclude=mm")
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, []string{"aa/a", "zz/z"}, body.pods())
	assert.Zero(t, server.asked[readAgain], "nobody asks for it")

	paths[readAgain] = answers(listOf("PodList", "120", podObject("mm", "m1")))
	got, body = server.printed(t)
	require.Equal(t, 0, got.code, got.stderr)
	assert.ElementsMatch(t, []string{"aa/a", "mm/m1", "zz/z"}, body.pods())
}

// TestNamespaceMadeAgainWhileTheClusterIsRead: its pods are not delivered under the UID
// of the namespace before.
func TestNamespaceMadeAgainWhileTheClusterIsRead(t *testing.T) {
	t.Parallel()
	young := podObject("mm", "m0")
	young["metadata"].(object)["creationTimestamp"] = time.Now().UTC().Add(time.Minute).Format(time.RFC3339) //nolint:forcetypeassert // podObject makes it
	paths := usualPaths([]string{"aa", "mm"}, podObject("aa", "a"), young)
	listed := paths["/api/v1/namespaces"]
	again := namespaceObject("mm")
	again["metadata"].(object)["uid"] = uidOf("made") //nolint:forcetypeassert // namespaceObject makes it
	paths["/api/v1/namespaces"] = func(before int, r *http.Request) reply {
		if strings.Contains(r.URL.Query().Get("fieldSelector"), "mm") {
			return reply{body: listOf("NamespaceList", "120", again)}
		}
		return listed(before, r)
	}
	server := &scriptedServer{paths: paths}
	got, _ := server.printed(t)
	assert.Equal(t, 6, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "deleted and made again")
	got, body := server.printed(t, "allow-incomplete=true")
	require.Equal(t, 7, got.code, got.stderr)
	assert.Equal(t, []string{"aa/a"}, body.pods())
	require.Len(t, body.Gaps, 1)
	assert.Equal(t, "pods of namespace mm", body.Gaps[0].Source)
}
