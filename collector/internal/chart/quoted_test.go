package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
)

// TestNamesThatLookLikeNumbersAreText: a release named after the start of a commit's
// hash, a namespace named after a tenant. Objects are decoded strictly, so a number
// where Kubernetes has a text fails here as it does there.
func TestNamesThatLookLikeNumbersAreText(t *testing.T) {
	t.Parallel()
	const more = `
dashboard: {enabled: true}
firstRun: {enabled: true}
networkPolicy: {enabled: true}
prometheusRule: {enabled: true}
settings: {anchore-registration.enabled: true}
`
	for _, name := range []string{"2024", "12e5", "y", "true", "null", "0x1f", "1.5", "no"} {
		for _, values := range []string{"", given(t, "numbers"), "fullnameOverride: '" + name + "'"} {
			t.Run(name+" "+values, func(t *testing.T) {
				t.Parallel()
				all := release{name: name, namespace: "12345", values: values, layers: []string{more}}.render(t)
				for _, o := range all {
					if o.GetKind() != "PrometheusRule" {
						typed(t, o)
					}
					assert.Equal(t, name, o.GetLabels()["app.kubernetes.io/instance"], o.GetKind())
				}
				assert.Equal(t, "12345", cronJob(t, all).Namespace)
				assert.Equal(t, name, pod(t, all).Labels["app.kubernetes.io/instance"])
			})
		}
	}
	role := typed(t, release{namespace: "12345", values: given(t, "numbers")}.render(t).ofKind("Role")[0]).(*rbacv1.Role)
	assert.Equal(t, "1001", role.Namespace)
}

// TestValuesThatLookLikeNumbersAreText wherever a value is one.
func TestValuesThatLookLikeNumbersAreText(t *testing.T) {
	t.Parallel()
	r := release{values: `
anchore: {user: '007', account: '1e3', existingSecret: '2024', secretKeys: {password: '1'}}
caBundle: {configMap: '12', key: '34'}
proxy: {noProxy: '10'}
schedule: '5'
image: {repository: '12', tag: '1.10'}
imagePullSecrets: [{name: '12'}]
global: {imagePullSecrets: ['1e5']}
serviceAccount: {name: '77', annotations: {a: '1'}}
podLabels: {a: '1', b: 'y'}
podAnnotations: {a: '1e3', b: 'null'}
commonLabels: {c: '012'}
commonAnnotations: {c: 'no'}
nodeSelector: {'n': '1', m: 'true'}
priorityClassName: '12'
runtimeClassName: '1e2'
spool: {sizeLimit: '1024'}
extraEnv: [{name: '1', value: '2'}, {name: 'y', value: 'y'}]
metrics: {file: '/1'}
extraVolumeMounts: [{name: settings, mountPath: '/2'}]
prometheusRule: {enabled: true, labels: {a: '1'}, alertLabels: {b: '2'}}
dashboard: {enabled: true, labels: {a: '1'}, annotations: {b: '2'}}
nameOverride: '99'
settings: {missing-tag-policy.tag: '1.10'}
`}
	all := r.render(t)
	for _, o := range all {
		if o.GetKind() != "PrometheusRule" {
			typed(t, o)
		}
	}
	spec := pod(t, all).Spec
	assert.Equal(t, "12", spec.PriorityClassName)
	assert.Equal(t, "1e2", *spec.RuntimeClassName)
	assert.Equal(t, "77", spec.ServiceAccountName)
	assert.Equal(t, "12:1.10", spec.Containers[0].Image)
	assert.Equal(t, map[string]string{"kubernetes.io/os": "linux", "n": "1", "m": "true"}, spec.NodeSelector)
	assert.Contains(t, string(r.text(t)), `missing-tag-policy.tag: "1.10"`)
	assert.Equal(t, "012", pod(t, all).Labels["c"])
}

// TestLargeNumbersStayNumbers: helm has them as floating point, and a million then is 1e+06.
func TestLargeNumbersStayNumbers(t *testing.T) {
	t.Parallel()
	all := release{values: `
ttlSecondsAfterFinished: 2592000
startingDeadlineSeconds: 1000000
activeDeadlineSeconds: 4000000
successfulJobsHistoryLimit: 1000000
failedJobsHistoryLimit: 2000000
backoffLimit: 1000000
podSecurityContext: {runAsUser: 1000660000}
prometheusRule: {enabled: true, afterSeconds: 31536000}
settings: {spool.memory: 268435456}
`}
	text := all.text(t)
	job := jobSpec(t, all.render(t))

	assert.NotRegexp(t, `[0-9]e\+?[0-9]`, string(text))
	require.NotNil(t, job.TTLSecondsAfterFinished)
	assert.EqualValues(t, 2592000, *job.TTLSecondsAfterFinished)
	assert.EqualValues(t, 1000660000, *job.Template.Spec.SecurityContext.RunAsUser)
	assert.Equal(t, "3000000s", configMap(t, all.render(t))["deadline"])
	assert.Contains(t, string(text), "> 31536000")
}
