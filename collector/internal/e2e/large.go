//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/nodetest"
)

const (
	manyPods       = 20_000
	manyNamespaces = 50
)

// large installs anew, with half of the memory that the chart asks for, in a
// cluster of pods that exist in etcd alone.
func (t *trial) large(ctx context.Context) error {
	if err := t.seed(ctx); err != nil {
		return err
	}
	err := t.upgradeTo(ctx, values{
		"schedule":     never,
		"resources":    values{"limits": values{"memory": "64Mi"}},
		"nodeSelector": values{corev1.LabelHostname: nodetest.NodeName},
	})
	if err != nil {
		return err
	}
	nth := len(t.receiver.anchore.Accepted()) + 1
	pods, err := t.runJob(ctx, "large", batchv1.JobComplete)
	if err != nil {
		return err
	}
	if err := t.isDelivered(pods, nth); err != nil {
		return err
	}
	got, err := t.receiver.latest(nth)
	if err != nil {
		return err
	}
	if len(got.Pods) < manyPods*96/100 { // of a hundred pods, four do not run
		return got.describe()
	}
	return nil
}

// seed leaves only those controllers that a Job needs: the others would clean up
// pods that have neither owners nor nodes. None of them watches while the pods
// arrive.
func (t *trial) seed(ctx context.Context) error {
	if err := t.node.Control(); err != nil {
		return err
	}
	if err := t.node.Cluster.Seed(ctx, seeded()); err != nil {
		return err
	}
	return t.node.Control("job-controller", "serviceaccount-controller", "root-ca-certificate-publisher-controller")
}

func seeded() iter.Seq[kubetest.Object] {
	return func(yield func(kubetest.Object) bool) {
		for i := range manyNamespaces {
			if !yield(kubetest.Namespace(kubetest.NamespaceName(i))) {
				return
			}
		}
		for pod := range kubetest.Many(manyPods, manyNamespaces, 1) {
			if !yield(pod) {
				return
			}
		}
	}
}

// terminated deletes a pod that waits for the API server in the middle of its
// listing.
func (t *trial) terminated(ctx context.Context) error {
	const name = "terminated"
	before := t.receiver.reports()
	t.node.Gateway.StallAfter(4 << 20)
	defer t.node.Gateway.Flow()
	if err := t.create(ctx, name); err != nil {
		return err
	}
	var pod *corev1.Pod
	err := t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		pods, err := t.podsOf(ctx, name)
		if err != nil {
			return err
		}
		if t.node.Gateway.Stalled() == 0 {
			return errors.New("the pod does not list: " + describe(pods))
		}
		pod, err = only(pods)
		return err
	})
	if err != nil {
		return err
	}
	last, err := t.deletePod(ctx, pod.Name)
	if err != nil {
		return err
	}
	if _, err := expect(last, terminated); err != nil {
		return err
	}
	if sent := t.receiver.reports() - before; sent > 0 {
		return fmt.Errorf("%d reports were sent", sent)
	}
	return nil
}

// deletePod returns the pod as it was when its container had ended. The object is
// gone a moment later.
func (t *trial) deletePod(ctx context.Context, name string) (*corev1.Pod, error) {
	pods := t.node.Client.CoreV1().Pods(namespace)
	watcher, err := pods.Watch(ctx, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()})
	if err != nil {
		return nil, err
	}
	defer watcher.Stop()
	if err := pods.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	for event := range watcher.ResultChan() {
		pod, ok := event.Object.(*corev1.Pod)
		if !ok {
			return nil, fmt.Errorf("watch pod %s: %v", name, event.Object)
		}
		if _, err := result(pod); err == nil {
			return pod, nil
		}
		if event.Type == watch.Deleted {
			return nil, fmt.Errorf("pod %s was removed without a result", name)
		}
	}
	return nil, fmt.Errorf("watch pod %s: it ended", name)
}
