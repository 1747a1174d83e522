package programtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/payload"
)

// full sends all that the API server has of an object, with every digit, but for what is never sent.
func (c *rich) full(t *testing.T) {
	types := "pods,configmaps,deployments,statefulsets,jobs,services,persistentvolumes,widgets.example.com,applications.argoproj.io,roles,nodes"
	got := inside(t, printsObjects(c.Kubeconfig(t), "objects.types="+types, "objects.full="+types, "objects.annotations=note"))
	require.Equal(t, 0, got.code, got.stderr)
	all := readObjects(t, got.stdout)
	require.Len(t, all.types, strings.Count(types, ",")+1)
	for name, of := range all.types {
		require.Equal(t, payload.Complete, of.State, name)
		assert.Equal(t, "full", of.Level, name)
		want := map[string]any{}
		text, err := c.api.Get().AbsPath(pathOf(of)).SetHeader("Accept", "application/json").DoRaw(t.Context())
		require.NoError(t, err)
		for _, item := range exact(t, string(text))["items"].([]any) { //nolint:forcetypeassert // of a list
			object := item.(map[string]any) //nolint:forcetypeassert // of objects
			object["kind"], object["apiVersion"] = of.Kind, of.APIVersion()
			neverSent(object)
			want[uidIn(object)] = object
		}
		sent := map[string]any{}
		for _, line := range all.lines[name] {
			object := exact(t, line)
			sent[uidIn(object)] = object
		}
		assert.Equal(t, want, sent, name)
	}
	for _, digits := range []string{"1234567890123456789", "9007199254740993", "-0.001"} {
		assert.Contains(t, strings.Join(all.lines["widgets.example.com"], ""), digits)
	}
}

// exact decodes an object and keeps the digits of its numbers.
func exact(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var o map[string]any
	require.NoError(t, decoder.Decode(&o))
	return o
}

func uidIn(object map[string]any) string {
	uid, _ := object["metadata"].(map[string]any)["uid"].(string)
	return uid
}

// neverSent takes out what is never sent: fields of managers, and what annotations say, but for those that were asked for.
func neverSent(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			neverSent(element)
		}
	case map[string]any:
		for key, member := range v {
			if metadata, ok := member.(map[string]any); ok && key == "metadata" {
				delete(metadata, "managedFields")
				annotations, _ := metadata["annotations"].(map[string]any)
				for key := range annotations {
					if key != "note" {
						annotations[key] = "[redacted]"
					}
				}
			}
			neverSent(member)
		}
	}
}

// twoGroups: a type of another group is not lost beside one of the same name, and what is stored once is sent once.
func (c *rich) twoGroups(t *testing.T) {
	got := inside(t, printsObjects(c.Kubeconfig(t), "objects.types=default,*.crd.projectcalico.example,events,events.events.k8s.io"))
	require.Equal(t, 0, got.code, got.stderr)
	all := readObjects(t, got.stdout)
	for _, name := range []string{"networkpolicies.networking.k8s.io", "networkpolicies.crd.projectcalico.example"} {
		assert.Equal(t, payload.Complete, all.types[name].State, name)
		assert.Len(t, all.uids[name], 1, name)
	}
	events := append(all.uids["events"], all.uids["events.events.k8s.io"]...)
	assert.NotEmpty(t, events)
	seen := map[string]string{}
	for name, uids := range all.uids {
		for _, uid := range uids {
			assert.Empty(t, seen[uid], "%s is among %s and %s", uid, seen[uid], name)
			seen[uid] = name
		}
	}
	assert.Equal(t, payload.Excluded, all.types["events.events.k8s.io"].State)
	assert.ElementsMatch(t, listedUIDs(t, c.api, all.types["events"]), all.uids["events"])
}

