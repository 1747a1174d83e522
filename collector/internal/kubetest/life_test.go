package kubetest_test

import (
	"bufio"
	"errors"
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
	require.True(t, answers(words[0]+"/health"))
	require.DirExists(t, words[2])

	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // it says that it was killed

	assert.Eventually(t, func() bool {
		_, err := os.Stat(words[2])
		return os.IsNotExist(err) && !answers(words[0]+"/health") && !answers(words[1])
	}, 30*time.Second, 100*time.Millisecond)
}

// answers tells whether anything listens; what it says does not matter.
func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return strings.Contains(err.Error(), "certificate")
	}
	return res.Body.Close() == nil
}

func TestPoolHandsAClusterOn(t *testing.T) {
	var c *kubetest.Cluster
	t.Run("one test", func(t *testing.T) {
		c = clean(t)
		c.SeedAll(t, kubetest.Many(10, 2, 2))
	})
	t.Run("the next", func(t *testing.T) {
		require.Same(t, c, clean(t))
		list, err := page(t, clientOf(t, c.Config()), 1, "")
		require.NoError(t, err)
		assert.Empty(t, list.Items)
	})
}

// nothingLeft finds what is left of the control plane after the pool was stopped.
type nothingLeft struct{}

// Stop is called after that of the pool.
func (nothingLeft) Stop() error {
	if used == nil {
		return nil
	}
	if err := used.Stop(); err != nil {
		return fmt.Errorf("a second time: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(used.AuditLog())); !os.IsNotExist(err) {
		return fmt.Errorf("its folder is there: %w", err)
	}
	if answers(used.EtcdURL() + "/health") {
		return errors.New("etcd answers")
	}
	return nil
}

func TestAuditLogHasEveryRequest(t *testing.T) {
	c := clean(t)
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
