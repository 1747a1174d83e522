package chart

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"stocktake/collector"
	"stocktake/collector/view"
)

// rights lists what roles grant, as "verb resource.group namespace".
func rights(t *testing.T, all objects) (granted []string) {
	t.Helper()
	add := func(namespace string, rules []rbacv1.PolicyRule) {
		for _, rule := range rules {
			require.Len(t, rule.APIGroups, 1)
			for _, verb := range rule.Verbs {
				for _, resource := range rule.Resources {
					granted = append(granted, fmt.Sprintf("%s %s.%s %s", verb, resource, rule.APIGroups[0], namespace))
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
	slices.Sort(granted)
	return granted
}

// printed are the roles that the program prints for settings.
func printed(t *testing.T, folder string) objects {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.NoError(t, view.PrintRights(t.Context(), collector.Invocation{Config: folder, Stdout: &stdout, Stderr: &stderr}, "inventory/stocktake"))
	return parse(t, stdout.Bytes())
}

// TestRightsOfObjectsAreThoseThatTheProgramPrints for the settings of the ConfigMap that is
// rendered, none more and none twice.
func TestRightsOfObjectsAreThoseThatTheProgramPrints(t *testing.T) {
	t.Parallel()
	const http = "deliver.http.url: 'https://assets.example.com', deliver.http.kind: objects"
	for title, c := range map[string]struct {
		values string
		some   []string // that are there, or with a ! are not
	}{
		"nothing":            {"", []string{"!list services. "}},
		"default":            {"objects: {enabled: true}\nsettings: {" + http + "}", []string{"list deployments.apps ", "list nodes. ", "!list secrets. ", "!list events. "}},
		"default, and more":  {"objects: {enabled: true, addTypes: [secrets, widgets.example.com, 'Gadgets.v1beta1.example.com', events], removeTypes: [jobs.batch, '*.policy']}\nsettings: {" + http + "}", []string{"list secrets. ", "list gadgets.example.com ", "list events. ", "!list events.events.k8s.io ", "!list jobs.batch ", "!list poddisruptionbudgets.policy "}},
		"one of both events": {"objects: {enabled: true, types: [events], removeTypes: [events.v1]}\nsettings: {" + http + "}", []string{"list events.events.k8s.io ", "!list events. "}},
		"groups as a whole":  {"objects: {enabled: true, types: ['*.example.com', '*.apps', deployments.apps, pods.v1], removeTypes: [widgets.example.com, '*.apps']}\nsettings: {" + http + "}", []string{"list *.example.com ", "list *.apps ", "!list deployments.apps "}},
		"subresources":       {"objects: {enabled: true, types: [services, deployments/status]}\nsettings: {" + http + "}", []string{"!list deployments.apps "}},
		"all removed":        {"objects: {enabled: true, removeTypes: [default]}\nsettings: {" + http + "}", []string{"!list services. "}},
		"helm":               {"objects: {enabled: true, types: [services]}\nsettings: {" + http + ", objects.helm: labels}", []string{"list secrets. ", "list configmaps. "}},
		"by settings":        {"settings: {objects.enabled: true, objects.types: \"services\\nwidgets.example.com\", " + http + "}", []string{"list widgets.example.com "}},
		"namespaces":         {"objects: {enabled: true, addTypes: [widgets.example.com, nodes]}\nrbac: {scope: namespaces, namespaces: [team-a, team-b]}\nsettings: {" + http + ", objects.helm: chart}", []string{"list widgets.example.com team-b", "list secrets. team-a", "!list nodes. team-a", "!list clusterroles.rbac.authorization.k8s.io team-a"}},
		"alone":              {"anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true, types: [services]}\nsettings: {" + http + "}", []string{"list services. ", "!list pods. ", "!list namespaces. "}},
		"alone, some":        {"anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true, types: [services]}\nsettings: {" + http + ", namespace-selectors.exclude: [kube-system]}", []string{"list namespaces. ", "!list pods. "}},
		"alone, namespaces":  {"anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true, types: [services]}\nrbac: {scope: namespaces, namespaces: [team-a]}\nsettings: {" + http + "}", []string{"list services. team-a", "get namespaces. team-a", "!list pods. team-a"}},
		"beside a file":      {"anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true, types: [services]}\nsettings: {" + http + ", deliver.file.path: /x}", []string{"list pods. "}},
		"Infralight":         {"anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true, types: [services]}\nsecretSettings: {deliver.infralight.access-key: a, deliver.infralight.secret-key: b}", []string{"list namespaces. ", "!list pods. "}},
		"printed":            {"objects: {enabled: false, types: [services]}\nsettings: {dry-run: true, output-kind: objects, objects.types: services}", []string{"list services. ", "!list pods. "}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			all := release{values: c.values}.render(t)
			got := rights(t, all)
			assert.Equal(t, rights(t, printed(t, mounted(t, all, nil))), got)
			for _, one := range c.some {
				if right, absent := strings.CutPrefix(one, "!"); absent {
					assert.NotContains(t, got, right)
				} else {
					assert.Contains(t, got, one)
				}
			}
		})
	}
}

// TestRightsThatOnlyTheClusterKnows are refused with a way out, and are nobody's business
// without roles.
func TestRightsThatOnlyTheClusterKnows(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"*", "deploy", "Deployment", "deploy.apps", "widgets"} {
		values := fmt.Sprintf("objects: {enabled: true, addTypes: [%q]}", name)
		says := release{values: values}.refusal(t)
		assert.Contains(t, says, "objects.add-types: only the cluster can say which types")
		assert.Contains(t, says, "rbac.create")
		(release{values: values + "\nrbac: {create: false}"}).render(t)
	}
}
