package programtest_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/programs"
)

// The long part of the matrix, of which every test run does a little and make
// soak all: runs that are killed, and runs over a cluster that never stands still.

const (
	soakKills = 100
	soakRuns  = 200
	soakTime  = 8 * time.Minute // on a machine that is busy with other things
)

// soak is how often something is done: a few times, or by make soak many.
func soak(few, many int) int {
	if os.Getenv("STOCKTAKE_SOAK") == "" {
		return few
	}
	return many
}

// TestKilledAtAnyMomentLeavesNoHalf kills runs with SIGKILL. What the receiver
// accepted is whole, and accepted once.
func TestKilledAtAnyMomentLeavesNoHalf(t *testing.T) {
	t.Parallel()
	cluster := matrixCluster(t)
	require.Equal(t, 0, run(t, newStage(t, cluster).call).code) // and builds it
	began := time.Now()
	require.Equal(t, 0, run(t, newStage(t, cluster).call).code)
	whole := time.Since(began)
	phases := map[string]int{}
	for range soak(5, soakKills) {
		s := newStage(t, cluster)
		got := s.killedWithin(whole)
		assert.Contains(t, []int{killed, 0}, got.code, got.stderr)
		assert.LessOrEqual(t, accepted(s.receiver), 1)
		if !strings.Contains(got.stderr, complete) {
			assert.NotEqual(t, 0, got.code)
		}
		s.judge(got)
		phases[s.reached(got)]++
	}
	t.Logf("killed within %s: %v", whole, phases)
}

// killedWithin kills the program at some moment of so long a time.
func (s *stage) killedWithin(longest time.Duration) outcome {
	var killing sync.WaitGroup
	defer killing.Wait()
	s.during = func(process *os.Process) {
		killing.Go(func() {
			time.Sleep(rand.N(longest))
			_ = process.Kill() // done already, perhaps
		})
	}
	return run(s.T, s.call)
}

// reached says how far a run came.
func (s *stage) reached(got outcome) string {
	switch asked := s.receiver.Requests(); {
	case got.code == 0:
		return "the end"
	case accepted(s.receiver) > 0:
		return "after delivery"
	case slices.ContainsFunc(asked, func(r anchoretest.Request) bool { return r.Method == "POST" }):
		return "delivery"
	case len(s.proxy.Lists()) > 0:
		return "pods"
	case len(asked) > 0:
		return "preflight"
	}
	return "start"
}

// TestRunsOverAClusterThatChurnsAreComplete runs a binary with race detector
// while pods are made and deleted, and continue tokens expire. Each inventory has
// each pod that lived through the whole run, once, and none that was gone before.
func TestRunsOverAClusterThatChurnsAreComplete(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program with race detector")
	}
	raced := racedProgram(t)
	cluster := ownCluster(t)
	cluster.SeedMany(t, matrixPods, churnNamespaces, 2)
	began := time.Now()
	churn := startChurn(t, cluster)
	runs, consistency := 0, map[string]int{}
	for ; runs < soak(3, soakRuns) && time.Since(began) < soakTime; runs++ {
		consistency[raceRun(t, cluster, churn, raced)]++
	}
	changes := churn.stop(t)
	seconds := time.Since(began).Seconds()
	assert.GreaterOrEqual(t, runs, 3)
	t.Logf("%d runs in %.0f s: %v; %d changes, %.0f a second; %d times a pod that changed was rightly there", runs, seconds, consistency, changes, float64(changes)/seconds, churn.through)
}

// raceRun judges one run, and returns its consistency.
func raceRun(t *testing.T, cluster *kubetest.Cluster, churn *churn, program string) string {
	t.Helper()
	receiver, at := anchoretest.Start(t, receiverOptions())
	began := time.Now()
	got := run(t, delivering(at, call{
		program: program,
		args:    []string{"-external", cluster.Kubeconfig(t), "-set", "kubernetes.request-batch-size=50", "-set", "ignore-not-running=false"},
		env:     []string{"GORACE=halt_on_error=1"},
	}))
	ended := time.Now()
	require.Equal(t, 0, got.code, got.stderr)
	require.Equal(t, 1, accepted(receiver))
	seen := podsOf(t, string(receiver.Accepted()[0].Body))
	for pod := range kubetest.Many(matrixPods, churnNamespaces, 2) {
		require.Equal(t, 1, seen[string(pod.UID)], "%s, which never changed", pod.Name)
		delete(seen, string(pod.UID))
	}
	churn.explain(t, seen, moment{began, ended, got.summary.ResourceVersion, got.summary.Consistency})
	return got.summary.Consistency
}

// racedProgram builds the program with race detector, which takes a C compiler. Without
// one it is the usual program: what a run delivers can be judged all the same.
func racedProgram(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Log("no C compiler here, and so no race detector: install gcc for it")
		path, err := program()
		require.NoError(t, err)
		return path
	}
	path := filepath.Join(t.TempDir(), "stocktake")
	require.NoError(t, build(path, []string{"CGO_ENABLED=1"}, "-race"))
	return path
}

// build builds the program.
func build(path string, env []string, flags ...string) error {
	flags = append(flags, "-buildvcs=false", "-ldflags", "-s -w -X main.version=1.2.3")
	return programs.Link(path, "stocktake", env, flags...)
}

// sorted are the keys of a set, for messages.
func sorted[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
