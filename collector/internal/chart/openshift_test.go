package chart

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const openShift = "security.openshift.io/v1"

// securityConstraints makes the rules of the SCC restricted-v2 that an API server can
// be taught, for namespaces with the label scc.
func securityConstraints(t *testing.T, name string) server {
	t.Helper()
	s := api(t)
	text, err := os.ReadFile("testdata/scc.yaml")
	require.NoError(t, err)
	for _, o := range parse(t, text) {
		_, err := s.resource(t, o).Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	_, err = client(t).CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
		"scc": "restricted-v2", "pod-security.kubernetes.io/enforce": "restricted",
	}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	return s
}

// TestOpenShiftAdmitsThePod: with what the cluster says of itself, with what the values
// say, and after the namespace's user and group were assigned.
func TestOpenShiftAdmitsThePod(t *testing.T) {
	t.Parallel()
	s := securityConstraints(t, "scc")
	// Policies reach the server's admission with a delay.
	require.Eventually(t, func() bool { return s.admits(t, podOf(t, release{namespace: "scc"})) != nil }, time.Minute, time.Second)
	require.ErrorContains(t, s.admits(t, podOf(t, release{namespace: "scc", values: "openshift: false", apis: openShift})), "runAsUser must be in the ranges")
	const umbrellaNulls = "stocktake: {podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}"
	for title, r := range map[string]release{
		"detected": {apis: openShift},
		"said":     {values: "openshift: true"},
		"example":  {alone: true, values: examples(t)["openshift"]},
		"nulls":    {values: "podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}"},
		"umbrella": {alone: true, chart: umbrella(t, nil), values: umbrellaNulls},
		"range":    {apis: openShift, values: "podSecurityContext: {runAsUser: 1000660001, fsGroup: 1000660001}"},
	} {
		r.namespace = "scc"
		o := podOf(t, r)
		require.NoError(t, s.admits(t, o), title)
		for _, user := range []int64{1000660000, 1000669999} {
			assign(t, o, user)
			require.NoError(t, s.admits(t, o), title)
		}
	}
}

// assign does what the admission of OpenShift does to a pod: a user and a group of the
// namespace's range.
func assign(t *testing.T, o *unstructured.Unstructured, user int64) {
	t.Helper()
	for _, field := range []string{"runAsUser", "fsGroup"} {
		require.NoError(t, unstructured.SetNestedField(o.Object, user, "spec", "securityContext", field))
	}
}

// TestOpenShiftTakesNothingElse: the restricted standard stays, and so does a user that
// is not the chart's default.
func TestOpenShiftTakesNothingElse(t *testing.T) {
	t.Parallel()
	context := func(r release) *corev1.PodSecurityContext { return pod(t, r.render(t)).Spec.SecurityContext }
	detected := context(release{apis: openShift})

	assert.Equal(t, detected, context(release{apis: openShift + "/SecurityContextConstraints"}))
	assert.Nil(t, detected.RunAsUser)
	assert.Nil(t, detected.RunAsGroup)
	assert.Nil(t, detected.FSGroup)
	assert.True(t, *detected.RunAsNonRoot)
	assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, detected.SeccompProfile.Type)
	assert.EqualValues(t, 1001, *context(release{apis: openShift, values: "podSecurityContext: {runAsUser: 1001}"}).RunAsUser)
	assert.EqualValues(t, 65532, *context(release{}).RunAsUser)
	assert.EqualValues(t, 65532, *context(release{values: "openshift: false", apis: openShift}).RunAsUser)
	assert.EqualValues(t, 65532, *context(release{values: "openshift:"}).RunAsUser, "left empty")
}
