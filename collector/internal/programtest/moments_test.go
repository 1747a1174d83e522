package programtest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What becomes of a cluster that changes while it is read, and of a server that
// lists in ways of its own.

// TestNamespaceMadeWhileTheListingIsReadAgainIsThere: the first answer to the
// listing of namespaces breaks off, and the next one knows another namespace.
func TestNamespaceMadeWhileTheListingIsReadAgainIsThere(t *testing.T) {
	t.Parallel()
	paths := usualPaths(nil, podObject("aa", "a0"), podObject("bb", "b0"), podObject("zz", "z0"))
	paths["/api/v1/namespaces"] = func(before int, _ *http.Request) reply {
		if before == 0 {
			return reply{body: listOf("NamespaceList", "100", namespaceObject("aa"), namespaceObject("mm"), namespaceObject("zz")), upTo: `"zz"`}
		}
		return reply{body: listOf("NamespaceList", "105", namespaceObject("aa"), namespaceObject("bb"), namespaceObject("mm"), namespaceObject("zz"))}
	}
	got, body := (&scriptedServer{paths: paths}).printed(t)
	require.Equal(t, 0, got.code, got.stderr)
	assert.ElementsMatch(t, []string{"aa", "bb", "mm", "zz"}, body.namespaces())
	assert.Len(t, body.Pods, 3)
	assert.Equal(t, "mixed", body.Run.Consistency)
	assert.Empty(t, got.summary.Counts.Left)
}

// TestPodsReadAgainAtALaterMomentAreWhole: the same happens to the pods.
func TestPodsReadAgainAtALaterMomentAreWhole(t *testing.T) {
	t.Parallel()
	paths := usualPaths([]string{"aa", "bb", "mm", "zz"})
	first := []object{podObject("aa", "a0"), podObject("mm", "m0"), podObject("mm", "m1"), podObject("zz", "z0")}
	later := []object{podObject("aa", "a0"), podObject("bb", "b0"), podObject("mm", "m0"), podObject("mm", "m1"), podObject("zz", "z0")}
	paths["/api/v1/pods"] = func(before int, r *http.Request) reply {
		if r.URL.Query().Get("limit") != "1" && before == 0 {
			return reply{body: listOf("PodList", "110", first...), upTo: `"m1"`}
		}
		return reply{body: listOf("PodList", "120", later...)}
	}
	for _, settings := range [][]string{nil, {"allow-incomplete=true"}} {
		got, body := (&scriptedServer{paths: paths}).printed(t, settings...)
		require.Equal(t, 0, got.code, got.stderr)
		assert.ElementsMatch(t, []string{"aa", "bb", "mm", "zz"}, body.namespaces())
		assert.Contains(t, body.pods(), "mm/m0")
		assert.Contains(t, body.pods(), "mm/m1")
		assert.Equal(t, "mixed", body.Run.Consistency)
	}
}

