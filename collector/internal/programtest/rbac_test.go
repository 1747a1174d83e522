package programtest_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/programs"
)

// granted are the objects that rbac printed.
type granted struct {
	clusterRoles    []*rbacv1.ClusterRole
	clusterBindings []*rbacv1.ClusterRoleBinding
	roles           []*rbacv1.Role
	bindings        []*rbacv1.RoleBinding
}

// printedRights runs rbac and reads what it printed, strictly.
func printedRights(t *testing.T, args ...string) granted {
	t.Helper()
	got := inside(t, call{args: append([]string{"rbac"}, args...)})
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	return readRights(t, []byte(got.stdout))
}

func readRights(t *testing.T, text []byte) granted {
	t.Helper()
	var g granted
	for docs := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return g
		}
		require.NoError(t, err)
		var kind metav1.TypeMeta
		require.NoError(t, yaml.Unmarshal(doc, &kind))
		switch kind.Kind {
		case "ClusterRole":
			g.clusterRoles = append(g.clusterRoles, strictly[rbacv1.ClusterRole](t, doc))
		case "ClusterRoleBinding":
			g.clusterBindings = append(g.clusterBindings, strictly[rbacv1.ClusterRoleBinding](t, doc))
		case "Role":
			g.roles = append(g.roles, strictly[rbacv1.Role](t, doc))
		case "RoleBinding":
			g.bindings = append(g.bindings, strictly[rbacv1.RoleBinding](t, doc))
		}
	}
}

func strictly[T any](t *testing.T, doc []byte) *T {
	t.Helper()
	into := new(T)
	require.NoError(t, yaml.UnmarshalStrict(doc, into), "%s", doc)
	return into
}

// rights are those that are granted, as "verb resource namespace".
func (g granted) rights() []string {
	var all []string
	for _, role := range g.clusterRoles {
		for _, rule := range role.Rules {
			all = append(all, rightsOf(rule, "")...)
		}
	}
	for _, role := range g.roles {
		for _, rule := range role.Rules {
			all = append(all, rightsOf(rule, role.Namespace)...)
		}
	}
	slices.Sort(all)
	return all
}

func rightsOf(rule rbacv1.PolicyRule, namespace string) []string {
	var all []string
	for _, verb := range rule.Verbs {
		for _, resource := range rule.Resources {
			all = append(all, strings.TrimSpace(verb+" "+resource+" "+namespace))
		}
	}
	return all
}

// without returns the rules without one right.
func without(rules []rbacv1.PolicyRule, namespace, right string) []rbacv1.PolicyRule {
	var kept []rbacv1.PolicyRule
	for _, rule := range rules {
		for _, resource := range rule.Resources {
			one := rbacv1.PolicyRule{APIGroups: rule.APIGroups, Resources: []string{resource}, Verbs: rule.Verbs}
			if rightsOf(one, namespace)[0] != right {
				kept = append(kept, one)
			}
		}
	}
	return kept
}

