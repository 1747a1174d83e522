package chart

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// named returns all variables of that name.
func named(c corev1.Container, name string) []corev1.EnvVar {
	var all []corev1.EnvVar
	for _, v := range c.Env {
		if v.Name == name {
			all = append(all, v)
		}
	}
	return all
}

// TestNoProxyWhereverAProxyCanBe: the API server is reached without one, and noProxy
// is never dropped, wherever the proxy comes from.
func TestNoProxyWhereverAProxyCanBe(t *testing.T) {
	t.Parallel()
	const server, secret = "$(KUBERNETES_SERVICE_HOST)", "valueFrom: {secretKeyRef: {name: p, key: url}}" //nolint:gosec // names one
	for values, want := range map[string]string{
		given(t, "proxy-of-a-secret"):                                               server + ",.example.internal",
		"proxy: {http: 'http://proxy:3128'}":                                        server,
		"proxy: {noProxy: .corp}":                                                   server + ",.corp",
		"extraEnv: [{name: HTTPS_PROXY, " + secret + "}]":                           server,
		"extraEnv: [{name: HTTP_PROXY, value: 'http://proxy:3128'}]":                server,
		"extraEnv: [{name: https_proxy, " + secret + "}]":                           server,
		"extraEnvFrom: [{secretRef: {name: proxies}}]":                              server + ",$(NO_PROXY),$(no_proxy)",
		"proxy: {noProxy: .corp}\nextraEnvFrom: [{secretRef: {name: proxies}}]":     server + ",.corp,$(NO_PROXY),$(no_proxy)",
		"extraEnv: [{name: OTHER, value: x}]":                                       "",
		"extraEnv: [{name: HTTPS_PROXY, value: x}, {name: no_proxy, value: .mine}]": "",
	} {
		assert.Equal(t, want, environment(container(t, release{values: values}.render(t)))["NO_PROXY"], values)
	}
}

// TestVariableOfTheUserTakesThePlaceOfTheCharts of that name, whatever it is, and
// each is there once.
func TestVariableOfTheUserTakesThePlaceOfTheCharts(t *testing.T) {
	t.Parallel()
	const all = `
proxy: {http: 'http://proxy:3128', https: 'http://proxy:3128', noProxy: .corp}
settings: {anchore-registration.enabled: true}
`
	own := container(t, release{values: all}.render(t)).Env
	require.Len(t, own, 6)
	for _, v := range own {
		for _, name := range []string{v.Name, strings.ToLower(v.Name)} {
			if name != v.Name && !strings.HasSuffix(v.Name, "_PROXY") {
				continue // only proxies have two names
			}
			c := container(t, release{values: all + "extraEnv: [{name: " + name + ", valueFrom: {secretKeyRef: {name: s, key: k}}}]"}.render(t))
			assert.Len(t, c.Env, len(own), name)
			require.Len(t, named(c, name), 1)
			assert.Equal(t, "s", named(c, name)[0].ValueFrom.SecretKeyRef.Name)
			assert.Empty(t, named(c, name)[0].Value)
		}
	}
	assert.Contains(t, release{values: "extraEnv: [{name: A, value: x}, {name: B}, {name: A, value: x}]"}.refusal(t), "A is given twice")
}

// TestOverriddenVariableSurvivesUpgrades: helm 3 patches lists by name, and loses
// variables of which there are two.
func TestOverriddenVariableSurvivesUpgrades(t *testing.T) {
	t.Parallel()
	namespace(t, "upgrades")
	r := release{name: "np", namespace: "upgrades", alone: true}
	chart, user := given(t, "no-proxy-of-the-chart"), given(t, "no-proxy-of-the-user")
	const memory = "- {name: GOMEMLIMIT, value: 100MiB}\n"
	for i, step := range []struct{ verb, values, noProxy, memory string }{
		{"install", chart, "$(KUBERNETES_SERVICE_HOST),.example.internal", "120795955"},
		{"upgrade", user + memory, "10.96.0.1,.svc", "100MiB"},
		{"upgrade", chart, "$(KUBERNETES_SERVICE_HOST),.example.internal", "120795955"},
	} {
		r.values = step.values
		install(t, step.verb, r)
		cron, err := client(t).BatchV1().CronJobs("upgrades").Get(t.Context(), "np-stocktake", metav1.GetOptions{})
		require.NoError(t, err)
		c := containerOf(cron)
		assert.Equal(t, []corev1.EnvVar{{Name: "NO_PROXY", Value: step.noProxy}}, named(c, "NO_PROXY"), "step %d", i)
		assert.Equal(t, []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: step.memory}}, named(c, "GOMEMLIMIT"), "step %d", i)
	}
	s := api(t)
	for _, o := range r.render(t) {
		require.NoError(t, s.applies(t, o), "%s %s", o.GetKind(), o.GetName())
	}
	r.values = user
	for _, o := range r.render(t) {
		require.NoError(t, s.applies(t, o), "%s %s", o.GetKind(), o.GetName())
	}
}

func containerOf(cron *batchv1.CronJob) corev1.Container {
	return cron.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
}
