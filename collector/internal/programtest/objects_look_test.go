package programtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"stocktake/collector"
	"stocktake/collector/command"
	"stocktake/collector/internal/kubetest"
	streams "stocktake/collector/terminal"
)

// What people are shown of whole objects, of a scripted API server.

// hostileText is a name that no API server takes and a file may hold.
const hostileText = "a\u202egnp\x1b[2J\u009bé"

// served are types as discovery tells of them: "pods Pod po", cluster-scoped with a dash before.
func served(types ...string) (resources []object) {
	for _, text := range types {
		words := strings.Fields(strings.TrimPrefix(text, "-"))
		scope := "Namespaced"
		if strings.HasPrefix(text, "-") {
			scope = "Cluster"
		}
		resources = append(resources, object{
			"resource": words[0], "responseKind": object{"kind": words[1]}, "scope": scope, "singularResource": strings.ToLower(words[1]),
			"verbs": []string{"get", "list"}, "shortNames": words[2:],
		})
	}
	return resources
}

func servedGroup(name, freshness string, types ...string) object {
	return object{"metadata": object{"name": name}, "versions": []object{{"version": "v1", "freshness": freshness, "resources": served(types...)}}}
}

func discovery(groups ...object) func(int, *http.Request) reply {
	return answers(object{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": object{}, "items": groups})
}

// owned is an object with an owner, given as KIND/NAME of apps/v1.
func owned(namespace, name, labels, owner string, more object) object {
	meta := object{"name": name, "namespace": namespace, "uid": "uid-" + name, "labels": object{"app": labels}}
	if kind, of, has := strings.Cut(owner, "/"); has {
		meta["ownerReferences"] = []object{{"apiVersion": "apps/v1", "kind": kind, "name": of, "uid": "uid-" + of, "controller": true}}
	}
	all := object{"metadata": meta}
	maps.Copy(all, more)
	return all
}

// onlyLabelled answers with those objects whose label app is the one that is asked for.
func onlyLabelled(kind string, items ...object) func(int, *http.Request) reply {
	return func(_ int, r *http.Request) reply {
		wanted := strings.TrimPrefix(r.URL.Query().Get("labelSelector"), "app=")
		var some []object
		for _, item := range items {
			if meta, _ := item["metadata"].(object); wanted == "" || meta["labels"].(object)["app"] == wanted {
				some = append(some, item)
			}
		}
		return reply{body: listOf(kind, "120", some...)}
	}
}

// lookServer has objects of some types, a dead server behind a group, and types that may not be listed.
func lookServer() *scriptedServer {
	container := object{"spec": object{"containers": []object{{"name": "c", "image": "nginx:1.27", "env": []object{{"name": "PASSWORD", "value": canary}}}}}}
	paths := map[string]func(int, *http.Request) reply{
		"/version": answers(object{"major": "1", "minor": "36"}),
		"/api":     discovery(servedGroup("", "Current", "pods Pod po", "configmaps ConfigMap cm", "-namespaces Namespace ns", "services Service svc")),
		"/apis": discovery(servedGroup("apps", "Current", "deployments Deployment deploy", "replicasets ReplicaSet rs"),
			servedGroup("example.com", "Current", "widgets Widget"), servedGroup("gone.example.net", "Stale")),
		"/api/v1/namespaces": answers(listOf("NamespaceList", "110", namespaceObject("data"), namespaceObject("kube-system"), namespaceObject("shop"))),
		"/api/v1/pods":       onlyLabelled("PodList", owned("data", "alone", "db", "", container), owned("shop", "web-1", "web", "ReplicaSet/web-abc", container), owned("shop", "web-2", "web", "ReplicaSet/web-abc", container)),
		"/api/v1/configmaps": onlyLabelled("ConfigMapList", owned("shop", "settings", "web", "", object{"data": object{"password": canary}})),
		"/api/v1/services": func(int, *http.Request) reply {
			return reply{code: 403, body: object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "services is forbidden: " + hostileText}}
		},
		"/apis/apps/v1/deployments":    onlyLabelled("DeploymentList", owned("shop", "web", "web", "", nil)),
		"/apis/apps/v1/replicasets":    onlyLabelled("ReplicaSetList", owned("shop", "web-abc", "web", "Deployment/web", nil)),
		"/apis/example.com/v1/widgets": answers(object{"apiVersion": "example.com/v1", "kind": "WidgetList", "metadata": object{"resourceVersion": "130"}, "items": []object{{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": object{"name": "one", "namespace": "shop", "uid": "uid-one", "labels": object{"note": "yes", "é": "null", "at": "12:30", "n": "0x1F"}}, "spec": object{"size": 12345678901234567, "part": 1.50, "on": true, "none": nil, "list": []any{}, "password": canary}}}}),
		"/api/v1/namespaces/shop":      answers(namespaceObject("shop")),
		"/api/v1/namespaces/shop/pods": onlyLabelled("PodList", owned("shop", "web-1", "web", "ReplicaSet/web-abc", container), owned("shop", "web-2", "web", "ReplicaSet/web-abc", container)),
	}
	paths["/api/v1/namespaces/nowhere"] = func(int, *http.Request) reply {
		return reply{code: 404, body: object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}}
	}
	return &scriptedServer{paths: paths}
}

// mayBeListed are the types of lookServer that may be.
const mayBeListed = "po,cm,ns,*.apps,widgets"

// objectsOf are whole objects that must be shown without a word on stderr.
func objectsOf(t *testing.T, kubeconfig string, args ...string) string {
	t.Helper()
	got := inside(t, call{args: append([]string{"objects", "-external", kubeconfig}, args...)})
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	assert.NotContains(t, got.stdout, canary)
	return got.stdout
}

func goldenObjects(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "objects", name+".golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "when the change is right, refresh with UPDATE_GOLDEN=1")
}

// saveObjects returns a file with the objects of the server.
func saveObjects(t *testing.T, kubeconfig string) string {
	t.Helper()
	got := inside(t, printsObjects(kubeconfig, "objects.types="+mayBeListed))
	require.Equal(t, 0, got.code, got.stderr)
	path := filepath.Join(t.TempDir(), "objects.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o600))
	return path
}

// TestObjectsAreShownInEveryForm: of the live cluster, and the same of what was saved of it.
func TestObjectsAreShownInEveryForm(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	saved := saveObjects(t, kubeconfig)
	for name, args := range map[string][]string{
		"table": {}, "wide": {"-o", "wide"}, "json": {"-o", "json"}, "ndjson": {"-ondjson"}, "yaml": {"-o", "yaml"}, "name": {"-o", "name"},
		"namespaces": {"--by", "namespace"}, "owners": {"--by", "owner"}, "bare": {"--by", "owner", "--no-headers"},
	} {
		live := objectsOf(t, kubeconfig, append(args, mayBeListed)...)
		goldenObjects(t, name, live)
		assert.Equal(t, live, objectsOf(t, nowhere(t), append(args, "-f", saved)...), "%s of what was saved", name)
		assert.Equal(t, live, objectsOf(t, nowhere(t), append(args, "-f", saved, "pods,configmaps,namespace,*.apps,Widget")...), "%s of types of it", name)
	}
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(objectsOf(t, kubeconfig, mayBeListed, "-o", "json")), &all))
	documents := strings.Split(objectsOf(t, kubeconfig, mayBeListed, "-o", "yaml"), "\n---\n")
	require.Len(t, documents, len(all))
	for i, text := range documents {
		var one map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &one), text)
		assert.Equal(t, all[i], one)
	}
}

// TestObjectsOfAPart: by namespace and by label, live and saved.
func TestObjectsOfAPart(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	saved := saveObjects(t, kubeconfig)
	for want, args := range map[string][]string{
		"pod/web-1\npod/web-2\n":             {"pods", "-n", "shop"},
		"pod/alone\n":                        {"po", "-l", "app=db"},
		"":                                   {"cm", "-l", "app=db"},
		"deployment.apps/web\n":              {"Deployment.apps", "-l", "app=web"},
		"pod/alone\npod/web-1\npod/web-2\n":  {"pod", "-set", "namespace-selectors.exclude=kube-*"},
		"namespace/data\nnamespace/shop\n":   {"namespaces", "-set", "namespace-selectors.exclude=kube-*"},
		"pod/alone\npod/web-1\npod/web-2\n ": {"pods.v1", "-A", "-set", "namespace-selectors.exclude=shop"},
	} {
		want = strings.TrimSuffix(want, " ")
		assert.Equal(t, want, objectsOf(t, kubeconfig, append(args, "-o", "name")...), "%v", args)
		if args[0] != "po" && args[0] != "cm" { // a body has no short names
			assert.Equal(t, want, objectsOf(t, nowhere(t), append(args, "-o", "name", "-f", saved)...), "%v of a file", args)
		}
	}
	assert.Regexp(t, `^TYPE +OBJECTS +NAMESPACES +STATE\nnamespaces +0 +0 +excluded\npods +2 +1 +complete\n$`, objectsOf(t, kubeconfig, "ns,pods", "-n", "shop"))
	assert.Regexp(t, `(?m)^pods +2 +1 +complete +masked +- +v1 +snapshot$`, objectsOf(t, nowhere(t), "pods", "-n", "shop", "-f", saved, "-o", "wide"), "what was masked of a part is not known")
	assert.Regexp(t, `(?m)^shop +replicaset\.apps/web-abc +2 +1 +missing$`, objectsOf(t, kubeconfig, "pods", "--by", "owner"), "the owner is not among the objects")
}

// TestObjectsThatAreMissing: a table shows the rest and the states, a program gets nothing that looks whole.
func TestObjectsThatAreMissing(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	const rule = `{apiGroups: [""], resources: ["services"], verbs: ["list"]}`
	for name, test := range map[string]struct {
		args []string
		code int
		out  string // a pattern; empty: nothing
		says string
	}{
		"forbidden":                     {[]string{"pods,svc"}, 3, `(?m)^services +0 +0 +forbidden$`, rule},
		"forbidden, for programs":       {[]string{"pods,svc", "-o", "json"}, 3, "", rule},
		"forbidden, skipped":            {[]string{"pods,svc", "-o", "name", "-set", "objects.skip-forbidden=true"}, 7, `^pod/alone\npod/web-1\npod/web-2\n$`, "incomplete: without what could not be read: "},
		"dead":                          {[]string{"pods,*.gone.example.net"}, 6, `(?m)^\*\.gone\.example\.net +0 +0 +unavailable$`, "does not answer"},
		"dead, for programs":            {[]string{"pods,*.gone.example.net", "-o", "yaml"}, 6, "", "does not answer"},
		"dead, incomplete":              {[]string{"pods,*.gone.example.net", "-o", "wide", "-set", "allow-incomplete=true"}, 7, `(?m)^pods +3 +2 +complete +masked`, "without what could not be read"},
		"by namespace":                  {[]string{"pods,svc", "--by", "namespace"}, 3, `(?m)^shop +2 +1$`, rule},
		"a name that is not served":     {[]string{"deploymnts.apps"}, 0, `(?m)^deploymnts\.apps +0 +0 +absent$`, "did you mean deployments.apps?"},
		"of a namespace that is not":    {[]string{"pods", "-n", "nowhere"}, 2, "", "namespace nowhere"},
		"types":                         {[]string{"types", "svc,pods,*.gone.example.net,pots", "-o", "name"}, 6, `^pods\nservices\n$`, "does not answer"},
		"types of a file":               {[]string{"types", "-f", "x"}, 2, "", "types are asked of a cluster"},
		"types as yaml":                 {[]string{"types", "-o", "yaml"}, 2, "", `-o: "yaml" is not one of table, wide, json, name`},
		"what is no type":               {[]string{"a b"}, 2, "", `"a b" names no type`},
		"what nobody counts by":         {[]string{"pods", "--by", "node"}, 2, "", `--by: "node" is not one of type, namespace, owner`},
		"objects by something":          {[]string{"pods", "--by", "owner", "-o", "json"}, 2, "", "json lists objects: it does not go with --by owner"},
		"labels that are none":          {[]string{"pods", "-l", "a=b=c"}, 2, "", "label selector"},
		"no server":                     {[]string{"pods", "-external", nowhere(t), "-set", "deadline=15s"}, 6, "", ""},
		"an empty word among the types": {[]string{"pods,"}, 2, "", `"" names no type`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := inside(t, call{args: append([]string{"objects", "-external", kubeconfig}, test.args...)})
			assert.Equal(t, test.code, got.code, got.stderr)
			if test.out == "" {
				assert.Empty(t, got.stdout)
			} else {
				assert.Regexp(t, test.out, got.stdout)
			}
			assert.Contains(t, got.stderr, test.says)
			assert.NotRegexp(t, `[\x{1b}\x{202e}\x{9b}]`, got.stderr, "what a server says moves no cursor")
		})
	}
}