// deadAPI fails who asks for it, before anything is read, and nobody else.
func (c *rich) deadAPI(t *testing.T) {
	kubeconfig := c.Kubeconfig(t)
	for _, types := range []string{"default", "*", "namespaces,*.example.com"} {
		got := inside(t, printsObjects(kubeconfig, "objects.types="+types, "objects.remove-types=*.convert.example.net"))
		assert.Equal(t, 0, got.code, "%s: %s", types, got.stderr)
		assert.True(t, readObjects(t, got.stdout).head.Complete)
	}
	for _, types := range []string{"*.dead.example.net", "things.dead.example.net", "pods,things.v1beta1.dead.example.net", "things"} {
		got := inside(t, printsObjects(kubeconfig, "objects.types="+types))
		assert.Equal(t, 6, got.code, "%s: %s", types, got.stderr)
		assert.Empty(t, got.stdout, types)
		assert.Contains(t, got.summary.Reason, "v1beta1.dead.example.net", types)
		assert.Zero(t, got.summary.Pages, types)
	}
	got := inside(t, printsObjects(kubeconfig, "objects.types=namespaces,*.dead.example.net", "allow-incomplete=true"))
	assert.Equal(t, 7, got.code, got.stderr)
	all := readObjects(t, got.stdout)
	assert.False(t, all.head.Complete)
	assert.NotEmpty(t, all.uids["namespaces"])
}

// webhookDown: who asks for the version that it converts to is told which one to ask for. An API server waits half a
// minute for a webhook that does not answer, so that two requests make a minute.
func (c *rich) webhookDown(t *testing.T) {
	var mu sync.Mutex
	asked := 0
	kubeconfig := proxied(t, c.Cluster, func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/gears") {
			asked++
		}
		return true
	})
	got := inside(t, printsObjects(kubeconfig, "objects.types=gears"))
	assert.Equal(t, 6, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.summary.Reason, "gears.v1.convert.example.net")
	assert.LessOrEqual(t, asked, 2)

	got = inside(t, printsObjects(kubeconfig, "objects.types=gears.v1.convert.example.net"))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Len(t, readObjects(t, got.stdout).uids["gears.convert.example.net"], 1)
}

// own makes objects that own each other.
func (c *rich) own(t *testing.T) {
	t.Helper()
	const at = "/api/v1/namespaces/rich/configmaps"
	uid := func(path string) string {
		text, err := c.api.Get().AbsPath(path).DoRaw(t.Context())
		require.NoError(t, err)
		return uidIn(exact(t, string(text)))
	}
	owner := func(uid string) string {
		return `"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"` + uid + `"}]`
	}
	c.create(t, at, `{"metadata":{"name":"root"}}`)
	root := uid(at + "/root")
	c.create(t, at, `{"metadata":{"name":"child",`+owner(root)+`}}`)
	c.create(t, at, `{"metadata":{"name":"grandchild",`+owner(uid(at+"/child"))+`}}`)
	c.create(t, at, `{"metadata":{"name":"orphan",`+owner("01234567-0000-4000-8000-000000000000")+`}}`)
	c.create(t, at, `{"metadata":{"name":"cycle-a"}}`)
	c.create(t, at, `{"metadata":{"name":"cycle-b",`+owner(uid(at+"/cycle-a"))+`}}`)
	c.patch(t, at+"/cycle-a", `{"metadata":{`+owner(uid(at+"/cycle-b"))+`}}`)
	c.create(t, "/api/v1/namespaces/poor/configmaps", `{"metadata":{"name":"stranger",`+owner(root)+`}}`)
}

// owners says of each object that has an owner where the chain ends.
func (c *rich) owners(t *testing.T) {
	got := inside(t, printsObjects(c.Kubeconfig(t), "objects.types=configmaps", "objects.owners=true"))
	require.Equal(t, 0, got.code, got.stderr)
	names := map[string]string{"": ""}
	for _, line := range readObjects(t, got.stdout).lines["configmaps"] {
		object := exact(t, line)
		names[uidIn(object)], _ = object["metadata"].(map[string]any)["name"].(string)
	}
	found := map[string]string{}
	for line := range strings.Lines(got.stdout) {
		var r struct{ Record, UID, Owner, Root, State string }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		if r.Record == payload.RecordOwner {
			found[names[r.UID]] = r.State + " " + names[r.Root]
		}
	}
	assert.Equal(t, map[string]string{
		"child": "found root", "grandchild": "found root", "orphan": "missing orphan", "cycle-a": "cycle ", "cycle-b": "cycle ", "stranger": "foreign stranger",
	}, found)
}
