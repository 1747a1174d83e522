package chart

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// TestNamesAreCut: Kubernetes adds 11 letters to the name of a CronJob, and 63 is
// the end.
func TestNamesAreCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 51) + "-"
	dot := strings.Repeat("a", 51) + "."
	for title, r := range map[string]release{
		"release cut at a dot":  {name: dot + "b", values: "firstRun: {enabled: true}"},
		"fullname cut at a dot": {values: "firstRun: {enabled: true}\nfullnameOverride: " + dot + "b"},
		"name cut at a dot":     {values: "firstRun: {enabled: true}\nnameOverride: " + dot + "c"},
		"both":                  {values: "firstRun: {enabled: true}\nfullnameOverride: " + strings.Repeat("a", 48) + ".-.-b"},
		"release":               {name: long + "x", values: "firstRun: {enabled: true}"},
		"fullname":              {values: "firstRun: {enabled: true}\nfullnameOverride: " + long + strings.Repeat("b", 20)},
		"name":                  {values: "firstRun: {enabled: true}\nnameOverride: " + long + strings.Repeat("c", 20)},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			all := r.render(t)
			name := cronJob(t, all).Name
			assert.LessOrEqual(t, len(name), 52)
			assert.Empty(t, validation.IsDNS1123Subdomain(name))
			for _, o := range all {
				assert.LessOrEqual(t, len(o.GetName()), 75, o.GetName())
				if _, far, _ := strings.Cut(o.GetName(), ":"); far == "" { // those of the cluster have another form
					assert.Empty(t, validation.IsDNS1123Subdomain(o.GetName()), o.GetName())
				}
				for key, label := range o.GetLabels() {
					assert.Empty(t, validation.IsValidLabelValue(label), "%s: %s", key, label)
				}
			}
			for _, kind := range []string{"Job", "Pod"} {
				assert.LessOrEqual(t, len(all.ofKind(kind)[0].GetName()), 63)
			}
		})
	}
}

func TestNamesAndLabelsOfTheUser(t *testing.T) {
	t.Parallel()
	all := release{name: "images", values: `
nameOverride: count
commonLabels: {team: security, app.kubernetes.io/name: not-this}
commonAnnotations: {contact: someone}
podLabels: {team: pods}
podAnnotations: {note: here}
`}.render(t)

	assert.Equal(t, "images-count", cronJob(t, all).Name)
	for _, o := range all {
		assert.Equal(t, "count", o.GetLabels()["app.kubernetes.io/name"], "labels that selectors use are not for others to set")
		if o.GetKind() != "Pod" {
			assert.Equal(t, "security", o.GetLabels()["team"], o.GetKind())
			assert.Equal(t, "someone", o.GetAnnotations()["contact"], o.GetKind())
		}
	}
	assert.Equal(t, "here", pod(t, all).Annotations["note"])
}

// TestOddNamesInstall: what helm takes as the name of a release, and Kubernetes as that
// of a namespace. The command that the notes give for a run by hand is one that works.
func TestOddNamesInstall(t *testing.T) {
	t.Parallel()
	for i, name := range []string{strings.Repeat("a", 51) + ".b", strings.Repeat("a", 49) + ".bc", "2024"} {
		r := release{name: name, namespace: strconv.Itoa(12345 + i), values: "firstRun: {enabled: true}\ndashboard: {enabled: true}"}
		namespace(t, r.namespace)
		notes := install(t, "install", r)

		command := regexp.MustCompile(`create job --from=cronjob/(\S+) (\S+)`).FindStringSubmatch(notes)
		require.NotEmpty(t, command, notes)
		cron, err := client(t).BatchV1().CronJobs(r.namespace).Get(t.Context(), command[1], metav1.GetOptions{})
		require.NoError(t, err)
		assert.Equal(t, name, cron.Labels["app.kubernetes.io/instance"])
		_, err = client(t).BatchV1().Jobs(r.namespace).Create(t.Context(), &batchv1.Job{
			ObjectMeta: metav1.ObjectMeta{Name: command[2]}, Spec: cron.Spec.JobTemplate.Spec,
		}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		require.NoError(t, err)
	}
}
