package chart

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector"
	"stocktake/collector/internal/kubetest"
)

// TestRunAsksForExactlyWhatIsGranted installs the chart, lets the program run as its
// service account on the settings of its ConfigMap, and compares what the audit log
// says it asked for with the rules that were rendered: no more, or the run is
// refused; no less, or a right is granted that nobody needs.
func TestRunAsksForExactlyWhatIsGranted(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	for _, name := range []string{"read-a", "read-b"} {
		namespace(t, name)
		c.SeedPods(t, kubetest.Pod{Namespace: name, Name: "p", Containers: []kubetest.Container{{Name: "c", Image: "nginx:1"}}})
	}
	for name, values := range map[string]string{
		"cluster":    "rbac: {scope: cluster}",
		"namespaces": "rbac: {scope: namespaces, namespaces: [read-a, read-b]}",
	} {
		t.Run(name, func(t *testing.T) {
			r := release{name: "rights-" + name, namespace: "rights-" + name, values: values}
			namespace(t, r.namespace)
			install(t, "install", r)
			all := r.render(t)

			user := dryRun(t, r, all)
			assert.Equal(t, granted(t, all), asked(t, user))
		})
	}
}

// dryRun collects as the service account of the release and returns its user name.
func dryRun(t *testing.T, r release, all objects) string {
	t.Helper()
	account := pod(t, all).Spec.ServiceAccountName
	var stdout, stderr bytes.Buffer
	code := collector.Run(t.Context(), collector.Invocation{
		Config: mounted(t, all, nil),
		Flags:  map[string]string{"dry-run": "true", "kubeconfig.path": kubeconfig(t, r.namespace, account), "spool.dir": t.TempDir()},
		Stdout: &stdout, Stderr: &stderr,
	})
	require.Equal(t, collector.OK, code, stderr.String())
	assert.Contains(t, stdout.String(), "nginx:1")
	return "system:serviceaccount:" + r.namespace + ":" + account
}

// kubeconfig is that of a service account, with a token as a pod has it.
func kubeconfig(t *testing.T, namespace, account string) string {
	t.Helper()
	answer, err := client(t).CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	server := shared.Cluster(t).Config()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: server.Host, CertificateAuthorityData: server.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: answer.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{"x": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "x",
	}, path))
	return path
}

// granted lists the rights of the rendered roles, as "verb resource namespace".
func granted(t *testing.T, all objects) []string {
	t.Helper()
	var rights []string
	add := func(namespace string, rules []rbacv1.PolicyRule) {
		for _, rule := range rules {
			for _, verb := range rule.Verbs {
				for _, resource := range rule.Resources {
					rights = append(rights, strings.TrimSpace(verb+" "+resource+" "+namespace))
				}
			}
		}
	}
	for _, o := range all {
		switch role := typed(t, o).(type) {
		case *rbacv1.ClusterRole:
			add("", role.Rules)
		case *rbacv1.Role:
			add(role.Namespace, role.Rules)
		}
	}
	slices.Sort(rights)
	return rights
}

// event is the part of an audit.k8s.io/v1 Event that tells who asked for what.
type event struct {
	Verb      string
	User      struct{ Username string }
	ObjectRef struct{ Resource, Namespace string }
}

// asked lists what a user asked the API server for, of what needs a right.
func asked(t *testing.T, user string) []string {
	t.Helper()
	log, err := os.ReadFile(shared.Cluster(t).AuditLog())
	require.NoError(t, err)
	var rights []string
	for line := range bytes.Lines(log) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // another test's request, on its way into the log
		}
		var e event
		require.NoError(t, json.Unmarshal(line, &e))
		if e.User.Username == user && e.ObjectRef.Resource != "" {
			rights = append(rights, strings.TrimSpace(e.Verb+" "+e.ObjectRef.Resource+" "+e.ObjectRef.Namespace))
		}
	}
	slices.Sort(rights)
	return slices.Compact(rights)
}