// TestNamespaceMadeBetweenTheListingsIsAskedFor or it is a gap that the body names.
func TestNamespaceMadeBetweenTheListingsIsAskedFor(t *testing.T) {
	t.Parallel()
	pods := []object{podObject("aa", "a0"), podObject("bb", "b0")}
	ofLater := answers(listOf("PodList", "120", podObject("bb", "b0")))
	refused := func(int, *http.Request) reply {
		return reply{code: http.StatusForbidden, body: object{"kind": "Status", "code": 403, "message": "no"}}
	}
	t.Run("with the right to get it", func(t *testing.T) {
		paths := usualPaths([]string{"aa"}, pods...)
		paths["/api/v1/namespaces/bb"], paths["/api/v1/namespaces/bb/pods"] = answers(namespaceObject("bb")), ofLater
		got, body := (&scriptedServer{paths: paths}).printed(t)
		require.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, []string{"aa", "bb"}, body.namespaces())
		assert.Equal(t, []string{"aa/a0", "bb/b0"}, body.pods())
	})
	t.Run("with the right to list it", func(t *testing.T) {
		paths := usualPaths([]string{"aa"}, pods...)
		paths["/api/v1/namespaces/bb"], paths["/api/v1/namespaces/bb/pods"] = refused, ofLater
		paths["/api/v1/namespaces"] = func(before int, _ *http.Request) reply {
			if before == 0 {
				return reply{body: listOf("NamespaceList", "100", namespaceObject("aa"))}
			}
			return reply{body: listOf("NamespaceList", "120", namespaceObject("aa"), namespaceObject("bb"))}
		}
		got, body := (&scriptedServer{paths: paths}).printed(t)
		require.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, []string{"aa", "bb"}, body.namespaces())
	})
	t.Run("without either", func(t *testing.T) {
		paths := usualPaths([]string{"aa"}, pods...)
		paths["/api/v1/namespaces/bb"], paths["/api/v1/namespaces/bb/pods"] = refused, ofLater
		got, _ := (&scriptedServer{paths: paths}).printed(t)
		require.Equal(t, 3, got.code, got.stderr)
		got, body := (&scriptedServer{paths: paths}).printed(t, "allow-incomplete=true")
		require.Equal(t, 7, got.code, got.stderr)
		assert.Equal(t, []string{"aa"}, body.namespaces())
		require.Len(t, body.Gaps, 1)
		assert.Equal(t, "namespace bb", body.Gaps[0].Source)
	})
	t.Run("it is gone again", func(t *testing.T) {
		paths := usualPaths([]string{"aa"}, pods...)
		paths["/api/v1/namespaces/bb"], paths["/api/v1/namespaces/bb/pods"] = refused, answers(listOf("PodList", "120"))
		got, body := (&scriptedServer{paths: paths}).printed(t)
		require.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, []string{"aa"}, body.namespaces())
	})
}

// TestServerWithACollationIsRead: "a-b/a", "ab/c", "a-b/x" is the order of a database
// that looks at letters first.
func TestServerWithACollationIsRead(t *testing.T) {
	t.Parallel()
	paths := usualPaths([]string{"a-b", "ab"}, podObject("a-b", "a"), podObject("ab", "c"), podObject("a-b", "x"))
	paths["/api/v1/namespaces/a-b/pods"] = answers(listOf("PodList", "110", podObject("a-b", "b"), podObject("a-b", "x"), podObject("a-b", "a")))
	paths["/api/v1/namespaces/ab/pods"] = answers(listOf("PodList", "110", podObject("ab", "c")))
	got, body := (&scriptedServer{paths: paths}).printed(t)
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, []string{"a-b", "ab"}, body.namespaces())
	assert.ElementsMatch(t, []string{"a-b/a", "a-b/b", "a-b/x", "ab/c"}, body.pods())
	assert.Contains(t, got.stderr, "namespace by namespace")
}

// TestListingWithoutAnEndEnds: a token that repeats, two that take turns, and pages
// that stay empty.
func TestListingWithoutAnEndEnds(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(before int, token string) (string, []object){
		"a token that repeats":  func(int, string) (string, []object) { return "t", []object{podObject("aa", "a0")} },
		"pages that stay empty": func(before int, _ string) (string, []object) { return uidOf(string(rune('a' + before))), []object{} },
		"tokens that take turns": func(_ int, token string) (string, []object) {
			return map[string]string{"": "s", "s": "t", "t": "s"}[token], []object{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			paths := usualPaths([]string{"aa"})
			paths["/api/v1/pods"] = func(before int, r *http.Request) reply {
				token, pods := next(before, r.URL.Query().Get("continue"))
				list := listOf("PodList", "110", pods...)
				list["metadata"] = object{"resourceVersion": "110", "continue": token}
				return reply{body: list}
			}
			got, _ := (&scriptedServer{paths: paths}).printed(t)
			assert.Equal(t, 6, got.code, got.stderr)
			assert.Contains(t, got.summary.Reason, "nothing new comes")
			assert.Empty(t, got.stdout)
		})
	}
}

