//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// helmTest runs the chart's own test.
func (t *trial) helmTest(ctx context.Context) error {
	before := t.receiver.reports()
	output, err := t.helm(ctx, "test", release)
	if err != nil {
		return err
	}
	if !strings.Contains(output, "Succeeded") {
		return fmt.Errorf("helm test says %s", output)
	}
	if sent := t.receiver.reports() - before; sent > 0 {
		return fmt.Errorf("%d reports were sent", sent)
	}
	return nil
}

func (t *trial) upgrade(ctx context.Context) error {
	const schedule = "30 5 * * *"
	if err := t.upgradeTo(ctx, values{"schedule": schedule}); err != nil {
		return err
	}
	got, err := t.node.Client.BatchV1().CronJobs(namespace).Get(ctx, release, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got.Spec.Schedule != schedule {
		return fmt.Errorf("the schedule is %q", got.Spec.Schedule)
	}
	return nil
}

// uninstall waits for Kubernetes to collect what belonged to the CronJob.
func (t *trial) uninstall(ctx context.Context) error {
	if _, err := t.helm(ctx, "uninstall", release, "--wait"); err != nil {
		return err
	}
	return t.node.Await(ctx, jobLimit, func(ctx context.Context) error {
		now, err := t.objects(ctx)
		if err != nil {
			return err
		}
		maps.DeleteFunc(now, func(name string, _ bool) bool { return t.before[name] })
		if len(now) > 0 {
			return fmt.Errorf("left behind: %s", strings.Join(slices.Sorted(maps.Keys(now)), ", "))
		}
		return nil
	})
}

// records are made by Kubernetes about what happens, whoever makes it happen.
var records = map[string]bool{"events": true, "leases": true}

// objects returns the names of all objects of the cluster, of every kind that can
// be listed.
func (t *trial) objects(ctx context.Context) (map[string]bool, error) {
	config := t.node.Cluster.Config()
	config.WarningHandler = rest.NoWarnings{} // some kinds are there for old clients only
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	reader, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	kinds, err := client.ServerPreferredResources()
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, group := range kinds {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, kind := range group.APIResources {
			if !slices.Contains(kind.Verbs, "list") || records[kind.Name] {
				continue
			}
			if err := list(ctx, reader, version.WithResource(kind.Name), found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// list adds the names of all objects of one kind.
func list(ctx context.Context, reader dynamic.Interface, kind schema.GroupVersionResource, found map[string]bool) error {
	all, err := reader.Resource(kind).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list %s: %w", kind.Resource, err)
	}
	for _, object := range all.Items {
		found[kind.Resource+"/"+object.GetNamespace()+"/"+object.GetName()] = true
	}
	return nil
}