// apply grants it all but for one right, in place of what was granted before.
func (g granted) apply(t *testing.T, client kubernetes.Interface, but string) {
	t.Helper()
	g.revoke(t, client)
	rbac := client.RbacV1()
	for _, o := range g.clusterRoles {
		o = o.DeepCopy()
		o.Rules = without(o.Rules, "", but)
		_, err := rbac.ClusterRoles().Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	for _, o := range g.clusterBindings {
		_, err := rbac.ClusterRoleBindings().Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	for _, o := range g.roles {
		o = o.DeepCopy()
		o.Rules = without(o.Rules, o.Namespace, but)
		_, err := rbac.Roles(o.Namespace).Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	for _, o := range g.bindings {
		_, err := rbac.RoleBindings(o.Namespace).Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
}

// revoke takes away what apply granted, also at the end of a test, when its context has
// ended: the next test of the cluster has a service account of the same name.
func (g granted) revoke(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	ctx, rbac := context.WithoutCancel(t.Context()), client.RbacV1()
	remove := func(remove func(context.Context, string, metav1.DeleteOptions) error, name string) {
		if err := remove(ctx, name, metav1.DeleteOptions{}); !apierrors.IsNotFound(err) { // as at first
			require.NoError(t, err)
		}
	}
	for _, o := range g.clusterBindings {
		remove(rbac.ClusterRoleBindings().Delete, o.Name)
	}
	for _, o := range g.clusterRoles {
		remove(rbac.ClusterRoles().Delete, o.Name)
	}
	for _, o := range g.bindings {
		remove(rbac.RoleBindings(o.Namespace).Delete, o.Name)
	}
	for _, o := range g.roles {
		remove(rbac.Roles(o.Namespace).Delete, o.Name)
	}
}

// serviceAccount makes inventory/stocktake and returns a kubeconfig with a token as a pod has it.
func serviceAccount(t *testing.T, cluster *kubetest.Cluster) (string, kubernetes.Interface) {
	t.Helper()
	const namespace, name = "inventory", "stocktake"
	server := cluster.Config()
	client, err := kubernetes.NewForConfig(server)
	require.NoError(t, err)
	accounts := client.CoreV1().ServiceAccounts(namespace)
	_ = accounts.Delete(t.Context(), name, metav1.DeleteOptions{}) // that of a test before
	_, err = accounts.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
	answer, err := accounts.CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: server.Host, CertificateAuthorityData: server.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": {Token: answer.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{"x": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "x",
	}, path))
	return path, client
}

// TestPrintedRightsAreEnoughAndTheLeast applies what rbac prints, runs as that
// service account, and then takes away one right after the other. The server
// learns of roles a moment later, so each outcome is waited for.
func TestPrintedRightsAreEnoughAndTheLeast(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]struct {
		args []string
		want []string
	}{
		"cluster":         {nil, []string{"list namespaces", "list nodes", "list pods"}},
		"patterns":        {[]string{"-set", "namespace-selectors.include=team-*"}, []string{"list namespaces", "list nodes", "list pods"}},
		"names":           {[]string{"-set", "namespace-selectors.include=team-a,team-b"}, []string{"get namespaces team-a", "get namespaces team-b", "list pods team-a", "list pods team-b"}},
		"names, some out": {[]string{"-set", "namespace-selectors.include=team-a,team-b", "-set", "namespace-selectors.exclude=team-b"}, []string{"get namespaces team-a", "list pods team-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := ownSmallCluster(t)
			cluster.SeedNamespaces(t, "inventory")
			printed := printedRights(t, append(settings.args, "--service-account", "inventory/stocktake")...)
			require.Equal(t, settings.want, printed.rights())
			kubeconfig, client := serviceAccount(t, cluster)
			t.Cleanup(func() { printed.revoke(t, client) })
			collecting := append([]string{"-external", kubeconfig, "-dry-run", "prod"}, settings.args...)

			printed.apply(t, client, "")
			eventually(t, 0, collecting)
			for _, right := range settings.want {
				printed.apply(t, client, right)
				got := eventually(t, 3, collecting)
				assert.Contains(t, got.stderr, "forbidden", right)
			}
		})
	}
}

// eventually runs the program until it exits with the code. On a busy machine a run
// takes seconds, and an API server as long to learn of a role.
func eventually(t *testing.T, code int, args []string) outcome {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		got := inside(t, call{args: args})
		if got.code == code {
			return got
		}
		require.True(t, time.Now().Before(until), "exit code %d where %d should come: %s", got.code, code, got.stderr)
	}
}

