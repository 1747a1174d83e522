//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"stocktake/collector/internal/nodetest"
)

// stepLimit is for one step, which may wait for several Jobs.
const stepLimit = 10 * time.Minute

// trial is one run of all steps.
type trial struct {
	settings
	out      io.Writer
	node     *nodetest.Node
	receiver *receiver
	before   map[string]bool // the objects that were there before the release
	fired    string          // the Job of the schedule
}

// step is one thing to be shown.
type step struct {
	name string
	take func(context.Context) error
}

// steps build on one another: they are taken in this order.
func (t *trial) steps() []step {
	return []step{
		{"a node that takes pods", t.start},
		{"helm install into a restricted namespace", t.install},
		{"the schedule fires and delivers", t.scheduled},
		{"a run by hand delivers the pods of the release with their digest", t.byHand},
		{"a wrong password fails the Job at once: exit code 4", t.wrongPassword},
		{"a receiver that is down is tried again: exit code 5", t.receiverDown},
		{"rights that are missing fail the Job at once: exit code 3", t.noRights},
		{"helm test reads and sends nothing", t.helmTest},
		{"helm upgrade changes the schedule", t.upgrade},
		{"helm uninstall leaves nothing behind", t.uninstall},
		{"20000 pods fit into a memory limit of 64Mi", t.large},
		{"a pod deleted while it lists sends nothing: exit code 143", t.terminated},
	}
}

// take takes the steps until one fails.
func (t *trial) take(ctx context.Context) error {
	all := time.Now()
	for _, s := range t.steps() {
		started := time.Now()
		err := within(ctx, s.take)
		seconds := time.Since(started).Seconds()
		if err != nil {
			return fmt.Errorf("FAILED after %.1f s: %s: %w", seconds, s.name, err)
		}
		fmt.Fprintf(t.out, "ok     %5.1f s  %s\n", seconds, s.name)
	}
	fmt.Fprintf(t.out, "e2e: everything passed in %.0f s\n", time.Since(all).Seconds())
	return nil
}

// within bounds a step.
func within(ctx context.Context, take func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	err := take(limited)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted; everything is stopped")
	}
	return err
}

// start brings up the node, the receiver and the image. They outlive the step.
func (t *trial) start(ctx context.Context) error {
	programs, err := filepath.Abs(t.programs)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if t.node, err = nodetest.Start(ctx, nodetest.Options{Programs: programs}); err != nil {
		return err
	}
	if t.receiver, err = listen(ctx); err != nil {
		return err
	}
	return t.node.Push(ctx, t.image, nodetest.Registry+"/stocktake:e2e")
}
