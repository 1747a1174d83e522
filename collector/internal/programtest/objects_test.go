package programtest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
)

// Whole objects, read by the built program from a real API server.

// canary is in many places where objects may hold a secret.
const canary = "hunter2-canary"

// objectsCluster has objects of many types.
func objectsCluster(t *testing.T) (*kubetest.Cluster, rest.Interface) {
	t.Helper()
	cluster := ownSmallCluster(t)
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	api := client.RESTClient()
	post(t, api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition("widgets", "Widget"))
	require.Eventually(t, func() bool { return api.Get().AbsPath("/apis/example.com/v1/widgets").Do(t.Context()).Error() == nil }, time.Minute, 20*time.Millisecond)
	for _, namespace := range []string{"team-a", "team-b"} {
		post(t, api, "/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"settings"},"data":{"password":"`+canary+`"}}`)
		post(t, api, "/api/v1/namespaces/"+namespace+"/secrets", `{"metadata":{"name":"login","annotations":{"note":"`+canary+`"}},"stringData":{"password":"`+canary+`"}}`)
		post(t, api, "/apis/apps/v1/namespaces/"+namespace+"/deployments", `{"metadata":{"name":"web","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"`+canary+`"}},
			"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.27",
			"args":["--password=`+canary+`"],"env":[{"name":"PASSWORD","value":"`+canary+`"}]}]}}}}`)
		post(t, api, "/apis/example.com/v1/namespaces/"+namespace+"/widgets", `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"one"},"spec":{"password":"`+canary+`","size":1234567890123456789}}`)
	}
	t.Cleanup(func() { removeObjects(t, api) })
	return cluster, api
}

// removeObjects leaves the cluster to the next test as it was.
func removeObjects(t *testing.T, api rest.Interface) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	_ = api.Delete().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com").Do(ctx).Error() // a test may have
	for _, namespace := range []string{"team-a", "team-b"} {
		for _, at := range []string{"/api/v1/namespaces/" + namespace + "/configmaps", "/api/v1/namespaces/" + namespace + "/secrets", "/apis/apps/v1/namespaces/" + namespace + "/deployments"} {
			require.NoError(t, api.Delete().AbsPath(at).Do(ctx).Error())
		}
	}
}

