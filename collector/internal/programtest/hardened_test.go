package programtest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// collectorOf is the user that testdata/hardened/rbac.yaml gives its rights to, in
// a cluster where nobody may ask for the version but administrators.
func collectorOf(t *testing.T, cluster *kubetest.Cluster) string {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	text, err := os.ReadFile("testdata/hardened/rbac.yaml")
	require.NoError(t, err)
	parts := strings.Split(string(text), "---\n")
	role, binding := &rbacv1.ClusterRole{}, &rbacv1.ClusterRoleBinding{}
	require.NoError(t, yaml.UnmarshalStrict([]byte(parts[0]), role))
	require.NoError(t, yaml.UnmarshalStrict([]byte(parts[1]), binding))
	rbac := client.RbacV1()
	_, err = rbac.ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = rbac.ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		assert.NoError(t, rbac.ClusterRoleBindings().Delete(ctx, binding.Name, metav1.DeleteOptions{}))
		assert.NoError(t, rbac.ClusterRoles().Delete(ctx, role.Name, metav1.DeleteOptions{}))
	})
	withoutBinding(t, client, "system:public-info-viewer")
	withoutBinding(t, client, "system:discovery")

	kubeconfig := cluster.KubeconfigFor(t, "collector")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	require.NoError(t, err)
	user, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, version := user.Discovery().ServerVersion()
		_, pods := user.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{Limit: 1})
		return version != nil && pods == nil
	}, time.Minute, 20*time.Millisecond, "the roles take effect")
	return kubeconfig
}

// withoutBinding takes a binding away until the end of the test.
func withoutBinding(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	bindings := client.RbacV1().ClusterRoleBindings()
	binding, err := bindings.Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	require.NoError(t, bindings.Delete(t.Context(), name, metav1.DeleteOptions{}))
	t.Cleanup(func() {
		binding.ObjectMeta = metav1.ObjectMeta{Name: name, Labels: binding.Labels, Annotations: binding.Annotations}
		_, err := bindings.Create(context.WithoutCancel(t.Context()), binding, metav1.CreateOptions{})
		assert.NoError(t, err)
	})
}

// summaryOf is the summary as it is written.
func summaryOf(t *testing.T, got outcome) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
	var last struct{ Summary map[string]any }
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last), got.stderr)
	return last.Summary
}

// TestVersionIsNoRightThatARunNeeds: administrators may keep the version to
// themselves; then it is unknown, and all else goes on.
func TestVersionIsNoRightThatARunNeeds(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	kubeconfig := collectorOf(t, cluster)
	receiver, at := anchoretest.Start(t, receiverOptions())
	const says = `the version of Kubernetes is not known: ask for the version: 403 Forbidden: forbidden: User "collector" cannot get path "/version"`

	got := run(t, delivering(at, call{args: []string{"-external", kubeconfig}}))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, says, strings.ReplaceAll(summaryOf(t, got)["kubernetes_version_unknown"].(string), `\"`, `"`))
	assert.Empty(t, got.summary.Gaps)
	require.Len(t, receiver.Accepted(), 1)
	assert.Contains(t, string(receiver.Accepted()[0].Body), `"serverVersionMetadata":null`)

	got = run(t, call{args: []string{"images", "-external", kubeconfig}})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, "nginx")
	assert.Empty(t, got.stderr)

	got = run(t, call{args: []string{"doctor", "-external", kubeconfig, "-dry-run", "prod"}})
	assert.Equal(t, 0, got.code, got.stdout)
	for _, words := range []string{"not checked: the version of Kubernetes is not known", "a run goes on without", "may list pods, list namespaces, list nodes", "A run would succeed"} {
		assert.Contains(t, got.stdout, words)
	}
	assert.NotContains(t, got.stdout, "renew the credentials")

	got = run(t, call{args: []string{"rbac", "-service-account", "inventory/stocktake"}})
	assert.Equal(t, 0, got.code)
	assert.NotContains(t, got.stdout, "version\"")
	assert.NotContains(t, got.stdout, "nonResourceURLs")
}

// TestVersionThatAFrontEndDoesNotKnow: in every kind of body.
func TestVersionThatAFrontEndDoesNotKnow(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Match = func(r *http.Request) bool { return r.URL.Path == "/version" }
	config := faultproxy.WriteKubeconfig(t, proxy.Serve(t))
	for kind, says := range map[string]string{"anchore": `"serverVersionMetadata":null`, "kai": `"serverVersionMetadata":null`, "stocktake": `"cluster":{"name":"prod","uid":`} {
		for name, fault := range map[string]faultproxy.Fault{
			"404":     faultproxy.Answer(404, "text/plain", "404 page not found"),
			"garbage": faultproxy.Answer(200, "text/html", html),
		} {
			proxy.Script(fault)
			file := filepath.Join(t.TempDir(), "body.json")
			got := inside(t, call{args: []string{"-external", config, "-set", "deliver.file.kind=" + kind, "-set", "deliver.file.path=" + file}, env: []string{"CLUSTER_ID=prod"}})
			require.Equal(t, 0, got.code, "%s, %s: %s", kind, name, got.stderr)
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Contains(t, string(body), says, "%s, %s", kind, name)
			assert.NotContains(t, string(body), "gitVersion")
			assert.Contains(t, summaryOf(t, got)["kubernetes_version_unknown"], "the version of Kubernetes is not known: ask for the version: ")
		}
	}
	got := run(t, call{args: []string{"-external", config, "-dry-run", "prod"}})
	require.Equal(t, 0, got.code)
	assert.Contains(t, got.stdout, `"gitVersion":"v1.`)
	assert.NotContains(t, summaryOf(t, got), "kubernetes_version_unknown")
}
