package programtest_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// asked returns what the program asked the API server for, from its audit log, since
// that had so many bytes.
func asked(t *testing.T, cluster *kubetest.Cluster, since int64) []string {
	t.Helper()
	log, err := os.Open(cluster.AuditLog())
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	_, err = log.Seek(since, io.SeekStart)
	require.NoError(t, err)
	var uris []string
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct{ Stage, UserAgent, RequestURI string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &event))
		if strings.HasPrefix(event.UserAgent, "stocktake/") && event.Stage == "ResponseComplete" {
			uris = append(uris, event.RequestURI)
		}
	}
	return uris
}

// audited is how many bytes the audit log has.
func audited(t *testing.T, cluster *kubetest.Cluster) int64 {
	t.Helper()
	info, err := os.Stat(cluster.AuditLog())
	require.NoError(t, err)
	return info.Size()
}

func labelled(name string, labels map[string]string) *corev1.Namespace {
	ns := kubetest.Namespace(name)
	ns.Labels = labels
	return ns
}

func web(namespace string) kubetest.Pod {
	return kubetest.Pod{Namespace: namespace, Name: "web", Node: "node-1", Containers: []kubetest.Container{
		{Name: "web", Image: "nginx:1.27", ImageID: "docker.io/library/nginx@sha256:" + kubetest.Hex("nginx")}}}
}

func TestNamedNamespacesNeedNoRightBeyondThem(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	before := audited(t, cluster)
	cluster.SeedNodes(t, "node-1")
	cluster.SeedNamespaces(t, "a", "b", "c")
	cluster.SeedPods(t, web("a"), web("b"), web("c"))
	kubeconfig := cluster.KubeconfigFor(t, "only-a-and-b",
		kubetest.Grant{Namespace: "a", Resources: []string{"pods"}}, kubetest.Grant{Namespace: "a", Resources: []string{"namespaces"}, Verbs: []string{"get"}},
		kubetest.Grant{Namespace: "b", Resources: []string{"pods"}}, kubetest.Grant{Namespace: "b", Resources: []string{"namespaces"}, Verbs: []string{"get"}})
	receiver, at := anchoretest.Start(t, receiverOptions())
	got := run(t, delivering(at, call{args: []string{"-external", kubeconfig, "-set", "namespace-selectors.include=a,b"}}))
	require.Equal(t, 0, got.code, got.stderr)
	require.Equal(t, 1, accepted(receiver))
	assert.Equal(t, anchoretest.Counts{Namespaces: 2, Pods: 2, Containers: 2, Images: receiver.Accepted()[0].Counts.Images}, receiver.Accepted()[0].Counts)
	uris := asked(t, cluster, before)
	assert.Subset(t, uris, []string{"/api/v1/namespaces/a", "/api/v1/namespaces/b"})
	for _, uri := range uris {
		path, _, _ := strings.Cut(uri, "?")
		assert.Contains(t, []string{"/version", "/api/v1/namespaces/a", "/api/v1/namespaces/b", "/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods"}, path)
	}

	t.Run("a name that does not exist is a gap", func(t *testing.T) {
		got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "namespace-selectors.include=a,nowhere"}}))
		assert.Equal(t, 2, got.code, got.stderr)
		assert.Contains(t, got.summary.Reason, "nowhere does not exist")
		assert.Equal(t, 1, accepted(receiver))
		got = run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "namespace-selectors.include=a,nowhere", "-set", "allow-incomplete=true"}}))
		assert.Equal(t, 7, got.code, got.stderr)
		assert.Equal(t, 2, accepted(receiver))
	})
	t.Run("names that are all excluded are refused, not asked for in the whole cluster", func(t *testing.T) {
		got := run(t, delivering(at, call{args: []string{"-external", kubeconfig, "-set", "namespace-selectors.include=a", "-set", "namespace-selectors.exclude=a"}}))
		assert.Equal(t, 8, got.code, got.stderr)
		assert.Contains(t, got.summary.Reason, "match no namespace")
	})
	t.Run("patterns that match nothing are refused", func(t *testing.T) {
		got := inside(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "namespace-selectors.include=prod-*"}}))
		assert.Equal(t, 8, got.code, got.stderr)
		assert.Contains(t, got.summary.Reason, "match no namespace")
	})
	t.Run("excluded namespaces are left out", func(t *testing.T) {
		got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-output", "table", "-set", "namespace-selectors.exclude=^[ab]$", "prod"}})
		require.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, 2, strings.Count(got.stdout, "\n"), got.stdout)
		assert.Contains(t, got.stdout, " c\n")
	})
}

