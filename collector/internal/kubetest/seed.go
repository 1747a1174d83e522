package kubetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// batchCount and batchBytes keep a transaction within etcd's defaults.
	batchCount = 128
	batchBytes = 1 << 20
	// writers is enough to keep etcd busy.
	writers = 4
	// catchUp bounds the wait for the API server to see what etcd holds.
	catchUp = 2 * time.Minute
)

// SeedPods writes the pods, over those of the same names, and returns when the
// API server lists them. Namespaces and nodes need not exist.
func (c *Cluster) SeedPods(t testing.TB, pods ...Pod) {
	t.Helper()
	require.NoError(t, c.Seed(t.Context(), mapped(pods, Pod.Object)))
}

// SeedObjects writes objects as they are.
func (c *Cluster) SeedObjects(t testing.TB, objects ...Object) {
	t.Helper()
	require.NoError(t, c.Seed(t.Context(), slices.Values(objects)))
}

// SeedMany writes n pods of Many, with their namespaces and nodes.
func (c *Cluster) SeedMany(t testing.TB, n, namespaces, nodes int) {
	t.Helper()
	c.SeedNamespaces(t, names(namespaces, NamespaceName)...)
	c.SeedNodes(t, names(nodes, NodeName)...)
	c.SeedAll(t, Many(n, namespaces, nodes))
}

// SeedAll is SeedObjects for a sequence of pods, such as that of Many.
func (c *Cluster) SeedAll(t testing.TB, pods iter.Seq[*corev1.Pod]) {
	t.Helper()
	require.NoError(t, c.Seed(t.Context(), objects(pods)))
}

// SeedNamespaces writes active namespaces with the UIDs of UID("", name).
func (c *Cluster) SeedNamespaces(t testing.TB, names ...string) {
	t.Helper()
	require.NoError(t, c.Seed(t.Context(), mapped(names, Namespace)))
}

// SeedNodes writes ready nodes with the UIDs of UID("", name).
func (c *Cluster) SeedNodes(t testing.TB, names ...string) {
	t.Helper()
	require.NoError(t, c.Seed(t.Context(), mapped(names, Node)))
}

// Seed writes any mix of pods, nodes and namespaces, and returns when the API
// server lists them all. It sets the kind and apiVersion of each object.
func (c *Cluster) Seed(ctx context.Context, objects iter.Seq[Object]) error {
	seen, err := c.write(ctx, objects)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	for _, in := range seen {
		if err := c.settle(ctx, in); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// write hands batches to the writers, and returns the collections it met.
func (c *Cluster) write(ctx context.Context, objects iter.Seq[Object]) ([]collection, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	var seen []collection
	var batch []Object
	flush := func() {
		full := batch
		batch = nil
		group.Go(func() error { return c.writeBatch(ctx, full) })
	}
	for object := range objects {
		in, _, err := locate(object)
		if err != nil {
			return nil, errors.Join(err, group.Wait())
		}
		if !slices.Contains(seen, in) {
			seen = append(seen, in)
		}
		if batch = append(batch, object); len(batch) == batchCount {
			flush()
		}
		if ctx.Err() != nil {
			break
		}
	}
	flush()
	return seen, group.Wait()
}

// writeBatch encodes here, in the writer, and splits when objects are large.
func (c *Cluster) writeBatch(ctx context.Context, objects []Object) error {
	store := newStorage()
	var pairs []keyValue
	size := 0
	for _, object := range objects {
		_, key, err := locate(object)
		if err != nil {
			return err
		}
		value, err := store.encode(object)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if size += len(value); size > batchBytes && len(pairs) > 0 {
			if _, err := c.etcd.put(ctx, pairs); err != nil {
				return err
			}
			pairs, size = nil, len(value)
		}
		pairs = append(pairs, keyValue{[]byte(key), value})
	}
	if len(pairs) == 0 {
		return nil
	}
	_, err := c.etcd.put(ctx, pairs)
	return err
}

// settle waits until the API server counts as many objects as etcd. A consistent
// read makes it catch up with its watch, or read etcd when that takes too long.
func (c *Cluster) settle(ctx context.Context, in collection) error {
	ctx, cancel := context.WithTimeout(ctx, catchUp)
	defer cancel()
	want, err := c.etcd.count(ctx, below(in.prefix()))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(c.Config())
	if err != nil {
		return err
	}
	for {
		got, err := listed(ctx, client, in)
		if err == nil && got == want {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the API server lists %d %s, etcd holds %d", got, in, want), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// listed counts objects by the first of them and what the server says remains.
func listed(ctx context.Context, client kubernetes.Interface, in collection) (int64, error) {
	var list metav1.PartialObjectMetadataList
	err := client.CoreV1().RESTClient().Get().
		Resource(string(in)).
		Param("limit", "1").
		SetHeader("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1").
		Do(ctx).Into(&list)
	if err != nil {
		return 0, err
	}
	count := int64(len(list.Items))
	if list.RemainingItemCount != nil {
		count += *list.RemainingItemCount
	}
	return count, nil
}

func objects(pods iter.Seq[*corev1.Pod]) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for pod := range pods {
			if !yield(pod) {
				return
			}
		}
	}
}

func mapped[S any, T Object](from []S, object func(S) T) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for _, one := range from {
			if !yield(object(one)) {
				return
			}
		}
	}
}

func names(n int, name func(int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = name(i)
	}
	return list
}