// TestObjectsOfAFile: it is sound and whole, or nothing of it is shown; stdin and pipes are read but once.
func TestObjectsOfAFile(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	path := saveObjects(t, kubeconfig)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "body")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, test := range map[string]struct{ path, says string }{
		"cut":                {write(string(text[:len(text)*2/3])), "cut off"},
		"cut between lines":  {write(string(text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1])), "cut off"},
		"a chunk is missing": {write(strings.Replace(string(text), `"chunks":1`, `"chunks":2`, 1)), "not all chunks are there: 1 of 2"},
		"an inventory":       {write(`{"format":"stocktake/v1"}` + "\n"), "record is missing"},
		"empty":              {write(""), "cut off"},
		"none":               {"/nowhere/there", "no such file"},
		"another count":      {write(strings.Replace(string(text), `"record":"type"`, `"record":"type","x":1`, 1)), `"x"`},
	} {
		for _, format := range []string{"table", "json"} {
			got := inside(t, call{args: []string{"objects", "-f", test.path, "-o", format}})
			assert.Equal(t, 2, got.code, "%s: %s", name, got.stderr)
			assert.Empty(t, got.stdout, name)
			assert.Contains(t, got.stderr, test.says, name)
		}
	}
	got := inside(t, call{args: []string{"objects", "-f", path, "-n", "nowhere"}})
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "namespace nowhere: it is not in it")
	got = inside(t, call{args: []string{"objects", "-f", path, "services"}})
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "type services: it is not in it")

	incomplete := strings.Replace(strings.Replace(string(text), `"complete":true`, `"complete":false`, 1),
		`{"record":"end"`, `{"record":"type","group":"z","version":"v1","resource":"things","kind":"Thing","namespaced":true,"state":"forbidden","objects":0,"part":0,"parts":0,"redacted":{"masked":0,"unknown":0,"caught":0,"dropped":0}}`+"\n"+`{"record":"end"`, 1)
	lines := strings.Count(string(text), "\n")
	incomplete = strings.Replace(incomplete, fmt.Sprintf(`"lines":%d`, lines), fmt.Sprintf(`"lines":%d`, lines+1), 1)
	got = inside(t, call{args: []string{"objects", "-f", write(incomplete)}})
	assert.Equal(t, 7, got.code, got.stderr)
	assert.Regexp(t, `(?m)^things\.z +0 +0 +forbidden$`, got.stdout)
	assert.Contains(t, got.stderr, "things.v1.z was saved as forbidden")

	hostile := write(strings.ReplaceAll(string(text), `"name":"web-1"`, `"name":"a\u202egnp\u001b[2J\u009bé"`))
	for _, format := range []string{"json", "ndjson", "yaml", "name", "table"} {
		shown := objectsOf(t, nowhere(t), "-f", hostile, "-o", format)
		assert.NotRegexp(t, `[\x{1b}\x{202e}\x{9b}]`, shown, format)
	}
	var one struct{ Metadata struct{ Name string } }
	document, _, _ := strings.Cut(objectsOf(t, nowhere(t), "-f", hostile, "pods", "-l", "app=web", "-o", "yaml"), "---\n")
	require.NoError(t, yaml.Unmarshal([]byte(document), &one))
	assert.Equal(t, hostileText, one.Metadata.Name)

	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	go func() { _ = os.WriteFile(pipe, text, 0) }()
	assert.Equal(t, objectsOf(t, nowhere(t), "-f", path, "-o", "json"), objectsOf(t, nowhere(t), "-f", pipe, "-o", "json"))
}

