package chart

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestScheduleOfRunsThatDoNotPileUp(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	spec := cronJob(t, all).Spec

	assert.Equal(t, batchv1.ForbidConcurrent, spec.ConcurrencyPolicy)
	assert.Equal(t, "Etc/UTC", *spec.TimeZone)
	assert.EqualValues(t, 300, *spec.StartingDeadlineSeconds)
	assert.EqualValues(t, 1, *spec.SuccessfulJobsHistoryLimit)
	assert.EqualValues(t, 3, *spec.FailedJobsHistoryLimit)
	assert.False(t, *spec.Suspend)
	job := spec.JobTemplate.Spec
	assert.EqualValues(t, 2, *job.BackoffLimit)
	assert.Nil(t, job.TTLSecondsAfterFinished)
	assert.Equal(t, corev1.RestartPolicyNever, job.Template.Spec.RestartPolicy)
}

// TestDeadlinesNest: the program gives up first, so that it can say why; then
// Kubernetes ends the Job; then the next run is due.
func TestDeadlinesNest(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	own, err := time.ParseDuration(configMap(t, all)["deadline"])
	require.NoError(t, err)
	job := time.Duration(*jobSpec(t, all).ActiveDeadlineSeconds) * time.Second

	assert.Less(t, own, job)
	assert.Less(t, job, 15*time.Minute)
	assert.Equal(t, "150s", configMap(t, release{values: "activeDeadlineSeconds: 200"}.render(t))["deadline"])
	assert.Equal(t, "3m", configMap(t, release{values: "settings: {deadline: 3m}"}.render(t))["deadline"])
}

func TestScheduleIsStable(t *testing.T) {
	t.Parallel()
	r := release{name: "a", namespace: "b"}
	schedule := cronJob(t, r.render(t)).Spec.Schedule

	assert.Regexp(t, `^([0-9]|1[0-4]),\d+,\d+,\d+ \* \* \* \*$`, schedule)
	assert.Equal(t, schedule, cronJob(t, r.render(t)).Spec.Schedule)
	r.upgrade, r.kube, r.values = true, oldest, "image: {tag: other}"
	assert.Equal(t, schedule, cronJob(t, r.render(t)).Spec.Schedule)
}

// TestSchedulesSpread: releases of a cluster, and clusters with the same release,
// do not all start in the same minute.
func TestSchedulesSpread(t *testing.T) {
	t.Parallel()
	const n = 12
	for name, r := range map[string]func(i int) release{
		"releases":   func(i int) release { return release{name: fmt.Sprintf("r%d", i)} },
		"namespaces": func(i int) release { return release{namespace: fmt.Sprintf("n%d", i)} },
		"clusters":   func(i int) release { return release{values: fmt.Sprintf("clusterId: c%d", i)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			minutes := map[string]int{}
			for i := range n {
				minute, _, _ := strings.Cut(cronJob(t, r(i).render(t)).Spec.Schedule, ",")
				minutes[minute]++
			}
			assert.GreaterOrEqual(t, len(minutes), 6, "%v", minutes)
		})
	}
}

func TestScheduleIsTakenAsGiven(t *testing.T) {
	t.Parallel()
	spec := cronJob(t, release{values: `
schedule: 5 3 * * 1-5
timeZone: Europe/Berlin
suspend: true
successfulJobsHistoryLimit: 0
failedJobsHistoryLimit: 0
backoffLimit: 0
ttlSecondsAfterFinished: 0
`}.render(t)).Spec

	assert.Equal(t, "5 3 * * 1-5", spec.Schedule)
	assert.Equal(t, "Europe/Berlin", *spec.TimeZone)
	assert.True(t, *spec.Suspend)
	// Zero is a number, not the absence of one.
	assert.Zero(t, *spec.SuccessfulJobsHistoryLimit)
	assert.Zero(t, *spec.FailedJobsHistoryLimit)
	assert.Zero(t, *spec.JobTemplate.Spec.BackoffLimit)
	assert.Zero(t, *spec.JobTemplate.Spec.TTLSecondsAfterFinished)
}

// TestRetriesOnlyWhereTheyHelp compares the rules with the table of exit codes.
func TestRetriesOnlyWhereTheyHelp(t *testing.T) {
	t.Parallel()
	policy := jobSpec(t, release{}.render(t)).PodFailurePolicy
	require.NotNil(t, policy)
	var final []int32
	for _, code := range finalExitCodes(t) {
		final = append(final, int32(code))
	}
	name := "stocktake"

	assert.Equal(t, []batchv1.PodFailurePolicyRule{
		{Action: batchv1.PodFailurePolicyActionIgnore, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget}}},
		{Action: batchv1.PodFailurePolicyActionFailJob, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
			ContainerName: &name, Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: final,
		}},
	}, policy.Rules)
}

func TestRetriesOfAnOldClusterHaveNoPolicy(t *testing.T) {
	t.Parallel()
	for kube, has := range map[string]bool{oldest: false, "1.25.16-gke.100": false, "1.26.0": true, "1.30.2+k3s1": true, newest: true} {
		assert.Equal(t, has, jobSpec(t, release{kube: kube}.render(t)).PodFailurePolicy != nil, kube)
	}
}

func TestFirstRunIsThatOfTheCronJob(t *testing.T) {
	t.Parallel()
	const on = "firstRun: {enabled: true}"
	all := release{values: on}.render(t)

	job := the[*batchv1.Job](t, all, "Job")
	assert.Equal(t, jobSpec(t, all), job.Spec)
	assert.Equal(t, "stocktake-first-run", job.Name)
	assert.Empty(t, release{}.render(t).ofKind("Job"))
	assert.Empty(t, release{values: on, upgrade: true}.render(t).ofKind("Job"), "an upgrade is not the first run")
}
