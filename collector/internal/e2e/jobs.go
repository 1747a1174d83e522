//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/nodetest"
)

// jobLimit is for a Job that starts, runs and is noticed to have ended: seconds,
// unless the machine is busy with other things.
const jobLimit = 3 * time.Minute

// create makes a Job as kubectl create job --from=cronjob/NAME does.
func (t *trial) create(ctx context.Context, name string) error {
	from, err := t.node.Client.BatchV1().CronJobs(namespace).Get(ctx, release, metav1.GetOptions{})
	if err != nil {
		return err
	}
	job := &batchv1.Job{Spec: from.Spec.JobTemplate.Spec}
	job.Name, job.Labels = name, from.Spec.JobTemplate.Labels
	job.Annotations = map[string]string{"cronjob.kubernetes.io/instantiate": "manual"}
	job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(from, batchv1.SchemeGroupVersion.WithKind("CronJob"))}
	_, err = t.node.Client.BatchV1().Jobs(namespace).Create(ctx, job, metav1.CreateOptions{})
	return err
}

// runJob makes a Job and returns its pods when it has ended as expected.
func (t *trial) runJob(ctx context.Context, name string, want batchv1.JobConditionType) ([]corev1.Pod, error) {
	if err := t.create(ctx, name); err != nil {
		return nil, err
	}
	return t.awaitJob(ctx, name, want)
}

// awaitJob returns the pods of a Job when it has ended as expected.
func (t *trial) awaitJob(ctx context.Context, name string, want batchv1.JobConditionType) ([]corev1.Pod, error) {
	var got batchv1.JobConditionType
	err := t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		job, err := t.node.Client.BatchV1().Jobs(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		got, err = ended(job)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", name, err)
	}
	pods, err := t.podsOf(ctx, name)
	if err != nil {
		return nil, err
	}
	if got != want {
		return nil, fmt.Errorf("job %s ended as %s, not %s: %s", name, got, want, describe(pods))
	}
	return pods, nil
}

// ended returns the condition in which a Job has ended, or that it has not.
func ended(job *batchv1.Job) (batchv1.JobConditionType, error) {
	for _, c := range job.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
			return c.Type, nil
		}
	}
	return "", fmt.Errorf("it has not ended: %d active, %d failed", job.Status.Active, job.Status.Failed)
}

// podsOf returns the pods of a Job, the oldest first.
func (t *trial) podsOf(ctx context.Context, job string) ([]corev1.Pod, error) {
	list, err := t.node.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + job})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list.Items, func(a, b corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	return list.Items, nil
}

// result is how the container of a pod ended, by what the kubelet has recorded.
func result(pod *corev1.Pod) (*corev1.ContainerStateTerminated, error) {
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Terminated != nil {
			return c.State.Terminated, nil
		}
	}
	return nil, fmt.Errorf("pod %s has not ended: %s", pod.Name, describe([]corev1.Pod{*pod}))
}

// expect returns the summary that a pod left as its termination message. Its exit
// code, and the one that the kubelet has seen, must be the expected one.
func expect(pod *corev1.Pod, code int32) (summary, error) {
	var s summary
	end, err := result(pod)
	if err != nil {
		return s, err
	}
	if end.ExitCode != code {
		return s, fmt.Errorf("pod %s: exit code %d, not %d: %s %s", pod.Name, end.ExitCode, code, end.Reason, end.Message)
	}
	if err := json.Unmarshal([]byte(end.Message), &s); err != nil {
		return s, fmt.Errorf("pod %s: termination message %q: %w", pod.Name, end.Message, err)
	}
	if s.Code != code || s.Cluster != clusterID {
		return s, fmt.Errorf("pod %s: the termination message is of another run: %s", pod.Name, end.Message)
	}
	return s, nil
}

// only returns the one pod that a Job should have had.
func only(pods []corev1.Pod) (*corev1.Pod, error) {
	if len(pods) != 1 {
		return nil, fmt.Errorf("%d pods instead of one: %s", len(pods), describe(pods))
	}
	return &pods[0], nil
}

// digestOf returns the digest under which the node knows the pod's image. It must
// be one of the registry, not the id of a configuration.
func digestOf(pod *corev1.Pod) (string, error) {
	if len(pod.Status.ContainerStatuses) == 0 {
		return "", fmt.Errorf("pod %s has no status", pod.Name)
	}
	id := pod.Status.ContainerStatuses[0].ImageID
	digest, found := strings.CutPrefix(id, nodetest.Registry+"/stocktake@")
	if !found {
		return "", fmt.Errorf("pod %s has the image ID %q", pod.Name, id)
	}
	return digest, nil
}

// describe says where pods stand.
func describe(pods []corev1.Pod) string {
	var b strings.Builder
	for _, pod := range pods {
		fmt.Fprintf(&b, "\n  %s %s %s", pod.Name, pod.Status.Phase, pod.Status.Message)
		for _, c := range pod.Status.ContainerStatuses {
			if w := c.State.Waiting; w != nil {
				fmt.Fprintf(&b, " waiting: %s %s", w.Reason, w.Message)
			}
			if end := c.State.Terminated; end != nil {
				fmt.Fprintf(&b, " exit code %d: %s %s", end.ExitCode, end.Reason, end.Message)
			}
		}
	}
	return b.String()
}
