//go:build linux

package nodetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// mark is set in the environment of the program that Run starts.
const mark = "NODETEST_NAMESPACES"

// stopGrace is what the program has to say its last words when ctx ends.
const stopGrace = 10 * time.Second

// Run runs this very program with other arguments in new namespaces, where it
// can call Start, and returns when it and everything it started is gone. Its
// failure is an *exec.ExitError. When ctx ends it gets SIGTERM, a while later
// SIGKILL.
func Run(ctx context.Context, args ...string) error {
	// The kernel sends the death signal when this thread ends (prctl(2)), not the process: keep it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), mark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopGrace
	foreign := sweepCgroups()
	return errors.Join(cmd.Run(), removeCgroups(foreign))
}

// inside is nil in the program that Run has started. What Start does would ruin
// the machine anywhere else.
func inside() error {
	if os.Getpid() != 1 || os.Getenv(mark) == "" {
		return fmt.Errorf("not in namespaces of its own, see nodetest.Run")
	}
	return nil
}
