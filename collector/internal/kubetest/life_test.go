package kubetest_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
)

// childMark in the environment makes the test binary a program that starts a
// control plane and never stops it.
const childMark = "KUBETEST_LAUNCH_AND_HANG"

func launchAndHang() int {
	c, err := kubetest.Launch(kubetest.Options{})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(c.EtcdURL(), c.Config().Host, filepath.Dir(c.AuditLog()))
	select {}
}

func TestControlPlaneEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childMark+"=yes")
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	words := strings.Fields(line)
	require.Len(t, words, 3, line)
	require.True(t, answers(t, words[0]+"/health"))
	require.DirExists(t, words[2])

	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // it says that it was killed

	assert.Eventually(t, func() bool {
		_, err := os.Stat(words[2])
		return os.IsNotExist(err) && !answers(t, words[0]+"/health") && !answers(t, words[1])
	}, 30*time.Second, 100*time.Millisecond)
}

// answers tells whether anything listens; what it says does not matter.
func answers(t *testing.T, url string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return strings.Contains(err.Error(), "certificate")
	}
	return res.Body.Close() == nil
}

// TestPoolHandsAClusterOnAndStopLeavesNothing, and a continue token expires with a
// compaction in a control plane that is told so.
func TestPoolHandsAClusterOnAndStopLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := kubetest.Pool{Size: 1, Options: kubetest.Options{ExpireOnCompact: true}}
	var c *kubetest.Cluster
	t.Run("one test", func(t *testing.T) {
		c = pool.Cluster(t)
		expiresWithCompaction(t, c)
	})
	t.Run("the next", func(t *testing.T) {
		require.Same(t, c, pool.Cluster(t))
		list, err := page(t, clientOf(t, c.Config()), 1, "")
		require.NoError(t, err)
		assert.Empty(t, list.Items)
	})

	require.NoError(t, pool.Stop())

	assert.False(t, answers(t, c.EtcdURL()+"/health"))
	assert.NoDirExists(t, filepath.Dir(c.AuditLog()))
	assert.NoError(t, c.Stop(), "a second time")
}

func TestAuditLogHasEveryRequest(t *testing.T) {
	c := shared.Cluster(t)
	config := c.Config()
	config.UserAgent = "audited/1.2"

	_, err := page(t, clientOf(t, config), 7, "")

	require.NoError(t, err)
	log, err := os.ReadFile(c.AuditLog())
	require.NoError(t, err)
	assert.Contains(t, string(log), `"requestURI":"/api/v1/pods?limit=7"`)
	assert.Contains(t, string(log), `"userAgent":"audited/1.2"`)
}

func TestFlagsReachTheAPIServer(t *testing.T) {
	t.Parallel()
	_, err := kubetest.Launch(kubetest.Options{APIServerFlags: map[string]string{"no-such-flag": "1"}})
	require.ErrorContains(t, err, "start control plane: ")
	assert.ErrorContains(t, err, "unknown flag: --no-such-flag", "the words of the program itself")
}

func TestMissingProgramsSayWhatToDo(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())
	_, err := kubetest.Launch(kubetest.Options{})
	require.ErrorContains(t, err, "no usable etcd in")
	require.ErrorContains(t, err, "unset KUBEBUILDER_ASSETS")
}
