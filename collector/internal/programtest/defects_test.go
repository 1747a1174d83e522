package programtest_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// The tests of this file are named after defects of anchore-k8s-inventory that
// only a whole run can have.

func TestDefect01FailedListOfNamespacesIsNoEmptyInventory(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	forbidden := cluster.KubeconfigFor(t, "no-namespaces", kubetest.Grant{Resources: []string{"pods", "nodes"}})
	got := run(t, delivering(at, call{args: []string{"-external", forbidden}}))
	assert.Equal(t, 3, got.code, got.stderr)
	assert.Zero(t, attempts(receiver))
}

func TestDefect18DeadlineIsThatOfTheWholeRun(t *testing.T) {
	t.Parallel()
	kubeconfig := slowly(t, make(chan struct{}, 1))
	begin := time.Now()
	got := run(t, call{args: []string{"-external", kubeconfig, "-dry-run", "-set", smallPages, "-set", "deadline=2s", "prod"}})
	assert.Equal(t, 124, got.code, got.stderr)
	assert.Less(t, time.Since(begin), 30*time.Second, "half of what all pages take")
}

func TestDefect19SignalsAreHandledAndFailedPagesAreAskedForAgain(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	got := run(t, call{
		args:   []string{"-external", slowly(t, started), "-dry-run", "-set", smallPages, "prod"},
		during: func(p *os.Process) { <-started; _ = p.Signal(syscall.SIGTERM) },
	})
	assert.Equal(t, 143, got.code, got.stderr)
	assert.Empty(t, got.stdout)
}

func TestDefect20NoWorkersIsASettingsError(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-dry-run", "-set", "kubernetes.worker-pool-size=0", "prod"}})
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.summary.Reason, "kubernetes.worker-pool-size")
}

func TestDefect22ForbiddenNodesAreSaid(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	noNodes := cluster.KubeconfigFor(t, "no-nodes", kubetest.Grant{Resources: []string{"pods", "namespaces"}})
	got := run(t, delivering(at, call{args: []string{"-external", noNodes}}))
	assert.Equal(t, 3, got.code, got.stderr)
	assert.Zero(t, attempts(receiver))
	got = run(t, delivering(at, call{args: []string{"-external", noNodes, "-set", "allow-incomplete=true"}}))
	assert.Equal(t, 7, got.code, got.stderr)
	require.Len(t, got.summary.Gaps, 1)
	assert.Equal(t, "nodes", got.summary.Gaps[0].Source)
	assert.Equal(t, 1, accepted(receiver))
}

func TestDefect24AnnotationsStayUnlessListed(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	pod := web("team-a")
	pod.Name, pod.Annotations = "annotated", map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "PASSWORD=hunter2"}
	cluster.SeedPods(t, pod)
	for _, kind := range []string{"anchore", "kai", "stocktake"} {
		got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-dry-run", "-set", "output-kind=" + kind, "prod"}})
		assert.Equal(t, 0, got.code, got.stderr)
		assert.NotContains(t, got.stdout, "hunter2", kind)
	}
}

func TestDefect25NamesThatDoNotExistAreAGapAndTwiceIsOnce(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	args := []string{"-external", cluster.Kubeconfig(t), "-dry-run", "-set"}
	got := run(t, call{args: append(args, "namespace-selectors.include=team-a,nowhere", "prod")})
	assert.Equal(t, 2, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "nowhere")
	got = run(t, call{args: append(args, "namespace-selectors.include=team-a,team-a", "prod")})
	assert.Equal(t, 0, got.code, got.stderr)
	require.NoError(t, anchoretest.CheckV2([]byte(got.stdout)), "the schema check refuses duplicates")
}

func TestDefect28VariablesAloneAreEnough(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	got := run(t, call{env: []string{
		"ANCHORE_K8S_INVENTORY_ANCHORE_URL=" + at, "ANCHORE_K8S_INVENTORY_ANCHORE_USER=robot", "ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=" + secret,
		"ANCHORE_K8S_INVENTORY_KUBECONFIG_CLUSTER=prod", "ANCHORE_K8S_INVENTORY_KUBECONFIG_PATH=" + cluster.Kubeconfig(t),
	}})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 1, accepted(receiver))
}

// TestDefect34NothingOfTestsIsInTheProgram: the competitor links the library by
// which its tests fake HTTP.
func TestDefect34NothingOfTestsIsInTheProgram(t *testing.T) {
	t.Parallel()
	path, err := program()
	require.NoError(t, err)
	modules, err := exec.CommandContext(t.Context(), "go", "version", "-m", path).Output()
	require.NoError(t, err)
	for _, foreign := range []string{"testify", "controller-runtime", "goleak", "jsonschema", "gock"} {
		assert.NotContains(t, strings.ToLower(string(modules)), foreign)
	}
}

func TestDefect23AccountsShareOneListing(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	lists := 0
	kubeconfig := proxied(t, cluster, func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/pods") && r.URL.Query().Get("limit") != "1" {
			lists++
		}
		return true
	})
	_, at := anchoretest.Start(t, receiverOptions())
	got := run(t, delivering(at, call{
		args: []string{"-external", kubeconfig},
		env:  []string{`STOCKTAKE_ACCOUNT_ROUTES={"a": {"namespaces": ["team-a"]}, "b": {"namespaces": ["team-b"]}}`},
	}))
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Len(t, got.summary.Deliveries, 3)
	assert.Equal(t, 1, lists)
}