// TestObjectTypesGolden: what is read, and why the rest is not.
func TestObjectTypesGolden(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	for _, format := range []string{"table", "wide", "json"} {
		goldenObjects(t, "types."+format, objectsOf(t, kubeconfig, "types", mayBeListed, "-o", format, "-set", "objects.full=widgets", "-set", "objects.remove-types=rs"))
	}
	assert.Equal(t, "pods\n", objectsOf(t, kubeconfig, "types", "ns,pods", "-n", "shop", "-o", "name"))
	assert.Contains(t, objectsOf(t, kubeconfig, "types", "-o", "name"), "deployments.apps\nnamespaces\npods\n")
}

// insideTerminal is inside with a terminal as stdout.
func insideTerminal(t *testing.T, columns uint16, args ...string) string {
	t.Helper()
	screen, stdout, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(screen, &pty.Winsize{Rows: 40, Cols: columns}))
	shown := make(chan string)
	go func() {
		text, err := io.ReadAll(screen)
		if err != nil && !errors.Is(err, syscall.EIO) { // what Linux says when the other side is gone
			t.Error(err)
		}
		shown <- strings.ReplaceAll(string(text), "\r\n", "\n")
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	code := command.Run(ctx, append([]string{"stocktake"}, args...), command.Process{
		Build: collector.Build{Version: "1.2.3"}, Environ: []string{"HOME=" + t.TempDir(), "TERM=xterm-256color", "NO_COLOR=1"},
		Stdin: new(bytes.Buffer), Stdout: stdout, Stderr: streams.NewStderr(ctx, &stderr),
	})
	require.NoError(t, stdout.Close())
	text := <-shown
	require.NoError(t, screen.Close())
	assert.Equal(t, collector.OK, code, stderr.String())
	return text
}

