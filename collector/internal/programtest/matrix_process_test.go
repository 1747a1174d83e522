package programtest_test

import (
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
)

// phase is where a run hangs for ever until something ends it.
type phase struct {
	name string
	late int    // the code when the run's own deadline ends it
	says string // its words then
	hang func(*stage) (reached <-chan struct{})
}

func phases() []phase {
	return []phase{
		{"preflight", 124, "the deadline passed", func(s *stage) <-chan struct{} {
			return s.receiverAt(anchoretest.Fault{Kind: anchoretest.Hang, On: "/version"})
		}},
		{"namespaces", 124, "the deadline passed", func(s *stage) <-chan struct{} {
			s.proxy.Match = func(r *http.Request) bool {
				return r.URL.Path == "/api/v1/namespaces" && r.URL.Query().Get("limit") != "1"
			}
			return s.proxyAt(faultproxy.Hang)
		}},
		{"pods", 124, "the deadline passed", func(s *stage) <-chan struct{} { return s.proxyAt(faultproxy.Hang) }},
		{"the pause before a page", 6, "no time left to try again", func(s *stage) <-chan struct{} { return s.proxyAt(faultproxy.Busy(60)) }},
		{"delivery", 124, "the deadline passed", func(s *stage) <-chan struct{} { return s.receiverAt(anchoretest.Fault{Kind: anchoretest.Hang}) }},
		{"the pause before an attempt", 5, "503", func(s *stage) <-chan struct{} {
			return s.receiverAt(anchoretest.Fault{Status: 503, RetryAfter: "60"})
		}},
	}
}

// proxyAt breaks the second page, and says when it is asked for.
func (s *stage) proxyAt(f faultproxy.Fault) <-chan struct{} {
	reached := make(chan struct{})
	s.proxy.Script(func(next http.Handler) http.Handler { return faultproxy.Do(func() { close(reached) })(f(next)) })
	return reached
}

// receiverAt breaks a request to the receiver, and says when it was made.
func (s *stage) receiverAt(f anchoretest.Fault) <-chan struct{} {
	s.receiver.Fail(f)
	reached := make(chan struct{})
	go func() {
		defer close(reached)
		for s.receiver.PendingFaults() > 0 && s.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return reached
}

func processTrials() []trial {
	var all []trial
	for _, p := range phases() {
		all = append(all,
			trial{"process", "SIGTERM in " + p.name, 143, "stopped by SIGTERM", 0, soon, signalled(p, syscall.SIGTERM)},
			trial{"process", "SIGINT in " + p.name, 130, "stopped by SIGINT", 0, soon, signalled(p, os.Interrupt)},
			trial{"process", "deadline in " + p.name, p.late, p.says, 0, soon, func(s *stage) { withDeadline(func(s *stage) { p.hang(s) })(s) }},
		)
	}
	return append(all,
		trial{"process", "read-only spool folder", 1, "spool.dir", 0, soon, func(s *stage) { s.setting("spool.dir=/proc/self") }},
		trial{"process", "full spool folder", 1, "no space left on device: give spool.dir", 0, soon, fullSpool},
		trial{"process", "spool folder of somebody else", 1, "permission denied: give spool.dir", 0, soon, foreignSpool},
		trial{"process", "no file larger than a kilobyte", 1, "file too large: give spool.dir", 0, soon, func(s *stage) { s.limits = "ulimit -f 1" }},
		trial{"process", "missing spool folder", 2, "spool.dir", 0, soon, func(s *stage) { s.setting("spool.dir=/nonexistent") }},
		trial{"process", "stdout read no further, as by head", killed, "", 0, soon, func(s *stage) { s.limits = "exec > >(head -c 1 >/dev/null)"; s.args = append(s.args, "-dry-run") }},
		trial{"process", "stdout closed", 0, "printed, complete", 0, soon, func(s *stage) { s.limits = "exec >&-"; s.args = append(s.args, "-dry-run") }},
		trial{"process", "stdout full", 1, "no space left", 0, soon, func(s *stage) { s.limits = "exec >/dev/full"; s.args = append(s.args, "-dry-run") }},
		trial{"process", "out of file descriptors", 6, "too many open files", 0, soon, func(s *stage) { s.limits = "ulimit -n 8" }},
	)
}

// fullSpool has a folder of four kilobytes for the body: mounted by root, or by whoever
// runs the tests, for the program alone.
func fullSpool(s *stage) {
	dir := s.TempDir()
	s.setting("spool.dir=" + dir)
	if unmount, err := mountSmall(dir); err == nil {
		s.Cleanup(func() { assert.NoError(s, unmount()) })
		return
	}
	mount := "mount -t tmpfs -o size=4k tmpfs " + dir
	text, err := exec.CommandContext(s.Context(), "unshare", "-r", "-m", "bash", "-c", mount).CombinedOutput()
	require.NoError(s, err, "nothing may be mounted here, not even in a user namespace: run the tests as root, or allow that (sysctl kernel.apparmor_restrict_unprivileged_userns=0): %s", text)
	s.limits = `exec unshare -r -m bash -c '` + mount + ` && exec "$0" "$@"' "$0" "$@"`
}

// foreignSpool has a folder that others may not write to.
func foreignSpool(s *stage) {
	s.nobody = true
	require.NoError(s, os.Chmod(s.args[1], 0o644))
	s.setting("spool.dir=" + s.TempDir())
	s.check = func(outcome) { assert.Zero(s, attempts(s.receiver)) }
}

func signalled(p phase, signal os.Signal) func(*stage) {
	return func(s *stage) {
		reached := p.hang(s)
		s.during = func(process *os.Process) {
			<-reached
			_ = process.Signal(signal) // gone already: the exit code tells
		}
	}
}
