package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// beside runs a command, a shell most likely, that finds everything there. What
// it prints is what the demo prints.
func (d demo) beside(ctx context.Context, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(),
		"PATH="+filepath.Dir(d.program)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"KUBECONFIG="+filepath.Join(d.dir, "kubeconfig"), "CLUSTER_ID="+clusterID,
		"ANCHORE_URL="+d.receiver.url, "ANCHORE_USER="+user, "ANCHORE_PASSWORD="+password)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, d.out, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second

	return cmd.Run()
}