func definition(plural, kind string) string {
	return fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%s.example.com"},
		"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":%[1]q,"kind":%q},"versions":[{"name":"v1","served":true,"storage":true,
		"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}`, plural, kind)
}

func post(t *testing.T, api rest.Interface, at, body string) {
	t.Helper()
	require.NoError(t, api.Post().AbsPath(at).SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(t.Context()).Error(), at)
}

// collected is what a body of objects holds.
type collected struct {
	head  payload.HeadRecord
	types map[string]payload.TypeRecord // by resource and group
	uids  map[string][]string           // by the same
	lines map[string][]string
}

// readObjects reads a body, strictly: every record is checked against the schema, every count
// against what came.
func readObjects(t *testing.T, body string) collected {
	t.Helper()
	c := collected{types: map[string]payload.TypeRecord{}, uids: map[string][]string{}, lines: map[string][]string{}}
	all, err := saved.NewObjects(func(of payload.Type, object []byte) error {
		var o struct{ Metadata struct{ UID string } }
		if err := json.Unmarshal(object, &o); err != nil {
			return err
		}
		name := typeName(of)
		c.uids[name] = append(c.uids[name], o.Metadata.UID)
		c.lines[name] = append(c.lines[name], string(object))
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, all.Read(strings.NewReader(body)))
	require.NoError(t, all.Whole())
	c.head = all.Head
	for _, of := range all.Types {
		c.types[typeName(of.Type)] = of
	}
	return c
}

func typeName(of payload.Type) string { return strings.TrimSuffix(of.Resource+"."+of.Group, ".") }

// printsObjects is a run that prints whole objects.
func printsObjects(kubeconfig string, settings ...string) call {
	args := []string{"-external", kubeconfig, "-dry-run", "-set", "output-kind=objects"}
	for _, setting := range settings {
		args = append(args, "-set", setting)
	}
	return call{args: append(args, "prod-1")}
}

// pathOf is the address of all objects of a type.
func pathOf(of payload.TypeRecord) string {
	if of.Group == "" {
		return path.Join("/api", of.Version, of.Resource)
	}
	return path.Join("/apis", of.Group, of.Version, of.Resource)
}

// listedUIDs are those that the API server has of a type.
func listedUIDs(t *testing.T, api rest.Interface, of payload.TypeRecord) (uids []string) {
	t.Helper()
	text, err := api.Get().AbsPath(pathOf(of)).SetHeader("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1").DoRaw(t.Context())
	require.NoError(t, err)
	var list struct {
		Items []struct{ Metadata struct{ UID string } }
	}
	require.NoError(t, json.Unmarshal(text, &list))
	for _, item := range list.Items {
		uids = append(uids, item.Metadata.UID)
	}
	return uids
}

// TestObjects has one cluster for all, the first to last of its tests: to define a type, and
// to do without it again, is seconds of work for an API server.
func TestObjects(t *testing.T) {
	t.Parallel()
	cluster, api := objectsCluster(t)
	t.Run("are those of the cluster", func(t *testing.T) { thoseOfTheCluster(t, cluster, api) })
	t.Run("and the inventory are one reading", func(t *testing.T) { oneReading(t, cluster) })
	t.Run("of a forbidden type stop the delivery", func(t *testing.T) { forbiddenType(t, cluster) })
	t.Run("twice are the same bytes", func(t *testing.T) { twiceTheSame(t, cluster) })
	t.Run("of a type that is gone are absent", func(t *testing.T) { typeThatIsGone(t, cluster, api) })
}

// thoseOfTheCluster: each type that is complete has the objects that the API server has,
// nothing of what may be a secret is in them, and pods are listed once.
func thoseOfTheCluster(t *testing.T, cluster *kubetest.Cluster, api rest.Interface) {
	t.Helper()
	var mu sync.Mutex
	var accepted []string // for secrets
	kubeconfig := proxied(t, cluster, func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/secrets") {
			accepted = append(accepted, r.Header.Get("Accept"))
		}
		return true
	})
	got := inside(t, printsObjects(kubeconfig, "objects.add-types=secrets,widgets.example.com,no-such-type"))
	require.Equal(t, 0, got.code, got.stderr)
	c := readObjects(t, got.stdout)
	assert.True(t, c.head.Complete)
	assert.NotEmpty(t, c.head.ClusterUID)
	assert.Contains(t, got.stderr, "no-such-type")
	for _, name := range []string{"pods", "configmaps", "secrets", "namespaces", "nodes", "deployments.apps", "widgets.example.com", "clusterroles.rbac.authorization.k8s.io"} {
		require.Equal(t, payload.Complete, c.types[name].State, name)
		assert.NotEmpty(t, c.uids[name], name)
	}
	for name, of := range c.types {
		if of.State == payload.Complete {
			assert.ElementsMatch(t, listedUIDs(t, api, of), c.uids[name], name)
		}
	}
	for _, secret := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))} {
		assert.NotContains(t, got.stdout, secret)
		assert.NotContains(t, got.stderr, secret)
	}
	assert.Contains(t, strings.Join(c.lines["widgets.example.com"], ""), "1234567890123456789", "numbers keep their digits")
	assert.NotContains(t, c.types, "events")
	assert.Equal(t, []string{"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}, accepted, "no value of a secret crosses the network")
}

// auditOf are the requests of the program for a resource.
func auditOf(t *testing.T, cluster *kubetest.Cluster, resource string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(cluster.AuditLog())
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"userAgent":"stocktake/`) && strings.Contains(line, `"resource":"`+resource+`"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// oneReading: pods, namespaces and nodes are listed once for both.
func oneReading(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	dir := t.TempDir()
	before := len(auditOf(t, cluster, "pods")) + len(auditOf(t, cluster, "nodes"))
	bodies := filepath.Join(dir, "objects.ndjson")
	got := run(t, call{args: []string{
		"-external", cluster.Kubeconfig(t), "-set", "objects.enabled=true", "-set", "deliver.file.kind=objects", "-set", "deliver.file.path=" + bodies,
		"-set", "output=json", "-set", "output-kind=stocktake", "-set", "verbose-inventory-reports=true", "prod-1",
	}})
	require.Equal(t, 0, got.code, got.stderr)
	text, err := os.ReadFile(bodies)
	require.NoError(t, err)
	c := readObjects(t, string(text))
	assert.Len(t, c.uids["pods"], 4)
	var inventory struct{ Pods []any }
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &inventory))
	assert.Len(t, inventory.Pods, 4)
	after := len(auditOf(t, cluster, "pods")) + len(auditOf(t, cluster, "nodes"))
	assert.LessOrEqual(t, after-before, 3, "one listing of pods and one of nodes, after a first look at the pods")
}

