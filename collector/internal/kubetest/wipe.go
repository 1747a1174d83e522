package kubetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wipeChunk bounds one deletion, which reaches every watcher as one message.
const wipeChunk = 2000

// compactKey is where API servers note the revision they compacted last, and
// learn of compactions by others (storage/etcd3/compact.go of k8s.io/apiserver).
const compactKey = "compact_rev_key"

// Wipe deletes all pods and nodes, and all namespaces but those that the API
// server itself keeps, and returns when it lists none of them.
func (c *Cluster) Wipe(t testing.TB) {
	t.Helper()
	require.NoError(t, c.Clear(t.Context()))
}

// Clear is Wipe for programs.
func (c *Cluster) Clear(ctx context.Context) error {
	for _, in := range []collection{pods, nodes, namespaces} {
		if err := c.clear(ctx, in); err != nil {
			return fmt.Errorf("wipe %s: %w", in, err)
		}
	}
	if err := c.CompactNow(ctx); err != nil {
		return fmt.Errorf("wipe: %w", err)
	}
	return nil
}

func (c *Cluster) clear(ctx context.Context, in collection) error {
	rest := below(in.prefix())
	for {
		keys, err := c.etcd.keys(ctx, rest, wipeChunk)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			return c.settle(ctx, in)
		}
		rest.Key = []byte(keys[len(keys)-1] + "\x00")
		if err := c.removeBut(ctx, keys, builtIn(in)); err != nil {
			return err
		}
	}
}

// RemovePods deletes the pods of namespaces, and returns when the API server lists none
// of them.
func (c *Cluster) RemovePods(ctx context.Context, of ...string) error {
	for _, namespace := range of {
		if err := c.etcd.remove(ctx, below(pods.prefix()+namespace+"/")); err != nil {
			return fmt.Errorf("remove the pods of %s: %w", namespace, err)
		}
	}
	return c.settle(ctx, pods)
}

// removeBut removes the run of keys, but not those to keep.
func (c *Cluster) removeBut(ctx context.Context, keys, keep []string) error {
	for len(keys) > 0 {
		n := slices.IndexFunc(keys, func(key string) bool { return slices.Contains(keep, key) })
		if n < 0 {
			n = len(keys)
		}
		if n > 0 {
			run := span{Key: []byte(keys[0]), End: []byte(keys[n-1] + "\x00")}
			if err := c.etcd.remove(ctx, run); err != nil {
				return err
			}
		}
		keys = keys[min(n+1, len(keys)):]
	}
	return nil
}

// builtIn names the keys that the API server would write again.
func builtIn(in collection) []string {
	if in != namespaces {
		return nil
	}
	var keys []string
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, "kube-node-lease"} {
		keys = append(keys, in.prefix()+name)
	}
	return keys
}

// Compact makes etcd forget every revision but the present one. Continue tokens
// of listings under way then expire: at once with Options.ExpireOnCompact, else within
// twenty seconds.
func (c *Cluster) Compact(t testing.TB) {
	t.Helper()
	require.NoError(t, c.CompactNow(t.Context()))
}

// CompactNow is Compact for programs.
func (c *Cluster) CompactNow(ctx context.Context) error {
	// A revision of its own, so that even a token of the newest one so far expires.
	revision, err := c.note(ctx, 0)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	if _, err := c.note(ctx, revision); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	if err := c.etcd.compact(ctx, revision); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// note tells API servers what was compacted; they take 0 for nothing.
func (c *Cluster) note(ctx context.Context, revision int64) (int64, error) {
	value := strconv.AppendInt(nil, revision, 10)
	return c.etcd.put(ctx, []keyValue{{Key: []byte(compactKey), Value: value}})
}

// RestartAPIServer stops the API server and starts it again on the same port and
// with the same certificates: every rest.Config and kubeconfig stays valid.
func (c *Cluster) RestartAPIServer(t testing.TB) {
	t.Helper()
	server := c.env.ControlPlane.APIServer
	require.NoError(t, server.Stop())
	require.NoError(t, server.Start())
}
