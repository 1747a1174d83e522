package programtest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
)

// customPaths are those of an API server that has custom resources besides the usual: of each
// type, by its plural, the items as text.
func customPaths(items map[string]string) map[string]func(int, *http.Request) reply {
	const discovered = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{"name":%q},"versions":[{"version":"v1","freshness":"Current","resources":[%s]}]}]}`
	const described = `{"resource":%q,"responseKind":{"group":"","version":"","kind":%q},"scope":"Namespaced","singularResource":"","verbs":["list"]}`
	paths := usualPaths([]string{"aa"}, podObject("aa", "a0"))
	var types []string
	for _, plural := range slices.Sorted(maps.Keys(items)) {
		types = append(types, fmt.Sprintf(described, plural, "Thing"))
		paths["/apis/example.com/v1/"+plural] = answers(rawText(`{"apiVersion":"example.com/v1","items":[` + items[plural] + `],"kind":"ThingList","metadata":{"continue":"","resourceVersion":"7"}}`))
	}
	core := fmt.Sprintf(described, "pods", "Pod") + "," + fmt.Sprintf(described, "configmaps", "ConfigMap")
	paths["/api"] = answers(rawText(fmt.Sprintf(discovered, "", core)))
	paths["/apis"] = answers(rawText(fmt.Sprintf(discovered, "example.com", strings.Join(types, ","))))
	return paths
}

// thing is a custom resource with some more members.
func thing(n int, members string) string {
	return fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"t%05d","namespace":"aa","uid":"00000000-0000-4000-8000-%012d"%s`, n, n, members)
}

// TestHostileObjectsAreRefusedOrRedacted: what could hide a secret from who redacts is neither sent nor told.
func TestHostileObjectsAreRefusedOrRedacted(t *testing.T) {
	t.Parallel()
	const endless = "a text that does not end"
	sound := thing(1, `,"ownerReferences":[{"uid":"gone"}]},"spec":{"n":1}}`)
	for name, c := range map[string]struct {
		item string
		code int
		says string
	}{
		"a key twice":                {thing(2, `},"spec":{"a":{"b":"CANARY","b":"x"}}}`), 6, "aa/t00002"},
		"a key twice, escaped":       {thing(2, `},"spec":{"note":"x","n\u006fte":"CANARY"}}`), 6, "aa/t00002"},
		"metadata twice":             {thing(2, `},"metadata":{"name":"t2","namespace":"aa","annotations":{"a":"CANARY"}}}`), 6, ""},
		"text that is no UTF-8":      {thing(2, `},"spec":{"a":"CANARY`+"\xff\xfe"+`"}}`), 6, "aa/t00002"},
		"half of a surrogate pair":   {thing(2, `},"spec":{"a":"CANARY\ud800"}}`), 6, "aa/t00002"},
		"an escape that is cut":      {thing(2, `},"spec":{"a":"CANARY\u00"}}`), 6, ""},
		endless:                      {thing(2, `},"spec":{"a":"CANARY}}`), 6, ""},
		"a line break in a text":     {thing(2, `},"spec":{"a":"CANARY`+"\n"+`"}}`), 6, ""},
		"more than an object can be": {thing(2, `},"spec":{"a":"CANARY`+strings.Repeat("x", 17<<20)+`"}}`), 6, "t00002"},
		"an object of another kind":  {strings.Replace(thing(2, `},"data":{"a":"CANARY"}}`), `"Thing"`, `"Secret"`, 1), 6, "aa/t00002"},
		"escaped managedFields":      {thing(2, `,"man\u0061gedFields":[{"manager":"CANARY"}]},"spec":{}}`), 0, ""},
		"escaped annotations":        {thing(2, `,"\u0061nnotations":{"note":"CANARY"}},"spec":{}}`), 0, ""},
		"an escaped secret":          {thing(2, `},"spec":{"p":"hunter2\u002dcanary","deep":[[{"q":"CANARY"}]]}}`), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &scriptedServer{paths: customPaths(map[string]string{"things": sound + "," + strings.ReplaceAll(c.item, "CANARY", canary), "others": thing(3, `},"spec":{}}`)})}
			kubeconfig := server.serve(t)
			settings := []string{"objects.types=*.example.com", "objects.owners=true", "log.level=debug", "log.structured=true"}
			if name == endless { // which looks like a connection that broke, and is asked for again
				settings = append(settings, "deadline=15s")
			}
			got := run(t, printsObjects(kubeconfig, settings...))
			assert.Equal(t, c.code, got.code, got.stderr)
			if c.code == 0 {
				all := readObjects(t, got.stdout)
				assert.Len(t, all.uids["things.example.com"], 2)
				assert.Contains(t, got.stdout, `"owner":"gone"`)
			} else {
				assert.Empty(t, got.stdout)
				assert.Contains(t, got.summary.Reason, "objects: ")
				assert.Contains(t, got.summary.Reason, "thing")
				assert.Contains(t, got.summary.Reason, c.says)
			}
			for stream, text := range map[string]string{"stdout": got.stdout, "stderr": got.stderr, "termination message": got.termination} {
				assertNoCanary(t, stream, text)
			}
			if c.code == 6 && c.says != "" {
				got = run(t, printsObjects(kubeconfig, append(settings, "allow-incomplete=true")...))
				assert.Equal(t, 7, got.code, got.stderr)
				all := readObjects(t, got.stdout)
				assert.Equal(t, payload.Unavailable, all.types["things.example.com"].State)
				assert.Len(t, all.uids["others.example.com"], 1)
				assert.NotContains(t, got.stdout, `"owner":"gone"`, "of an object that is not there")
				assertNoCanary(t, "an incomplete body", got.stdout+got.stderr)
			}
		})
	}
}

// TestThousandsOfTypes are all there, at little more than a request each.
func TestThousandsOfTypes(t *testing.T) {
	t.Parallel()
	const types = 2000
	items := map[string]string{}
	for n := range types {
		items[fmt.Sprintf("things%04d", n)] = thing(n, `},"spec":{"n":1}}`)
	}
	server := &scriptedServer{paths: customPaths(items)}
	got := run(t, printsObjects(server.serve(t), "objects.types=*.example.com"))
	require.Equal(t, 0, got.code, got.stderr)
	all := readObjects(t, got.stdout)
	assert.Equal(t, types, all.head.Objects)
	for plural := range items {
		require.Len(t, all.uids[plural+".example.com"], 1, plural)
	}
	requests := 0
	for _, times := range server.asked {
		requests += times
	}
	assert.GreaterOrEqual(t, requests, types)
	assert.Less(t, requests, types+100)
}
