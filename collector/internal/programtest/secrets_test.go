package programtest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/anchoretest"
)

// TestRunThatIsLookedAtShowsNoSecret stops a run while it delivers and looks where
// others on the machine could: the command line, the environment, open and
// temporary files, the saved inventory. Streams and termination message are
// looked at after every run of every test, see run.
func TestRunThatIsLookedAtShowsNoSecret(t *testing.T) {
	t.Parallel()
	require.DirExists(t, "/proc/self/fd", "this test looks into /proc: run it on Linux")
	cluster := matrixCluster(t)
	s := newStage(t, cluster)
	s.secretly()
	reached := s.receiverAt(anchoretest.Fault{Kind: anchoretest.Hang})
	looked := 0
	s.during = func(process *os.Process) {
		<-reached
		looked = s.lookInto(process.Pid)
		_ = process.Signal(syscall.SIGTERM) // gone already: the exit code tells
	}
	got := run(t, s.call)
	assert.Equal(t, 143, got.code, got.stderr)
	assert.GreaterOrEqual(t, looked, 3, "command line, environment and spool")

	s = newStage(t, cluster)
	s.secretly()
	saved := t.TempDir()
	s.setting("deliver.file.path="+filepath.Join(saved, "inventory.json"), "metrics.file.path="+filepath.Join(saved, "run.prom"))
	got = run(t, s.call)
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 2, s.lookBelow(saved), "saved inventory and metrics")
}

// secretly gives the program its secrets by files, and all the secrets it takes.
func (s *stage) secretly() {
	files := folderOf(s, map[string]string{"password": secret, "token": newToken, "other": "s3cret-other"})
	s.env = append(s.env, "ANCHORE_PASSWORD=", "ANCHORE_PASSWORD_FILE="+filepath.Join(files, "password"))
	config := rest.CopyConfig(s.config)
	config.BearerTokenFile = filepath.Join(files, "token")
	s.reach(config)
}

// lookInto reads what the system tells of a process, and says how much it was.
func (s *stage) lookInto(pid int) int {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	looked := 0
	for _, name := range []string{"cmdline", "environ"} {
		looked += s.lookAt(filepath.Join(proc, name))
	}
	open, err := os.ReadDir(filepath.Join(proc, "fd"))
	assert.NoError(s, err)
	for _, fd := range open {
		path := filepath.Join(proc, "fd", fd.Name())
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			looked += s.lookAt(path)
		}
	}
	return looked
}

func (s *stage) lookBelow(dir string) int {
	looked := 0
	require.NoError(s, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			looked += s.lookAt(path)
		}
		return err
	}))
	return looked
}

func (s *stage) lookAt(path string) int {
	text, err := os.ReadFile(path)
	require.NoError(s, err)
	assertNoSecret(s, path, string(text))
	return 1
}

// TestSettingsPrintNoSecret sets every secret there is.
func TestSettingsPrintNoSecret(t *testing.T) {
	t.Parallel()
	names := []string{}
	var env []string
	for line := range strings.SplitSeq(run(t, call{args: []string{"settings"}}).stdout, "\n") {
		name, _, _ := strings.Cut(line, " ")
		if strings.Contains(name, "password") || strings.Contains(name, "token") || strings.Contains(name, "private-key") || strings.HasSuffix(name, ".header") {
			names = append(names, name)
			env = append(env, "STOCKTAKE_"+strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))+"=s3cret-"+name)
		}
	}
	require.GreaterOrEqual(t, len(names), 5)
	got := run(t, call{args: []string{"-debug", "settings"}, env: env})
	assert.Equal(t, len(names), strings.Count(got.stdout, "******"), got.stdout)
}
