package programtest_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/kubetest"
)

const (
	changesPerSecond = 50
	churnNamespaces  = 4
	churnPods        = 250 // alive at a time: each lives about ten seconds
	compactions      = 2 * time.Second
)

// churn makes and deletes pods by the API, and keeps the books.
type churn struct {
	cluster *kubetest.Cluster
	client  kubernetes.Interface
	end     context.CancelFunc
	work    *errgroup.Group
	made    atomic.Int64
	changes atomic.Int64

	mu      sync.Mutex
	lives   map[string]*life // by UID
	alive   []*life          // those that nobody deletes yet, the oldest first
	through int              // how often one lived through a run
}

// life is that of one pod. The API server made it before born and after asked,
// and deleted it after dying and before gone; zero times are yet to come.
type life struct {
	namespace, name string
	version         uint64 // the resource version with which it was born
	asked, born     time.Time
	dying, gone     time.Time
}

// moment is when a run saw the cluster.
type moment struct {
	began, ended         time.Time
	version, consistency string
}

func startChurn(t *testing.T, cluster *kubetest.Cluster) *churn {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	c := &churn{cluster: cluster, client: client, end: end, work: &errgroup.Group{}, lives: map[string]*life{}}
	c.work.Go(func() error { return c.changeAll(ctx) })
	c.work.Go(func() error { return c.compactAll(ctx) })
	t.Cleanup(end)
	return c
}

// stop ends all changes, and returns how many there were.
func (c *churn) stop(t *testing.T) int64 {
	t.Helper()
	c.end()
	require.NoError(t, c.work.Wait())
	return c.changes.Load()
}

// changeAll makes and deletes in turn, with as many requests at a time as a slow
// machine needs to keep the pace.
func (c *churn) changeAll(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(8)
	ticks := time.NewTicker(time.Second / changesPerSecond)
	defer ticks.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return group.Wait()
		case <-ticks.C:
		}
		if old := c.oldest(); old != nil && i%2 == 1 {
			group.Go(func() error { return c.remove(context.WithoutCancel(ctx), old) })
			continue
		}
		group.Go(func() error { return c.create(context.WithoutCancel(ctx)) })
	}
}

// compactAll lets continue tokens expire.
func (c *churn) compactAll(ctx context.Context) error {
	every := compactions
	if c.cluster.Minor() < 31 {
		every *= 5 // it reads every page from etcd, and takes longer for a namespace
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		if err := c.cluster.CompactNow(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
}

func (c *churn) create(ctx context.Context) error {
	n := int(c.made.Add(1))
	l := &life{namespace: kubetest.NamespaceName(n % churnNamespaces), name: fmt.Sprintf("churn-%06d", n), asked: time.Now()}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: l.name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "reg.example/app:" + strconv.Itoa(n%9)}}},
	}
	made, err := c.client.CoreV1().Pods(l.namespace).Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make %s: %w", l.name, err)
	}
	if l.version, err = strconv.ParseUint(made.ResourceVersion, 10, 64); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l.born = time.Now()
	c.lives[string(made.UID)] = l
	c.alive = append(c.alive, l)
	c.changes.Add(1)
	return nil
}

// oldest takes the pod that has lived longest, when there are enough.
func (c *churn) oldest() *life {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.alive) <= churnPods {
		return nil
	}
	l := c.alive[0]
	c.alive = c.alive[1:]
	l.dying = time.Now()
	return l
}

func (c *churn) remove(ctx context.Context, l *life) error {
	if err := c.client.CoreV1().Pods(l.namespace).Delete(ctx, l.name, *metav1.NewDeleteOptions(0)); err != nil {
		return fmt.Errorf("delete %s: %w", l.name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	l.gone = time.Now()
	c.changes.Add(1)
	return nil
}

// explain finds a reason for each pod that a run saw, or did not see. A pod whose
// making is not in the books yet was made during the run.
func (c *churn) explain(t *testing.T, seen map[string]int, at moment) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	version, err := strconv.ParseUint(at.version, 10, 64)
	require.NoError(t, err)
	snapshot := at.consistency == "snapshot"
	for uid, l := range c.lives {
		before := l.born.Before(at.began) || snapshot && l.version <= version
		after := l.asked.After(at.ended) || snapshot && l.version > version
		stayed := l.dying.IsZero() || l.dying.After(at.ended)
		gone := !l.gone.IsZero() && l.gone.Before(at.began)
		switch {
		case before && stayed:
			c.through++
			assert.Equal(t, 1, seen[uid], "%s lived through the run: %+v, %+v", l.name, l, at)
		case gone || after:
			assert.Zero(t, seen[uid], "%s was not there: %+v, %+v", l.name, l, at)
		default:
			assert.LessOrEqual(t, seen[uid], 1, "%s is there more than once", l.name)
		}
		delete(seen, uid)
	}
	assert.LessOrEqual(t, len(seen), 8, "pods that nobody made: %v", sorted(seen))
	for uid, times := range seen {
		assert.Equal(t, 1, times, uid)
	}
}
