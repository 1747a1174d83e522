//go:build linux

package main

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wrongPassword is undone by the step itself, as in all of these.
func (t *trial) wrongPassword(ctx context.Context) error {
	if err := t.setPassword(ctx, "wrong"); err != nil {
		return err
	}
	if err := t.failsAtOnce(ctx, "wrong-password", receiverRefused); err != nil {
		return err
	}
	return t.setPassword(ctx, password)
}

func (t *trial) setPassword(ctx context.Context, to string) error {
	secrets := t.node.Client.CoreV1().Secrets(namespace)
	login, err := secrets.Get(ctx, secret, metav1.GetOptions{})
	if err != nil {
		return err
	}
	login.Data["anchore.password"] = []byte(to)
	_, err = secrets.Update(ctx, login, metav1.UpdateOptions{})
	return err
}

// noRights takes away the roles.
func (t *trial) noRights(ctx context.Context) error {
	if err := t.upgradeTo(ctx, values{"schedule": never, "rbac": values{"create": false}}); err != nil {
		return err
	}
	if err := t.failsAtOnce(ctx, "no-rights", kubernetesRefused); err != nil {
		return err
	}
	return t.upgradeTo(ctx, values{"schedule": never})
}

// failsAtOnce runs a Job which the failure policy must end after one pod.
func (t *trial) failsAtOnce(ctx context.Context, name string, code int32) error {
	pods, err := t.runJob(ctx, name, batchv1.JobFailed)
	if err != nil {
		return err
	}
	pod, err := only(pods)
	if err != nil {
		return err
	}
	if _, err := expect(pod, code); err != nil {
		return err
	}
	job, err := t.node.Client.BatchV1().Jobs(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, c := range job.Status.Conditions {
		if c.Type == batchv1.JobFailed && c.Reason != batchv1.JobReasonPodFailurePolicy {
			return fmt.Errorf("the Job failed because of %s, not its failure policy: %s", c.Reason, c.Message)
		}
	}
	return nil
}

// receiverDown waits for the second attempt only: they come ever more rarely.
func (t *trial) receiverDown(ctx context.Context) error {
	const name = "receiver-down"
	if err := t.upgradeTo(ctx, values{"schedule": never, "settings": values{"deadline": "5s"}}); err != nil {
		return err
	}
	if err := t.receiver.stop(); err != nil {
		return err
	}
	if err := t.create(ctx, name); err != nil {
		return err
	}
	err := t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		pods, err := t.podsOf(ctx, name)
		if err != nil {
			return err
		}
		return triedAgain(pods)
	})
	if err != nil {
		return err
	}
	if err := t.remove(ctx, name); err != nil {
		return err
	}
	t.receiver, err = listen(context.WithoutCancel(ctx))
	return err
}

// triedAgain returns an error until two pods have found no receiver.
func triedAgain(pods []corev1.Pod) error {
	if len(pods) < 2 {
		return fmt.Errorf("there was no second attempt: %s", describe(pods))
	}
	for i := range pods[:2] {
		if _, err := expect(&pods[i], receiverUnavailable); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a Job and its pods, and returns when none of them run.
func (t *trial) remove(ctx context.Context, job string) error {
	background := metav1.DeletePropagationBackground
	err := t.node.Client.BatchV1().Jobs(namespace).Delete(ctx, job, metav1.DeleteOptions{PropagationPolicy: &background})
	if err != nil {
		return err
	}
	return t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		pods, err := t.podsOf(ctx, job)
		if err == nil && len(pods) > 0 {
			err = fmt.Errorf("pods remain: %s", describe(pods))
		}
		return err
	})
}