func TestPrintedRightsAreThoseOfTheChart(t *testing.T) {
	t.Parallel()
	tools, err := programs.Build("release", "helm")
	require.NoError(t, err)
	helm := filepath.Join(tools, "helm")
	rendered := func(t *testing.T, values []string) granted {
		t.Helper()
		args := []string{"template", "stocktake", root + "/charts/stocktake", "--namespace", "inventory", "--kube-version", "1.36.3",
			"--set", "clusterId=prod,anchore.url=https://anchore.example.com,anchore.existingSecret=login"}
		for _, v := range values {
			args = append(args, "--set", v)
		}
		text, err := exec.Command(helm, args...).CombinedOutput()
		require.NoError(t, err, "%s", text)
		return readRights(t, text)
	}
	for name, c := range map[string]struct{ values, settings []string }{
		"cluster":    {nil, nil},
		"namespaces": {[]string{"rbac.scope=namespaces", "rbac.namespaces={team-a,team-b}"}, []string{"namespace-selectors.include=team-a,team-b"}},
		"with registration": {
			[]string{`settings.anchore-registration\.enabled=true`},
			[]string{"anchore-registration.enabled=true"},
		},
		"its own namespace, with registration": {
			[]string{`settings.anchore-registration\.enabled=true`, "rbac.scope=namespaces", "rbac.namespaces={inventory}"},
			[]string{"anchore-registration.enabled=true", "namespace-selectors.include=inventory"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-set", "anchore.url=https://anchore.example.com", "--service-account", "inventory/stocktake"}
			for _, s := range c.settings {
				args = append(args, "-set", s)
			}
			printed, charts := printedRights(t, args...), rendered(t, c.values)

			assert.Equal(t, charts.rights(), printed.rights())
			assert.Len(t, printed.clusterBindings, len(charts.clusterBindings))
			for i, b := range printed.clusterBindings {
				assert.Equal(t, charts.clusterBindings[i].Subjects, b.Subjects)
				assert.Equal(t, charts.clusterBindings[i].RoleRef, b.RoleRef)
			}
			for _, b := range printed.bindings {
				assert.Equal(t, charts.bindings[0].Subjects, b.Subjects)
				assert.True(t, slices.ContainsFunc(printed.roles, func(r *rbacv1.Role) bool {
					return r.Namespace == b.Namespace && r.Name == b.RoleRef.Name
				}), "a role that the binding refers to")
			}
		})
	}
}

// TestPrintedRightsFindTheCronJob: with them the integration goes by the CronJob,
// and without any one of them by the cluster.
func TestPrintedRightsFindTheCronJob(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	cluster.SeedNamespaces(t, "inventory")
	receiver, at := anchoretest.Start(t, receiverOptions())
	kubeconfig, client := serviceAccount(t, cluster)
	uid := cluster.SeedCronJob(t, "inventory", "stocktake-29-x")
	settings := []string{"-set", "anchore-registration.enabled=true"}
	printed := printedRights(t, append(settings, "-set", "anchore.url="+at, "--service-account", "inventory/stocktake")...)
	t.Cleanup(func() { printed.revoke(t, client) })
	registered := func(but string) bool {
		printed.apply(t, client, but)
		c := delivering(at, call{args: append(settings, "-external", kubeconfig), env: []string{"POD_NAMESPACE=inventory", "POD_NAME=stocktake-29-x"}})
		found := false
		for range 50 {
			got := inside(t, c)
			if got.code == 3 {
				continue // the roles are not in effect yet
			}
			require.Equal(t, 0, got.code, got.stderr)
			if found = strings.Contains(lastRegistration(receiver), uid); found == (but == "") {
				break
			}
		}
		return found
	}

	assert.True(t, registered(""))
	assert.False(t, registered("get pods inventory"))
	assert.False(t, registered("get jobs inventory"))
}

// lastRegistration is the body in which the program introduced itself last.
func lastRegistration(receiver *anchoretest.Receiver) string {
	body := ""
	for _, r := range receiver.Requests() {
		if strings.HasSuffix(r.Path, "/integrations/registration") {
			body = string(r.Body)
		}
	}
	return body
}

func TestPrintedRightsRefuseWhatIsNoAccount(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"", "stocktake", "a/", "/a", "A/b", "a/b/c", "a/b\nrules:"} {
		got := inside(t, call{args: []string{"rbac", "-service-account", account}})
		assert.Equal(t, 2, got.code, account)
		assert.Empty(t, got.stdout)
		assert.Contains(t, got.stderr, "NAMESPACE/NAME")
	}
	got := run(t, call{args: []string{"rbac", "-set", "namespace-selectors.include=a", "-set", "namespace-selectors.exclude=a"}})
	assert.Equal(t, 0, got.code)
	assert.Contains(t, got.stdout, "# Nothing is read")
	assert.NotContains(t, got.stdout, "kind:")
}
