//go:build linux

package nodetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a program that runs in the background, and its log.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// launch starts a program of the node with its own log file. Nobody has to stop
// it, see Run.
func launch(name, program string, args ...string) (*process, error) {
	log, err := os.OpenFile(logPath(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()    // the program has its own
	cmd := exec.Command(program, args...) //nolint:noctx // it runs for as long as the node does
	p := &process{name: name, cmd: cmd, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // its ProcessState says how it ended
		close(p.done)
	}()
	return p, nil
}

// stop ends the program and waits until it has.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// ended returns an error with the program's last words when it does not run.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended: %s\n%s", p.name, p.cmd.ProcessState, tailOf(logPath(p.name), 10))
	default:
		return nil
	}
}

func logPath(name string) string { return filepath.Join(stateDir, name+".log") }

// tailOf returns the last lines of a file, or why there are none.
func tailOf(path string, lines int) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return []byte(err.Error())
	}
	return lastLines(data, lines)
}

func lastLines(data []byte, n int) []byte {
	newline := []byte("\n")
	lines := bytes.Split(bytes.TrimSpace(data), newline)
	return bytes.Join(lines[max(0, len(lines)-n):], newline)
}
