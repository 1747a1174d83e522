//go:build linux

package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// pod is one whose container has ended.
func pod(code int32, message string) *corev1.Pod {
	state := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Message: message}}
	return &corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: state}}}}
}

func TestExpectReadsWhatKubernetesRecorded(t *testing.T) {
	t.Parallel()
	const message = `{"exit_code":4,"cluster":"e2e"}`
	for _, tt := range []struct {
		name, problem string
		pod           *corev1.Pod
	}{
		{"as expected", "", pod(4, message)},
		{"another code", "exit code 5, not 4", pod(5, message)},
		{"killed", "exit code 137, not 4", pod(137, "")},
		{"no summary", "termination message", pod(4, "panic: …")},
		{"the summary of another run", "of another run", pod(4, `{"exit_code":4,"cluster":"prod"}`)},
		{"a code that contradicts", "of another run", pod(4, `{"exit_code":0,"cluster":"e2e"}`)},
		{"running", "has not ended", &corev1.Pod{}},
	} {
		_, err := expect(tt.pod, receiverRefused)
		if tt.problem == "" {
			require.NoError(t, err, tt.name)
			continue
		}
		require.ErrorContains(t, err, tt.problem, tt.name)
	}
}

func TestEndedWantsACondition(t *testing.T) {
	t.Parallel()
	job := &batchv1.Job{Status: batchv1.JobStatus{Active: 1}}
	_, err := ended(job)
	require.ErrorContains(t, err, "1 active")

	job.Status.Conditions = []batchv1.JobCondition{
		{Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue},
		{Type: batchv1.JobFailed, Status: corev1.ConditionTrue},
	}
	got, err := ended(job)
	require.NoError(t, err)
	assert.Equal(t, batchv1.JobFailed, got)
}

func TestHoldsWantsThePodWithItsDigest(t *testing.T) {
	t.Parallel()
	var report inventory
	mine := &corev1.Pod{}
	mine.UID = types.UID("a")
	require.ErrorContains(t, report.holds(mine, "sha256:1"), "not in the report")

	report.Containers = append(report.Containers, container{Digest: "sha256:1", PodUID: "a"})
	require.NoError(t, report.holds(mine, "sha256:1"))
	require.ErrorContains(t, report.holds(mine, "sha256:2", ""), "instead of")
}

func TestDigestOfRefusesAnImageID(t *testing.T) {
	t.Parallel()
	p := pod(0, "")
	_, err := digestOf(&corev1.Pod{})
	require.Error(t, err)
	p.Status.ContainerStatuses[0].ImageID = "sha256:0123"
	_, err = digestOf(p)
	require.Error(t, err)
	p.Status.ContainerStatuses[0].ImageID = "127.0.0.1:5000/stocktake@sha256:0123"
	digest, err := digestOf(p)
	require.NoError(t, err)
	assert.Equal(t, "sha256:0123", digest)
}

func TestReceiverDownWantsTwoPods(t *testing.T) {
	t.Parallel()
	down := *pod(5, `{"exit_code":5,"cluster":"e2e"}`)
	require.Error(t, triedAgain([]corev1.Pod{down}))
	require.Error(t, triedAgain([]corev1.Pod{down, {}}))
	require.NoError(t, triedAgain([]corev1.Pod{down, down}))
}

func TestRunWantsAnImage(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, run(t.Context(), nil, io.Discard), "usage")
	require.Error(t, run(t.Context(), []string{"-image", "x", "more"}, io.Discard))
	require.Error(t, run(t.Context(), []string{"-nonsense"}, io.Discard))
}