// forbiddenType stops the delivery before anything is read, and names the rule, unless it may be skipped.
func forbiddenType(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	user := cluster.KubeconfigFor(t, "objects-few",
		kubetest.Grant{Resources: []string{"pods", "namespaces", "nodes", "configmaps"}},
		kubetest.Grant{Group: "apps", Resources: []string{"deployments"}})
	types := "objects.types=pods,configmaps,deployments,statefulsets,services"
	got := inside(t, printsObjects(user, types))
	assert.Equal(t, 3, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.summary.Reason, `{apiGroups: [""], resources: ["services"], verbs: ["list"]}`)
	assert.Contains(t, got.summary.Reason, `{apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["list"]}`)

	got = inside(t, printsObjects(user, types, "objects.skip-forbidden=true"))
	assert.Equal(t, 7, got.code, got.stderr)
	c := readObjects(t, got.stdout)
	assert.False(t, c.head.Complete)
	assert.Equal(t, payload.Forbidden, c.types["statefulsets.apps"].State)
	assert.Equal(t, payload.Complete, c.types["deployments.apps"].State)
	assert.Len(t, got.summary.Gaps, 2)
}

// twiceTheSame but for the run and the times, however many types are read at a time.
func twiceTheSame(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	kubeconfig := cluster.Kubeconfig(t)
	var bodies []string
	for _, workers := range []string{"1", "8"} {
		got := inside(t, printsObjects(kubeconfig, "objects.workers="+workers, "objects.add-types=*.example.com"))
		require.Equal(t, 0, got.code, got.stderr)
		c := readObjects(t, got.stdout)
		body := strings.ReplaceAll(got.stdout, c.head.Run, "RUN")
		body = strings.Replace(body, `"began":"`+c.head.Began+`","ended":"`+c.head.Ended+`"`, `"began":"","ended":""`, 1)
		for _, name := range slices.Sorted(maps.Keys(c.types)) {
			if moment := c.types[name].ResourceVersion; moment != "" {
				body = strings.ReplaceAll(body, `"resourceVersion":"`+moment+`","consistency"`, `"resourceVersion":"RV","consistency"`)
			}
		}
		bodies = append(bodies, body)
	}
	assert.Equal(t, bodies[0], bodies[1])
}

// TestObjectsThatNobodyGets are a mistake in the settings, and so are those that nobody switched on.
func TestObjectsThatNobodyGets(t *testing.T) {
	t.Parallel()
	server := (&scriptedServer{paths: usualPaths([]string{"aa"}, podObject("aa", "a0"))}).serve(t)
	for name, c := range map[string]struct {
		settings []string
		says     string
	}{
		"no receiver":          {[]string{"objects.enabled=true", "deliver.file.path=/tmp/x.json"}, "nobody gets the objects"},
		"not switched on":      {[]string{"deliver.file.path=/tmp/x.json", "deliver.file.kind=objects"}, "objects.enabled=true"},
		"no type":              {[]string{"objects.enabled=true", "deliver.file.path=/tmp/x.json", "deliver.file.kind=objects", "objects.types=a b"}, "names no type"},
		"workers":              {[]string{"objects.enabled=true", "deliver.file.path=/tmp/x.json", "deliver.file.kind=objects", "objects.workers=9"}, "objects.workers"},
		"what nobody can tell": {[]string{"objects.enabled=true", "deliver.file.path=/tmp/x.json", "deliver.file.kind=k8s-collector", "allow-incomplete=true"}, "cannot say what is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-external", server}
			for _, setting := range c.settings {
				args = append(args, "-set", setting)
			}
			got := inside(t, call{args: append(args, "prod-1")})
			assert.Equal(t, 2, got.code, got.stderr)
			assert.Contains(t, got.stderr, c.says)
		})
	}
}

// typeThatIsGone: a CRD that was deleted after discovery is no gap.
func typeThatIsGone(t *testing.T, cluster *kubetest.Cluster, api rest.Interface) {
	t.Helper()
	var once sync.Once
	proxy := proxied(t, cluster, func(r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/apis/example.com/v1/widgets") {
			once.Do(func() { undefine(t, api) })
		}
		return true
	})
	got := inside(t, printsObjects(proxy, "objects.types=widgets.example.com,pods"))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, payload.Absent, readObjects(t, got.stdout).types["widgets.example.com"].State)
}

// undefine deletes the CRD, and returns when it is not served any more.
func undefine(t *testing.T, api rest.Interface) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if err := api.Delete().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com").Do(ctx).Error(); err != nil {
		t.Error(err) // in the goroutine of a request
	}
	assert.Eventually(t, func() bool { return api.Get().AbsPath("/apis/example.com/v1/widgets").Do(ctx).Error() != nil }, time.Minute, 20*time.Millisecond)
}