func TestAccountsByLabelAndByRouteFromOneListing(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	before := audited(t, cluster)
	cluster.SeedNodes(t, "node-1")
	cluster.SeedObjects(t, labelled("red", map[string]string{"owner": "Team.Red"}), labelled("blue", map[string]string{"owner": "missing"}), labelled("shared", nil))
	cluster.SeedPods(t, web("red"), web("blue"), web("shared"))
	routes := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(routes, []byte(`
namespace-selectors: {exclude: [default, "^kube-"]}
account-routes:
  TeamGreen: {user: green, password: "s3cret: #1", namespaces: [shared]}
account-route-by-namespace-label: {key: owner}
metadata-collection: {namespaces: {disable: true}}
`), 0o600))
	options := receiverOptions()
	options.Users["green"] = secret
	options.Accounts = []string{"admin", "TeamGreen", "Team.Red"}
	receiver, at := anchoretest.Start(t, options)
	args := []string{"-external", cluster.Kubeconfig(t), "-config", routes}
	got := run(t, delivering(at, call{args: args}))
	assert.Equal(t, 4, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "account")
	var accounts []string
	for _, request := range receiver.Accepted() {
		accounts = append(accounts, request.Account+" as "+request.User)
		assert.Equal(t, 1, request.Counts.Namespaces)
	}
	slices.Sort(accounts)
	assert.Equal(t, []string{"Team.Red as robot", "TeamGreen as green"}, accounts)
	lists := 0
	for _, uri := range asked(t, cluster, before) {
		if strings.HasPrefix(uri, "/api/v1/pods?") && !strings.Contains(uri, "limit=1") || strings.Contains(uri, "/pods") && strings.Contains(uri, "/namespaces/") {
			lists++
		}
	}
	assert.Equal(t, 1, lists, "one listing of pods in all")

	t.Run("an unknown account goes to the default account when there is one", func(t *testing.T) {
		got := run(t, delivering(at, call{args: append(args, "-set", "account-route-by-namespace-label.default-account=admin")}))
		assert.Equal(t, 0, got.code, got.stderr)
		last := receiver.Accepted()[accepted(receiver)-3:]
		var to []string
		for _, request := range last {
			to = append(to, request.Account)
		}
		assert.ElementsMatch(t, []string{"Team.Red", "TeamGreen", "admin"}, to)
	})
}

func TestMetadataLeavesOnlyAsListed(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	pod := web("team-a")
	pod.Name = "labelled"
	pod.Labels = map[string]string{"app": "web", "secretive": "x"}
	pod.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "PASSWORD=hunter2", "team": "a"}
	cluster.SeedPods(t, pod)
	args := []string{"-external", cluster.Kubeconfig(t), "-dry-run"}
	all := inside(t, call{args: append(args, "prod")})
	assert.Contains(t, all.stdout, `"secretive":"x"`)
	assert.NotContains(t, all.stdout, "hunter2")
	some := inside(t, call{args: append(args, "-set", "metadata-collection.pods.labels=app", "-set", "metadata-collection.pods.annotations=team", "prod")})
	assert.NotContains(t, some.stdout, "secretive")
	assert.Contains(t, some.stdout, `"annotations":{"team":"a"}`)
	every := inside(t, call{args: append(args, "-set", "metadata-collection.pods.annotations=*", "prod")})
	assert.Contains(t, every.stdout, "hunter2")
	none := inside(t, call{args: append(args, "-set", "metadata-collection.pods.disable=true", "prod")})
	assert.NotContains(t, none.stdout, `"app":"web"`)
	require.NoError(t, anchoretest.CheckV2([]byte(none.stdout)))
}

func TestBatchesAreAllTriedAndTheSummarySaysWhatArrived(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	receiver.FailNext(1, anchoretest.Fault{Status: 400})
	got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "inventory-report-limits.namespaces=3", "-set", "anchore.http.compression=gzip"}}))
	assert.Equal(t, 4, got.code, got.stderr)
	require.Len(t, got.summary.Deliveries, 3)
	assert.Contains(t, got.summary.Deliveries[0].Error, "400")
	assert.Empty(t, got.summary.Deliveries[1].Error)
	assert.Contains(t, got.stderr, `"names":[`)
	require.Equal(t, 2, accepted(receiver))
	stamps := map[string]bool{}
	for _, request := range posted(receiver) {
		stamps[timestamp.FindString(string(request.Body))] = true
	}
	assert.Len(t, stamps, 1, "all bodies of a run share their timestamp")
}