// TestObjectsOnATerminalFitIt, with what all rows add up to.
func TestObjectsOnATerminalFitIt(t *testing.T) {
	t.Parallel()
	kubeconfig := lookServer().serve(t)
	for _, columns := range []uint16{40, 80, 120} {
		var shown strings.Builder
		for _, args := range [][]string{{mayBeListed, "deploymnts.apps"}, {mayBeListed, "--by", "namespace"}, {mayBeListed, "--by", "owner"}, {"types", "po,widgets,*.gone.example.net", "-set", "allow-incomplete=true"}} {
			text := insideTerminal(t, columns, append([]string{"objects", "-quiet", "-external", kubeconfig}, args...)...)
			for line := range strings.SplitSeq(text, "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), int(columns), line)
			}
			shown.WriteString(text + "\n")
		}
		goldenObjects(t, fmt.Sprintf("terminal-%d", columns), shown.String())
	}
}

// TestObjectsOfARealServer are counted as the API server lists them, and without the values of secrets.
func TestObjectsOfARealServer(t *testing.T) {
	t.Parallel()
	cluster, _ := objectsCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	assert.Regexp(t, `^TYPE +OBJECTS +NAMESPACES +STATE +LEVEL .*\nsecrets +2 +2 +complete +metadata .*\ndeployments.apps +2 +2 +complete +masked .*\nwidgets.example.com +2 +2 +complete +masked .*\n$`,
		objectsOf(t, kubeconfig, "secret,deploy,widget", "-o", "wide", "-n", "team-a,team-b"))
	assert.Equal(t, "pod/stuck\npod/web\n", objectsOf(t, kubeconfig, "po", "-n", "team-b", "-o", "name"))
	assert.Contains(t, objectsOf(t, kubeconfig, "-o", "json"), `{"kind":"ClusterRole"`, "those of the settings")
	few := cluster.KubeconfigFor(t, "look-few", kubetest.Grant{Namespace: "team-a", Resources: []string{"pods"}})
	got := inside(t, call{args: []string{"objects", "po,cm", "-n", "team-a", "-external", few}})
	assert.Equal(t, 3, got.code, got.stderr)
	assert.Regexp(t, `(?m)^configmaps +0 +0 +forbidden\npods +[1-9][0-9]* +1 +complete$`, got.stdout)
	assert.Contains(t, got.stderr, "only what is in the namespace is known")
}
