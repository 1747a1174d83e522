package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const networkOn = "networkPolicy: {enabled: true}\n"

func policy(t *testing.T, values string) networkingv1.NetworkPolicySpec {
	t.Helper()
	return the[*networkingv1.NetworkPolicy](t, release{values: values}.render(t), "NetworkPolicy").Spec
}

func TestNetworkPolicyLetsOutWhatARunNeeds(t *testing.T) {
	t.Parallel()
	spec := policy(t, networkOn)

	assert.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}, spec.PolicyTypes)
	assert.Empty(t, spec.Ingress)
	var ports [][]int32
	for _, rule := range spec.Egress {
		assert.Empty(t, rule.To)
		ports = append(ports, numbers(rule.Ports))
	}
	assert.Equal(t, [][]int32{{53, 53}, {443, 6443}, {443}}, ports)
	assert.Equal(t, corev1.ProtocolUDP, *spec.Egress[0].Ports[0].Protocol)
	assert.Empty(t, release{}.render(t).ofKind("NetworkPolicy"))
}

func numbers(ports []networkingv1.NetworkPolicyPort) []int32 {
	var all []int32
	for _, p := range ports {
		all = append(all, p.Port.IntVal)
	}
	return all
}

// TestNetworkPolicySelectsEveryRun: the CronJob's, the first one's and the test's.
func TestNetworkPolicySelectsEveryRun(t *testing.T) {
	t.Parallel()
	all := release{values: networkOn + "nameOverride: x"}.render(t)
	selector := the[*networkingv1.NetworkPolicy](t, all, "NetworkPolicy").Spec.PodSelector.MatchLabels

	require.NotEmpty(t, selector)
	for key, value := range selector {
		assert.Equal(t, value, pod(t, all).Labels[key])
	}
}

func TestNetworkPolicyKnowsThePortOfTheReceiver(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int32{
		"https://a.example": 443, "http://a.example/path": 80, "https://a.example:8228/v2": 8228, "https://[fd00::1]:99": 99, "https://[fd00::1]": 443,
	} {
		egress := policy(t, networkOn+"anchore: {url: '"+url+"'}").Egress
		assert.Equal(t, []int32{want}, numbers(egress[2].Ports), url)
	}
}

func TestNetworkPolicyKnowsEveryReceiver(t *testing.T) {
	t.Parallel()
	egress := policy(t, networkOn+"settings: {deliver.http.url: 'http://other.example.com:8080'}").Egress

	require.Len(t, egress, 4)
	assert.Equal(t, []int32{8080}, numbers(egress[3].Ports))
}

func TestNetworkPolicyKnowsInfralight(t *testing.T) {
	t.Parallel()
	const keys = networkOn + "anchore: {url: '', existingSecret: ''}\nobjects: {enabled: true}\nsecretSettings: {deliver.infralight.access-key: a, deliver.infralight.secret-key: b}\n"
	for settings, want := range map[string][]int32{
		"": {443, 443},
		"settings: {deliver.infralight.endpoint: 'https://gateway.example:8443'}":                                               {8443, 443},
		"settings: {deliver.infralight.endpoint: 'http://a.example:81', deliver.infralight.login-endpoint: 'http://b.example'}": {81, 80},
	} {
		egress := policy(t, keys+settings).Egress
		require.Len(t, egress, 4, settings)
		assert.Equal(t, want, append(numbers(egress[2].Ports), numbers(egress[3].Ports)...), settings)
	}
}

func TestNetworkPolicyCanBeNarrowed(t *testing.T) {
	t.Parallel()
	spec := policy(t, `
networkPolicy:
  enabled: true
  dns: {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}
  apiServer: {ports: [6443], to: [{ipBlock: {cidr: 10.0.0.1/32}}]}
  receiver: {to: [{ipBlock: {cidr: 192.0.2.1/32}}]}
  extraEgress: [{ports: [{port: 3128}]}]
`)

	require.Len(t, spec.Egress, 4)
	assert.NotNil(t, spec.Egress[0].To[0].NamespaceSelector)
	assert.Equal(t, []int32{6443}, numbers(spec.Egress[1].Ports))
	assert.Equal(t, "10.0.0.1/32", spec.Egress[1].To[0].IPBlock.CIDR)
	assert.Equal(t, "192.0.2.1/32", spec.Egress[2].To[0].IPBlock.CIDR)
	assert.Equal(t, []int32{3128}, numbers(spec.Egress[3].Ports))
}

func TestAlertWhenRunsStopSucceeding(t *testing.T) {
	t.Parallel()
	all := release{values: "prometheusRule: {enabled: true, labels: {release: prom}, alertLabels: {severity: page}}"}.render(t)
	rule := all.ofKind("PrometheusRule")[0]

	assert.Equal(t, "prom", rule.GetLabels()["release"])
	groups, _, err := unstructured.NestedSlice(rule.Object, "spec", "groups")
	require.NoError(t, err)
	alert := groups[0].(map[string]any)["rules"].([]any)[0].(map[string]any)
	assert.Contains(t, alert["expr"], `kube_cronjob_status_last_successful_time{namespace="inventory",cronjob="stocktake"}`)
	assert.Contains(t, alert["expr"], "> 1800")
	assert.Equal(t, map[string]any{"severity": "page"}, alert["labels"])
	assert.Contains(t, alert["annotations"].(map[string]any)["description"], "{{ $value | humanizeDuration }}")
	assert.Empty(t, release{}.render(t).ofKind("PrometheusRule"))
}

func TestExtraObjectsAreTemplates(t *testing.T) {
	t.Parallel()
	all := release{values: `
extraObjects:
  - {apiVersion: v1, kind: Service, metadata: {name: "{{ .Release.Name }}-a"}}
  - |
    apiVersion: v1
    kind: Service
    metadata: {name: '{{ include "stocktake.fullname" . }}-b'}
`}.render(t).ofKind("Service")

	require.Len(t, all, 2)
	assert.Equal(t, "stocktake-a", all[0].GetName())
	assert.Equal(t, "stocktake-b", all[1].GetName())
}
