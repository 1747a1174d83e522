package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"stocktake/collector/internal/anchoretest"
)

// clusterID is the cluster's name at the receiver.
const clusterID = "demo"

// demo runs one program against one cluster and one receiver.
type demo struct {
	program  string
	dir      string // where the program runs: it holds the kubeconfig and no settings
	receiver *receiver
	out      io.Writer
}

// show runs the program in its three ways, and stops at the first failure.
func (d demo) show(ctx context.Context) []error {
	for _, part := range []func(context.Context) error{d.table, d.dryRun, d.deliver} {
		if err := part(ctx); err != nil {
			return []error{err}
		}
	}

	return nil
}

// table is the way for people.
func (d demo) table(ctx context.Context) error {
	heading(d.out, "Which images run where?")
	table, _, err := d.stocktake(ctx, nil, "-quiet", "-output", "table")
	fmt.Fprintf(d.out, "%s", table)

	return err
}

// dryRun is the way to find out what would be sent.
func (d demo) dryRun(ctx context.Context) error {
	heading(d.out, "What would be sent to Anchore?")
	body, _, err := d.stocktake(ctx, nil, "-quiet", "-dry-run")
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%.300s…\n%d bytes in all. ", body, len(body))
	if err := anchoretest.CheckV2(body); err != nil {
		return fmt.Errorf("the receiver's schema refuses what -dry-run prints: %w", err)
	}
	fmt.Fprintln(d.out, "The receiver's schema accepts it; it was not contacted.")

	return nil
}

// deliver is the way of every day.
func (d demo) deliver(ctx context.Context) error {
	heading(d.out, "Deliver it, and read the summary: the last log line, and a pod's termination message")
	_, log, err := d.stocktake(ctx, []string{
		"ANCHORE_URL=" + d.receiver.url, "ANCHORE_USER=" + user, "ANCHORE_PASSWORD=" + password,
	})
	if err != nil {
		return err
	}
	if err := d.summary(log); err != nil {
		return err
	}
	heading(d.out, "What the receiver took in")

	return d.accepted()
}

// summary prints the last log line for people.
func (d demo) summary(log []byte) error {
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	var last struct {
		Summary json.RawMessage `json:"summary"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return fmt.Errorf("the last log line: %w", err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, last.Summary, "", "  "); err != nil {
		return fmt.Errorf("the last log line has no summary: %w", err)
	}
	fmt.Fprintln(d.out, pretty.String())

	return nil
}

// accepted prints what arrived. It must be exactly one report.
func (d demo) accepted() error {
	reports := d.receiver.Accepted()
	if len(reports) != 1 {
		return fmt.Errorf("the receiver took in %d reports, not one", len(reports))
	}
	report := reports[0]
	fmt.Fprintf(d.out, "%s %s: %d, for account %q, as user %q\n", report.Method, report.Path, report.Status, report.Account, report.User)
	fmt.Fprintf(d.out, "%d bytes of JSON in %d bytes (%s)\n", report.DecodedBytes, report.RawBytes, report.Encoding)
	counts := report.Counts
	fmt.Fprintf(d.out, "%d namespaces, %d nodes, %d pods, %d containers\n", counts.Namespaces, counts.Nodes, counts.Pods, counts.Containers)

	return nil
}

// stocktake runs the program as someone at a terminal would, but with no more of
// the environment than it needs: settings of this machine are not the demo's.
func (d demo) stocktake(ctx context.Context, environ []string, args ...string) (stdout, stderr []byte, err error) {
	args = append([]string{"deliver"}, append(args, "-external", "kubeconfig", clusterID)...)
	fmt.Fprintf(d.out, "$ %sstocktake %s\n", shown(environ), strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, d.program, args...)
	cmd.Dir = d.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TMPDIR=" + os.TempDir()}, environ...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		if status, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("stocktake ended with %d:\n%s", status.ExitCode(), log.String())
		}

		return out.Bytes(), log.Bytes(), err
	}

	return out.Bytes(), log.Bytes(), nil
}

// shown is how someone would write the environment before a command, bar the
// password.
func shown(environ []string) string {
	var b strings.Builder
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value == password {
			value = "…"
		}
		fmt.Fprintf(&b, "%s=%s ", name, value)
	}

	return b.String()
}

// heading starts a part of the output.
func heading(out io.Writer, text string) { fmt.Fprintf(out, "\n== %s\n\n", text) }
