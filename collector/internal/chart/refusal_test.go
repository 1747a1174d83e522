package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestMistakesFailAtInstall is a corpus of them, each with what helm says.
func TestMistakesFailAtInstall(t *testing.T) {
	t.Parallel()
	for title, c := range map[string]struct{ values, says string }{
		"no cluster":             {"clusterId: ''", "/clusterId': value must be 'the name of this cluster'"},
		"cluster's name":         {"clusterId: Prod_1", "settings.kubeconfig.cluster in place of clusterId"},
		"cluster's other name":   {"clusterId: ''\nsettings: {cluster-id: Prod.1}", "settings.kubeconfig.cluster in place of clusterId"},
		"variable's number":      {"extraEnv: [{name: A, value: 8080}]", "/extraEnv/0/value"},
		"cluster that is null":   {"clusterId:\nsettings: {cluster-id: null}", "clusterId is not set"},
		"rights for all":         {"serviceAccount: {create: false}", "serviceAccount.name"},
		"rights for all by name": {"serviceAccount: {name: default}", "serviceAccount.name"},
		"no receiver":            {"anchore: {url: ''}", "anchore.url is not set"},
		"receiver's scheme":      {"anchore: {url: anchore.example.com}", "/anchore/url"},
		"no credentials":         {"anchore: {existingSecret: ''}", "no credentials"},
		"two passwords":          {"anchore: {password: x}", "both set"},
		"two users":              {"anchore: {user: a, secretKeys: {user: b}}", "both set"},
		"keys of nothing":        {"anchore: {existingSecret: '', password: x, secretKeys: {user: b}}", "not set"},
		"two bundles":            {"caBundle: {configMap: a, secret: b}", "both set"},
		"unknown value":          {"shedule: x", "'shedule'"},
		"unknown nested value":   {"anchore: {pasword: x}", "'pasword'"},
		"unknown setting":        {"settings: {kubernetes.request-batchsize: 1}", "'kubernetes.request-batchsize'"},
		"setting of two names":   {"settings: {kubernetes: {request-batch-size: 1}}", "'kubernetes'"},
		"text for a number":      {"settings: {kubernetes.request-batch-size: many}", "request-batch-size"},
		"text for a truth":       {"settings: {allow-empty: 'yes'}", "allow-empty"},
		"number for a text":      {"settings: {missing-tag-policy.tag: 1.10}", "missing-tag-policy.tag"},
		"no unit":                {"settings: {deadline: '90'}", "/settings/deadline"},
		"setting as a secret":    {"settings: {anchore.password: x}", "'anchore.password'"},
		"unknown secret":         {"secretSettings: {anchore.pasword: x}", "'anchore.pasword'"},
		"setting among secrets":  {"secretSettings: {anchore.user: x}", "'anchore.user'"},
		"scope":                  {"rbac: {scope: namespace}", "/rbac/scope"},
		"scope without names":    {"rbac: {scope: namespaces}", "/rbac/namespaces"},
		"scope's names":          {"rbac: {scope: namespaces, namespaces: ['team-*']}", "/rbac/namespaces/0"},
		"late start":             {"startingDeadlineSeconds: 5", "/startingDeadlineSeconds"},
		"digest":                 {"image: {digest: sha256:abc}", "/image/digest"},
		"pull policy":            {"image: {pullPolicy: always}", "/image/pullPolicy"},
		"pull secret of a name":  {"imagePullSecrets: [login]", "/imagePullSecrets/0"},
		"label that is a number": {"podLabels: {a: 1}", "/podLabels/a"},
		"variable of no name":    {"extraEnv: [{value: x}]", "/extraEnv/0"},
		"password in the URL":    {"anchore: {url: 'https://u:p@host'}", "/anchore/url"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, release{values: c.values}.refusal(t), c.says)
		})
	}
}

func TestClusterMayBeNamedAmongTheSettings(t *testing.T) {
	t.Parallel()
	for setting, name := range map[string]string{"cluster-id": "prod-1", "kubeconfig.cluster": "Prod.1"} {
		all := release{values: "clusterId: ''\nsettings: {" + setting + ": " + name + "}"}.render(t)
		assert.Equal(t, name, configMap(t, all)[setting])
	}
}
