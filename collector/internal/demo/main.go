// Command demo shows stocktake at work to someone who has just cloned it.
//
// It starts a real kube-apiserver and a receiver that is as strict as Anchore
// Enterprise, fills the cluster with some forty pods that show how images are
// written and reported in the wild, and runs the real program against both: once
// for people, once on trial, once to deliver. Nothing is left when it ends, also
// when it is interrupted.
//
// Given a command, as in demo bash, it runs that instead: with stocktake on PATH,
// and with the variables by which stocktake finds the cluster and the receiver.
//
// make demo and make try build the program first.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"stocktake/collector/internal/kubetest"
)

func main() {
	// SIGPIPE too: who pipes the output into head still wants everything stopped.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	err := run(ctx, filepath.Join("bin", "stocktake"), os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run shows the program at the given path, or runs a command beside it.
func run(ctx context.Context, path string, out io.Writer, command []string) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("the program is not built, run make demo: %w", err)
	}
	heading(toldOf(out, command), "A real Kubernetes API server, and pods as the wild has them")
	cluster, err := kubetest.Launch(kubetest.Options{})
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()

	return interrupted(ctx, play(ctx, cluster, path, out, command))
}

// toldOf is where the demo says what it does: nowhere when a command has the screen.
func toldOf(out io.Writer, command []string) io.Writer {
	if len(command) > 0 {
		return io.Discard
	}

	return out
}

// play fills a cluster, and shows the program in it or runs the command beside it.
func play(ctx context.Context, cluster *kubetest.Cluster, path string, out io.Writer, command []string) (err error) {
	dir, err := os.MkdirTemp("", "stocktake-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := fill(ctx, cluster, dir, toldOf(out, command)); err != nil {
		return err
	}
	receiver, err := listen(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, receiver.stop()) }()
	d := demo{program: path, dir: dir, receiver: receiver, out: out}
	if len(command) > 0 {
		return d.beside(ctx, command)
	}

	return errors.Join(d.show(ctx)...)
}

// fill seeds the cluster and leaves a kubeconfig for it in dir.
func fill(ctx context.Context, cluster *kubetest.Cluster, dir string, out io.Writer) error {
	objects := sampleObjects()
	if err := cluster.Seed(ctx, slices.Values(objects)); err != nil {
		return err
	}
	for _, s := range samples() {
		if s.shows != "" {
			fmt.Fprintf(out, "  %-31s %s\n", s.pods[0].Namespace+"/"+s.name, s.shows)
		}
	}

	return cluster.WriteKubeconfig(filepath.Join(dir, "kubeconfig"))
}

// interrupted replaces the consequences of an interruption by their cause.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted; everything is stopped")
	}

	return err
}
