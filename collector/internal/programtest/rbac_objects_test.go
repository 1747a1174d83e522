package programtest_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ofGroups are the rights in the cluster with their groups: "list deployments.apps".
func (g granted) ofGroups() (all []string) {
	for _, role := range g.clusterRoles {
		for _, rule := range role.Rules {
			for _, right := range rightsOf(rule, "") {
				all = append(all, strings.TrimSuffix(right+"."+rule.APIGroups[0], "."))
			}
		}
	}
	slices.Sort(all)
	return all
}

// objectsAlone are the settings of a run that delivers whole objects and no inventory.
func objectsAlone(t *testing.T, settings ...string) (args []string) {
	t.Helper()
	for _, s := range append(settings, "objects.enabled=true", "deliver.file.kind=objects", "deliver.file.path="+filepath.Join(t.TempDir(), "objects.ndjson")) {
		args = append(args, "-set", s)
	}
	return args
}

// TestPrintedRightsOfObjects are those on the types, and no others.
func TestPrintedRightsOfObjects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings []string
		want     []string
	}{
		"types":              {[]string{"objects.types=pods,deployments.apps,widgets.v1.example.com"}, []string{"list deployments.apps", "list pods", "list widgets.example.com"}},
		"a group as a whole": {[]string{"objects.types=*.example.com,pods", "objects.remove-types=widgets.example.com"}, []string{"list *.example.com", "list pods"}},
		"helm":               {[]string{"objects.types=services", "objects.helm=labels"}, []string{"list configmaps", "list secrets", "list services"}},
		"removed":            {[]string{"objects.types=pods,services", "objects.add-types=secrets", "objects.remove-types=pods,secrets"}, []string{"list services"}},
		"patterns":           {[]string{"objects.types=services", "namespace-selectors.include=team-*"}, []string{"list namespaces", "list services"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, printedRights(t, objectsAlone(t, c.settings...)...).ofGroups())
		})
	}
	byDefault := printedRights(t, objectsAlone(t)...).ofGroups()
	assert.Contains(t, byDefault, "list deployments.apps")
	for _, right := range []string{"list secrets", "list events", "list leases.coordination.k8s.io", "list *"} {
		assert.NotContains(t, byDefault, right)
	}
	both := printedRights(t, "-set", "objects.enabled=true", "-set", "objects.types=services", "-set", "anchore.url=https://anchore.example.com").ofGroups()
	assert.Equal(t, []string{"list namespaces", "list nodes", "list pods", "list services"}, both, "an inventory too")
	printing := printedRights(t, "-set", "dry-run=true", "-set", "output-kind=objects", "-set", "objects.types=services").ofGroups()
	assert.Equal(t, []string{"list services"}, printing)
}

// TestPrintedRightsOfObjectsAreEnoughAndTheLeast applies what rbac prints, runs as that
// service account, and takes away one right after the other.
func TestPrintedRightsOfObjectsAreEnoughAndTheLeast(t *testing.T) {
	t.Parallel()
	cluster, _ := objectsCluster(t)
	cluster.SeedNamespaces(t, "inventory")
	kubeconfig, client := serviceAccount(t, cluster)
	for _, c := range []struct {
		name     string
		settings []string
		rules    map[string]string // that the error of a run without this right names
	}{
		{"types", []string{"objects.types=pods,deployments.apps,widgets.example.com", "objects.helm=labels"}, map[string]string{ //nolint:gosec // rules of roles
			"list pods":        `{apiGroups: [""], resources: ["pods"], verbs: ["list"]}`,
			"list deployments": `{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"]}`,
			"list widgets":     `{apiGroups: ["example.com"], resources: ["widgets"], verbs: ["list"]}`,
			"list secrets":     `{apiGroups: [""], resources: ["secrets"], verbs: ["list"]}`,
			"list configmaps":  `{apiGroups: [""], resources: ["configmaps"], verbs: ["list"]}`,
		}},
		{"a group as a whole", []string{"objects.types=*.example.com"}, map[string]string{
			"list *": `{apiGroups: ["example.com"], resources: ["widgets"], verbs: ["list"]}`,
		}},
		{"namespaces", []string{"objects.types=configmaps,nodes,namespaces", "namespace-selectors.include=team-a,team-b"}, map[string]string{
			"list configmaps team-a": `configmaps in namespace team-a may not be listed: grant {apiGroups: [""], resources: ["configmaps"], verbs: ["list"]}`,
			"list configmaps team-b": `configmaps in namespace team-b may not be listed: grant {apiGroups: [""], resources: ["configmaps"], verbs: ["list"]}`,
			"get namespaces team-a":  `cannot get resource "namespaces"`,
			"get namespaces team-b":  `cannot get resource "namespaces"`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := objectsAlone(t, c.settings...)
			printed := printedRights(t, append(args, "--service-account", "inventory/stocktake")...)
			require.Equal(t, slices.Sorted(maps.Keys(c.rules)), printed.rights())
			t.Cleanup(func() { printed.revoke(t, client) })
			collecting := append([]string{"-external", kubeconfig}, args...)
			collecting = append(collecting, "prod-1")

			printed.apply(t, client, "")
			eventually(t, 0, collecting)
			for right, rule := range c.rules {
				printed.apply(t, client, right)
				assert.Contains(t, eventually(t, 3, collecting).summary.Reason, rule, right)
			}
		})
	}
}

// TestPrintedRightsOfAllTypes come from the cluster, and let it be asked who serves what.
func TestPrintedRightsOfAllTypes(t *testing.T) {
	t.Parallel()
	cluster, _ := objectsCluster(t)
	cluster.SeedNamespaces(t, "inventory")
	kubeconfig, client := serviceAccount(t, cluster)
	settings := objectsAlone(t, "objects.types=*", "objects.remove-types=secrets,componentstatuses")
	got := run(t, call{args: append([]string{"rbac", "-external", cluster.Kubeconfig(t), "--service-account", "inventory/stocktake"}, settings...)})
	require.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, "# The cluster was asked which types these are: what is installed later is not in it.")
	printed := readRights(t, []byte(got.stdout))
	t.Cleanup(func() { printed.revoke(t, client) })
	served := map[string]bool{}
	lists, err := client.Discovery().ServerPreferredResources()
	require.NoError(t, err)
	for _, list := range lists {
		group, _, _ := strings.Cut(list.GroupVersion, "/")
		if list.GroupVersion == "v1" {
			group = ""
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") && r.Name != "secrets" && r.Name != "componentstatuses" && !strings.Contains(r.Name, "/") && (r.Name != "events" || group == "") {
				served[strings.TrimSuffix(fmt.Sprintf("list %s.%s", r.Name, group), ".")] = true
			}
		}
	}
	assert.Equal(t, slices.Sorted(maps.Keys(served)), printed.ofGroups())
	assert.Contains(t, printed.rights(), "list widgets")

	collecting := append([]string{"-external", kubeconfig}, settings...)
	collecting = append(collecting, "prod-1")
	printed.apply(t, client, "")
	eventually(t, 0, collecting)
	printed.apply(t, client, "list apiservices")
	assert.Contains(t, eventually(t, 3, collecting).summary.Reason, `grant {apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: ["list"]}`)
}