// TestOddObjectIsAGapOfItsOwnNamespace and of no other one.
func TestOddObjectIsAGapOfItsOwnNamespace(t *testing.T) {
	t.Parallel()
	odd := podObject("mm", "m1")
	odd["spec"] = object{"containers": "none"}
	nameless := podObject("mm", "m1")
	nameless["metadata"] = object{"namespace": "mm"}
	labels := podObject("mm", "m1")
	labels["metadata"].(object)["labels"] = object{"a": 1} //nolint:forcetypeassert // podObject makes it
	for name, pod := range map[string]object{"a spec of another type": odd, "no name": nameless, "labels that are numbers": labels} {
		t.Run(name, func(t *testing.T) {
			paths := usualPaths([]string{"aa", "empty", "mm", "zz"}, podObject("aa", "a0"), podObject("mm", "m0"), pod, podObject("mm", "m2"), podObject("zz", "z0"))
			got, _ := (&scriptedServer{paths: paths}).printed(t)
			assert.Equal(t, 6, got.code, got.stderr)
			got, body := (&scriptedServer{paths: paths}).printed(t, "allow-incomplete=true")
			require.Equal(t, 7, got.code, got.stderr)
			assert.ElementsMatch(t, []string{"aa", "empty", "zz"}, body.namespaces())
			assert.Equal(t, []string{"aa/a0", "zz/z0"}, body.pods())
			require.Len(t, body.Gaps, 1)
			assert.Equal(t, "pods of namespace mm", body.Gaps[0].Source)
			assert.Contains(t, body.Gaps[0].Reason, "pod mm/")
			got, body = (&scriptedServer{paths: paths}).printed(t, "namespace-selectors.exclude=mm")
			require.Equal(t, 0, got.code, "it is not asked for: %s", got.stderr)
			assert.Len(t, body.Pods, 2)
		})
	}
}

// TestOddNamespacesAndNodesAreGapsOfTheirOwn likewise.
func TestOddNamespacesAndNodesAreGapsOfTheirOwn(t *testing.T) {
	t.Parallel()
	odd := func(name string) object { return object{"metadata": object{"name": name, "labels": []string{"x"}}} }
	paths := usualPaths(nil, podObject("aa", "a0"), podObject("mm", "m0"), podObject("zz", "z0"))
	paths["/api/v1/namespaces"] = answers(listOf("NamespaceList", "100", namespaceObject("aa"), odd("mm"), namespaceObject("zz")))
	paths["/api/v1/nodes"] = answers(listOf("NodeList", "100", odd("node-1")))
	got, body := (&scriptedServer{paths: paths}).printed(t, "allow-incomplete=true")
	require.Equal(t, 7, got.code, got.stderr)
	assert.Equal(t, []string{"aa", "zz"}, body.namespaces())
	require.Len(t, body.Gaps, 2)
	assert.Equal(t, "namespace mm", body.Gaps[0].Source)
	assert.Equal(t, "node node-1", body.Gaps[1].Source)
}

// TestInventoryWithoutAPodIsRefused in all the ways in which there can be none.
func TestInventoryWithoutAPodIsRefused(t *testing.T) {
	t.Parallel()
	pending := podObject("shop", "web")
	pending["status"] = object{"phase": "Pending"}
	paths := usualPaths([]string{"idle", "shop"}, pending)
	paths["/api/v1/namespaces/idle"], paths["/api/v1/namespaces/shop"] = answers(namespaceObject("idle")), answers(namespaceObject("shop"))
	paths["/api/v1/namespaces/idle/pods"] = answers(listOf("PodList", "110"))
	paths["/api/v1/namespaces/shop/pods"] = answers(listOf("PodList", "110", pending))
	for name, settings := range map[string][]string{
		"namespaces that are named":     {"namespace-selectors.include=idle"},
		"a pattern":                     {"namespace-selectors.include=id*"},
		"pods that are left out":        {"output-kind=anchore"},
		"one namespace that is not out": {"namespace-selectors.exclude=shop"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := (&scriptedServer{paths: paths}).printed(t, settings...)
			assert.Equal(t, 8, got.code, got.stderr)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.summary.Reason, "allow-empty")
			got, _ = (&scriptedServer{paths: paths}).printed(t, append(settings, "allow-empty=true")...)
			assert.Equal(t, 0, got.code, got.stderr)
		})
	}
	got, body := (&scriptedServer{paths: paths}).printed(t, "namespace-selectors.include=idle\nshop")
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, []string{"idle", "shop"}, body.namespaces(), "one without pods beside one with some is as it should be")
}
