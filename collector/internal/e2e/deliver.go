//go:build linux

package main

import (
	"context"
	"errors"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// never is a schedule that does not fire during the run.
const never = "0 0 1 1 *"

// install prepares what an administrator does, and installs the chart. It fires
// every minute and reports pods that have ended too.
func (t *trial) install(ctx context.Context) error {
	if err := t.prepare(ctx); err != nil {
		return err
	}
	var err error
	if t.before, err = t.objects(ctx); err != nil {
		return err
	}
	return t.upgradeTo(ctx, values{"schedule": "* * * * *", "settings": values{"ignore-not-running": false}})
}

// prepare makes the namespace, which enforces the restricted Pod Security
// Standard, and the Secret with the credentials.
func (t *trial) prepare(ctx context.Context) error {
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	if _, err := t.node.Client.CoreV1().Namespaces().Create(ctx, space, metav1.CreateOptions{}); err != nil {
		return err
	}
	login := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: secret}, StringData: map[string]string{"anchore.user": user, "anchore.password": password}}
	if _, err := t.node.Client.CoreV1().Secrets(namespace).Create(ctx, login, metav1.CreateOptions{}); err != nil {
		return err
	}
	return t.node.Await(ctx, jobLimit, func(ctx context.Context) error { // the controllers', for every namespace
		_, err := t.node.Client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// scheduled waits for the Job of the schedule, and then stops the schedule.
func (t *trial) scheduled(ctx context.Context) error {
	err := t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		jobs, err := t.node.Client.BatchV1().Jobs(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(jobs.Items) == 0 {
			return errors.New("no Job has been made")
		}
		t.fired = jobs.Items[0].Name
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.upgradeTo(ctx, values{"schedule": never, "settings": values{"ignore-not-running": false}}); err != nil {
		return err
	}
	pods, err := t.awaitJob(ctx, t.fired, batchv1.JobComplete)
	if err != nil {
		return err
	}
	return t.isDelivered(pods, 1)
}

// byHand runs a Job and looks for pods of the release in its report: that of the
// schedule, and its own. Its own may be reported before the kubelet has said which
// image it runs, and then has no digest, never a wrong one.
func (t *trial) byHand(ctx context.Context) error {
	earlier, err := t.podsOf(ctx, t.fired)
	if err != nil {
		return err
	}
	pods, err := t.runJob(ctx, "by-hand", batchv1.JobComplete)
	if err != nil {
		return err
	}
	if err := t.isDelivered(pods, 2); err != nil {
		return err
	}
	got, err := t.receiver.latest(2)
	if err != nil {
		return err
	}
	digest, err := digestOf(&earlier[0])
	if err != nil {
		return err
	}
	if err := got.holds(&earlier[0], digest); err != nil {
		return err
	}
	return got.holds(&pods[0], digest, "")
}

// isDelivered returns an error unless the Job had one pod, which succeeded, and the
// receiver has accepted the nth report from it.
func (t *trial) isDelivered(pods []corev1.Pod, nth int) error {
	pod, err := only(pods)
	if err != nil {
		return err
	}
	said, err := expect(pod, delivered)
	if err != nil {
		return err
	}
	if !said.Complete || len(said.Deliveries) != 1 || said.Deliveries[0].Status != 201 {
		return errors.New("the summary does not tell of a delivery: " + describe(pods))
	}
	_, err = t.receiver.latest(nth)
	return err
}
