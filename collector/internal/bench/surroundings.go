package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// surroundings are the objects of a cluster besides its pods, namespaces and nodes.
type surroundings struct {
	objects int    // that were written
	types   string // all that can be listed, as kubectl wants them
}

// newObject is something to create.
type newObject struct {
	path   string // of the list
	object any    // what is encoded as JSON
}

const (
	// creators is enough to keep the API server busy.
	creators = 8
	// patience bounds the wait for custom resources that were defined.
	patience = 2 * time.Minute
)

// surround creates what a cluster holds besides pods. Unlike them it goes through the API
// server, which would not serve custom resources otherwise.
func (b *bench) surround(ctx context.Context) error {
	b.say("creating %d custom resource definitions, and objects of all types", definitions)
	defined, err := b.create(ctx, allDefinitions())
	if err != nil {
		return fmt.Errorf("define custom resources: %w", err)
	}
	for i := range definitions {
		if err := b.await(ctx, func(ctx context.Context) (bool, error) { return b.serves(ctx, customPath(i)) }); err != nil {
			return fmt.Errorf("list %s: %w", customPlural(i), err)
		}
	}
	created, err := b.create(ctx, allObjects())
	if err != nil {
		return fmt.Errorf("create objects: %w", err)
	}
	b.around.objects = defined + created
	return b.await(ctx, func(ctx context.Context) (bool, error) {
		b.around.types, err = b.listable(ctx)
		return strings.Count(b.around.types, customDomain) == definitions, err
	})
}

// create creates objects, some at a time, and says how many.
func (b *bench) create(ctx context.Context, all iter.Seq[newObject]) (n int, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(creators)
	for one := range all {
		n++
		group.Go(func() error { return b.createOne(ctx, one) })
	}
	return n, group.Wait()
}

func (b *bench) createOne(ctx context.Context, one newObject) error {
	body, err := json.Marshal(one.object)
	if err != nil {
		return err
	}
	return b.api.Post().AbsPath(one.path).SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
}

// serves reports whether the objects of a type are listed.
func (b *bench) serves(ctx context.Context, path string) (bool, error) {
	err := b.api.Get().AbsPath(path).Param("limit", "1").Do(ctx).Error()
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return true, err
}

// await waits until something is so.
func (b *bench) await(ctx context.Context, is func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if done, err := is(ctx); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// listable are the names of all types that can be listed, with commas between.
func (b *bench) listable(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, b.kubectl, "--kubeconfig", b.kubeconfig, "api-resources", "--verbs", "list", "--output", "name")
	cmd.Env = []string{"HOME=" + b.dir}
	names, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask kubectl for the types: %w", err)
	}
	return strings.Join(strings.Fields(string(names)), ","), nil
}
