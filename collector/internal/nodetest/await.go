//go:build linux

package nodetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pause between two looks at the cluster.
const pause = 200 * time.Millisecond

// Await calls check until it returns nil, at most for the limit. What check says
// last is the reason in the error. A program of the node that ends meanwhile
// ends the wait as well.
func (n *Node) Await(ctx context.Context, limit time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	var last error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || last == nil { // else it says that time is up
			last = err
		}
		if err := n.ended(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		case <-time.After(pause):
		}
	}
}

// awaitReady waits until the node is ready for pods.
func (n *Node) awaitReady(ctx context.Context) error {
	return n.Await(ctx, startTimeout, func(ctx context.Context) error {
		node, err := n.Client.CoreV1().Nodes().Get(ctx, NodeName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
				return errors.New(condition.Message)
			}
		}
		if len(node.Spec.Taints) > 0 {
			return fmt.Errorf("the node is tainted with %s", node.Spec.Taints[0].Key)
		}
		return nil
	})
}
