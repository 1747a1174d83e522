package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"
)

func TestRightsInTheCluster(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	binding := the[*rbacv1.ClusterRoleBinding](t, all, "ClusterRoleBinding")
	role := the[*rbacv1.ClusterRole](t, all, "ClusterRole")

	assert.Equal(t, []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods", "namespaces", "nodes"}, Verbs: []string{"list"}}}, role.Rules)
	assert.Equal(t, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name}, binding.RoleRef)
	assert.Equal(t, []rbacv1.Subject{{Kind: "ServiceAccount", Name: "stocktake", Namespace: "inventory"}}, binding.Subjects)
	assert.Empty(t, all.ofKind("Role"))
	assert.NotContains(t, configMap(t, all), "namespace-selectors.include")
}

// TestRightsInNamespaces: nothing is granted beyond them, and nothing beyond them is
// asked for.
func TestRightsInNamespaces(t *testing.T) {
	t.Parallel()
	all := release{values: "rbac: {scope: namespaces, namespaces: [team-a, team-b]}"}.render(t)

	assert.Empty(t, all.ofKind("ClusterRole"))
	assert.Empty(t, all.ofKind("ClusterRoleBinding"))
	roles, bindings := all.ofKind("Role"), all.ofKind("RoleBinding")
	for i, namespace := range []string{"team-a", "team-b"} {
		role := typed(t, roles[i]).(*rbacv1.Role)
		binding := typed(t, bindings[i]).(*rbacv1.RoleBinding)
		assert.Equal(t, namespace, role.Namespace)
		assert.Equal(t, []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}},
			{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"get"}},
		}, role.Rules)
		assert.Equal(t, namespace, binding.Namespace)
		assert.Equal(t, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name}, binding.RoleRef)
		assert.Equal(t, []rbacv1.Subject{{Kind: "ServiceAccount", Name: "stocktake", Namespace: "inventory"}}, binding.Subjects)
	}
	assert.Len(t, roles, 2)
	assert.Equal(t, "team-a\nteam-b", configMap(t, all)["namespace-selectors.include"])
}

// TestRightsToFindItsCronJob are granted when a run introduces itself by that, in
// the namespace of the release only.
func TestRightsToFindItsCronJob(t *testing.T) {
	t.Parallel()
	all := release{values: "settings: {anchore-registration.enabled: true}"}.render(t)
	role := the[*rbacv1.Role](t, all, "Role")
	binding := the[*rbacv1.RoleBinding](t, all, "RoleBinding")

	assert.Equal(t, "inventory", role.Namespace)
	assert.Equal(t, []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}},
		{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: []string{"get"}},
	}, role.Rules)
	assert.Equal(t, role.Name, binding.RoleRef.Name)
	env := map[string]string{}
	for _, v := range container(t, all).Env {
		if v.ValueFrom != nil {
			env[v.Name] = v.ValueFrom.FieldRef.FieldPath
		}
	}
	assert.Equal(t, map[string]string{"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"}, env)
}

func TestRightsOfOthers(t *testing.T) {
	t.Parallel()
	for _, kind := range (release{values: "rbac: {create: false}"}).render(t).kinds() {
		assert.NotContains(t, kind, "Role")
	}
}

// TestRightsOfTwoReleasesDoNotCollide: cluster roles of releases with the same name
// in two namespaces have different names.
func TestRightsOfTwoReleasesDoNotCollide(t *testing.T) {
	t.Parallel()
	name := func(namespace string) string {
		return release{namespace: namespace}.render(t).ofKind("ClusterRole")[0].GetName()
	}

	assert.NotEqual(t, name("a"), name("b"))
}
