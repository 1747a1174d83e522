package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestPodIsRestricted names the fields of the restricted Pod Security Standard, and
// what goes beyond it; that the pod passes admission is tested on a real API server.
func TestPodIsRestricted(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	spec, c := pod(t, all).Spec, container(t, all)

	assert.True(t, *spec.SecurityContext.RunAsNonRoot)
	assert.EqualValues(t, 65532, *spec.SecurityContext.RunAsUser)
	assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, spec.SecurityContext.SeccompProfile.Type)
	assert.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
	assert.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
	assert.Equal(t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop)
	assert.False(t, spec.HostNetwork)
	assert.False(t, *spec.EnableServiceLinks)
	assert.True(t, *spec.AutomountServiceAccountToken)
	assert.Equal(t, corev1.TerminationMessageFallbackToLogsOnError, c.TerminationMessagePolicy)
	assert.Empty(t, c.Args)
}

func TestResources(t *testing.T) {
	t.Parallel()
	resources := container(t, release{}.render(t)).Resources

	assert.Equal(t, "50m", resources.Requests.Cpu().String())
	assert.Equal(t, "64Mi", resources.Requests.Memory().String())
	assert.Equal(t, "128Mi", resources.Limits.Memory().String())
	assert.True(t, resources.Limits.Cpu().IsZero())
}

// TestGoMemoryLimitFollowsTheContainers: nine tenths, in bytes.
func TestGoMemoryLimitFollowsTheContainers(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]string{
		"64Mi": "60397977", "1Gi": "966367641", "100M": "90000000", "134217728": "120795955", "null": "", "0.5Gi": "", "1e8": "90000000",
	} {
		env := environment(container(t, release{values: "resources: {limits: {memory: " + limit + "}}"}.render(t)))
		assert.Equal(t, want, env["GOMEMLIMIT"], limit)
	}
}

func environment(c corev1.Container) map[string]string {
	all := map[string]string{}
	for _, v := range c.Env {
		all[v.Name] = v.Value
	}
	return all
}

func TestImage(t *testing.T) {
	t.Parallel()
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for values, want := range map[string]string{
		"":                          "stocktake:0.1.0",
		"image: {tag: '1.10'}":      "stocktake:1.10",
		"image: {registry: reg:50}": "reg:50/stocktake:0.1.0",
		"image: {registry: reg, repository: a/b, tag: x, digest: '" + digest + "'}": "reg/a/b@" + digest,
		"{image: {registry: reg}, global: {imageRegistry: mirror/}}":                "mirror/stocktake:0.1.0",
	} {
		assert.Equal(t, want, container(t, release{values: values}.render(t)).Image, values)
	}
}

// TestMeshLeavesThePodAlone in the form of both labels and annotations, because
// Istio reads the one or the other, by version.
func TestMeshLeavesThePodAlone(t *testing.T) {
	t.Parallel()
	out, in := pod(t, release{}.render(t)), pod(t, release{values: "serviceMesh: {optOut: false}"}.render(t))

	assert.Equal(t, "false", out.Labels["sidecar.istio.io/inject"])
	assert.Equal(t, map[string]string{"sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled"}, out.Annotations)
	assert.NotContains(t, in.Labels, "sidecar.istio.io/inject")
	assert.Empty(t, in.Annotations)
}

