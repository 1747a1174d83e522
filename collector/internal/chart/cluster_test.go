package chart

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"

	"stocktake/collector/internal/kubetest"
)

// shared is the API server of the tests that need one. Each has namespaces and
// releases of its own.
var shared = kubetest.Shared{Options: kubetest.Options{Audit: true}}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// namespace makes one whose pods must meet the restricted Pod Security Standard.
func namespace(t *testing.T, name string) {
	t.Helper()
	_, err := client(t).CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)
}

func client(t *testing.T) kubernetes.Interface {
	t.Helper()
	c, err := kubernetes.NewForConfig(shared.Cluster(t).Config())
	require.NoError(t, err)
	return c
}

// server is the API server for objects of any kind.
type server struct {
	dynamic.Interface
	kinds meta.RESTMapper
}

func api(t *testing.T) server {
	t.Helper()
	d, err := dynamic.NewForConfig(shared.Cluster(t).Config())
	require.NoError(t, err)
	groups, err := restmapper.GetAPIGroupResources(client(t).Discovery())
	require.NoError(t, err)
	return server{d, restmapper.NewDiscoveryRESTMapper(groups)}
}

// resource is where objects of that kind go.
func (s server) resource(t *testing.T, o *unstructured.Unstructured) dynamic.ResourceInterface {
	t.Helper()
	mapping, err := s.kinds.RESTMapping(o.GroupVersionKind().GroupKind(), o.GroupVersionKind().Version)
	require.NoError(t, err)
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return s.Resource(mapping.Resource)
	}
	return s.Resource(mapping.Resource).Namespace(cmp.Or(o.GetNamespace(), metav1.NamespaceDefault))
}

// admits asks the server for everything but keeping the object: defaults,
// validation, strict about fields, and admission.
func (s server) admits(t *testing.T, o *unstructured.Unstructured) error {
	t.Helper()
	_, err := s.resource(t, o).Create(t.Context(), o, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict,
	})
	return err
}

// applies asks for the same as a server-side apply does, as helm 4 and Argo CD
// install: it refuses lists in which something is there twice.
func (s server) applies(t *testing.T, o *unstructured.Unstructured) error {
	t.Helper()
	_, err := s.resource(t, o).Apply(t.Context(), o.GetName(), o, metav1.ApplyOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: "test", Force: true})
	return err
}

func TestAPIServerAdmitsEveryObject(t *testing.T) {
	t.Parallel()
	s := api(t)
	for _, name := range []string{"admitted", "team-a", "team-b"} {
		namespace(t, name)
	}
	for name, values := range examples(t) {
		for _, o := range (release{values: values, alone: true, namespace: "admitted"}).render(t) {
			if o.GetKind() != "PrometheusRule" { // a custom resource that is not installed here
				assert.NoError(t, s.admits(t, o), "%s: %s %s", name, o.GetKind(), o.GetName())
				assert.NoError(t, s.applies(t, o), "%s: %s %s", name, o.GetKind(), o.GetName())
			}
		}
	}
}

// TestRestrictedNamespaceAdmitsThePod creates the pod that the Job controller would.
func TestRestrictedNamespaceAdmitsThePod(t *testing.T) {
	t.Parallel()
	namespace(t, "restricted")
	s := api(t)
	run := func(values string) *unstructured.Unstructured {
		return podOf(t, release{namespace: "restricted", values: values})
	}

	require.NoError(t, s.admits(t, run("")))
	require.ErrorContains(t, s.admits(t, run("hostNetwork: true")), "violates PodSecurity", "the standard is enforced")
	require.ErrorContains(t, s.admits(t, run("affinity: {nodeAfinity: {}}")), "nodeAfinity", "Kubernetes checks its own types")
}

// podOf is the pod that the Job controller would create.
func podOf(t *testing.T, r release) *unstructured.Unstructured {
	t.Helper()
	spec, _, err := unstructured.NestedMap(r.render(t).ofKind("CronJob")[0].Object, "spec", "jobTemplate", "spec", "template", "spec")
	require.NoError(t, err)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "run", "namespace": r.namespace}, "spec": spec,
	}}
}

// install runs helm for real and returns what it says.
func install(t *testing.T, verb string, r release) string {
	t.Helper()
	args := []string{verb, r.name, "--namespace", r.namespace, "--kubeconfig", shared.Cluster(t).Kubeconfig(t)}
	if verb != "uninstall" {
		args = append(append(args, folder), r.files(t)...)
	}
	stdout, stderr, err := helm(t, args...)
	require.NoError(t, err, stderr)
	return string(stdout)
}

// TestInstallUpgradeUninstall leaves nothing behind, in the namespace or outside.
func TestInstallUpgradeUninstall(t *testing.T) {
	t.Parallel()
	namespace(t, "lifecycle")
	r := release{name: "inv", namespace: "lifecycle", values: `
anchore: {existingSecret: "", user: robot, password: not-to-be-seen}
firstRun: {enabled: true}
networkPolicy: {enabled: true}
`}
	notes := install(t, "install", r)

	assert.Contains(t, notes, "kubectl -n lifecycle create job --from=cronjob/inv-stocktake inv-stocktake-now")
	assert.NotContains(t, notes, "not-to-be-seen")
	assert.NotContains(t, notes, "WARNING")
	assert.Equal(t, []string{
		"configmaps", "secrets", "serviceaccounts", "cronjobs", "jobs", "networkpolicies", "clusterroles", "clusterrolebindings",
	}, leftOvers(t, "inv"))

	r.values += "settings: {anchore.http.insecure: true}\n"
	assert.Contains(t, install(t, "upgrade", r), "WARNING: anchore.http.insecure")
	assert.NotContains(t, leftOvers(t, "inv"), "jobs", "an upgrade takes the first run away")

	install(t, "uninstall", r)
	assert.Empty(t, leftOvers(t, "inv"))
}

// leftOvers are the kinds of which a release has objects, in any namespace.
func leftOvers(t *testing.T, name string) []string {
	t.Helper()
	d := api(t)
	var kinds []string
	for _, resource := range []kschema.GroupVersionResource{
		{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "secrets"}, {Version: "v1", Resource: "serviceaccounts"},
		{Version: "v1", Resource: "pods"}, {Group: "batch", Version: "v1", Resource: "cronjobs"}, {Group: "batch", Version: "v1", Resource: "jobs"},
		{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"}, {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"}, {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
	} {
		list, err := d.Resource(resource).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		for _, o := range list.Items {
			if o.GetLabels()["app.kubernetes.io/instance"] == name || strings.Contains(o.GetName(), "helm.release.v1."+name+".") {
				kinds = append(kinds, resource.Resource)
				break
			}
		}
	}
	return kinds
}