func TestPodTakesWhatUsersAdd(t *testing.T) {
	t.Parallel()
	all := release{values: `
imagePullSecrets: [{name: login}]
nodeSelector: {disk: ssd}
tolerations: [{key: dedicated, operator: Exists}]
affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}
priorityClassName: low
runtimeClassName: gvisor
hostNetwork: true
dnsConfig: {nameservers: [10.0.0.10]}
spool: {sizeLimit: 1Gi}
extraEnv: [{name: ANCHORE_PASSWORD, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: GOMEMLIMIT, value: 1GiB}]
extraEnvFrom: [{secretRef: {name: all}}]
extraVolumes: [{name: more, emptyDir: {}}]
extraVolumeMounts: [{name: more, mountPath: /more}]
serviceAccount: {name: reader, annotations: {role: arn}}
`}.render(t)
	spec, c := pod(t, all).Spec, container(t, all)

	assert.Equal(t, []corev1.LocalObjectReference{{Name: "login"}}, spec.ImagePullSecrets)
	assert.Equal(t, map[string]string{"kubernetes.io/os": "linux", "disk": "ssd"}, spec.NodeSelector)
	assert.Equal(t, "dedicated", spec.Tolerations[0].Key)
	assert.NotNil(t, spec.Affinity.NodeAffinity)
	assert.Equal(t, "low", spec.PriorityClassName)
	assert.Equal(t, "gvisor", *spec.RuntimeClassName)
	assert.True(t, spec.HostNetwork)
	assert.Equal(t, corev1.DNSClusterFirstWithHostNet, spec.DNSPolicy)
	assert.Equal(t, []string{"10.0.0.10"}, spec.DNSConfig.Nameservers)
	assert.Equal(t, "reader", spec.ServiceAccountName)
	assert.Equal(t, "arn", the[*corev1.ServiceAccount](t, all, "ServiceAccount").Annotations["role"])
	assert.Equal(t, "k", named(c, "ANCHORE_PASSWORD")[0].ValueFrom.SecretKeyRef.Key)
	assert.Equal(t, []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: "1GiB"}}, named(c, "GOMEMLIMIT"))
	assert.Equal(t, "all", c.EnvFrom[0].SecretRef.Name)
	assert.Equal(t, "/more", c.VolumeMounts[len(c.VolumeMounts)-1].MountPath)
	assert.Equal(t, "1Gi", volume(t, all, "spool").EmptyDir.SizeLimit.String())
	assert.NotNil(t, volume(t, all, "more").EmptyDir)
}

func TestServiceAccountOfOthers(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"{rbac: {create: false}, serviceAccount: {create: false}}": "default", // whose rights are the user's business
		"serviceAccount: {create: false, name: mine}":              "mine",
	} {
		all := release{values: values}.render(t)
		assert.Equal(t, want, pod(t, all).Spec.ServiceAccountName, values)
		assert.Empty(t, all.ofKind("ServiceAccount"))
	}
}

// TestRootIsReadOnly: what the program writes, and where settings are, is mounted.
func TestRootIsReadOnly(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	mounts := map[string]bool{}
	for _, m := range container(t, all).VolumeMounts {
		mounts[m.MountPath] = m.ReadOnly
	}

	assert.Equal(t, map[string]bool{"/etc/config": true, "/spool": false}, mounts)
	assert.Equal(t, "/spool", configMap(t, all)["spool.dir"])
	assert.Equal(t, "256Mi", volume(t, all, "spool").EmptyDir.SizeLimit.String())
}

func volume(t *testing.T, all objects, name string) corev1.Volume {
	t.Helper()
	for _, v := range pod(t, all).Spec.Volumes {
		if v.Name == name {
			return v
		}
	}
	require.Fail(t, "no volume "+name)
	return corev1.Volume{}
}

// TestProxiesAreNotForTheAPIServer: the kubelet expands the address of the API
// server, and Go's HTTP client honours NO_PROXY for all connections.
func TestProxiesAreNotForTheAPIServer(t *testing.T) {
	t.Parallel()
	env := environment(container(t, release{values: "proxy: {https: 'http://proxy:3128', noProxy: '.corp'}"}.render(t)))

	assert.Equal(t, "http://proxy:3128", env["HTTPS_PROXY"])
	assert.Equal(t, "$(KUBERNETES_SERVICE_HOST),.corp", env["NO_PROXY"])
	assert.NotContains(t, env, "HTTP_PROXY")
	assert.NotContains(t, environment(container(t, release{}.render(t))), "NO_PROXY")
}

// TestDryRunTestsTheRealPod: helm test runs what the CronJob runs, with other
// arguments.
func TestDryRunTestsTheRealPod(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	test := the[*corev1.Pod](t, all, "Pod")

	assert.Equal(t, "test", test.Annotations["helm.sh/hook"])
	assert.Equal(t, []string{"-dry-run", "-output", "table"}, test.Spec.Containers[0].Args)
	test.Spec.Containers[0].Args, test.Spec.ActiveDeadlineSeconds = nil, nil
	assert.Equal(t, pod(t, all).Spec, test.Spec)
	assert.Equal(t, pod(t, all).Labels, test.Labels)
}
