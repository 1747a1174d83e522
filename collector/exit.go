package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

	"stocktake/collector/deliver"
	"stocktake/collector/history"
	"stocktake/collector/kube"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

// Code is the exit status of the program. Codes are API: the chart's
// podFailurePolicy and people's alerts read them.
type Code int

// The exit codes, each the name of a cause.
const (
	OK                  Code = 0
	Unexpected          Code = 1
	BadSettings         Code = 2
	KubernetesRefused   Code = 3
	ReceiverRefused     Code = 4
	ReceiverUnavailable Code = 5
	KubernetesSlow      Code = 6
	Incomplete          Code = 7
	Empty               Code = 8
	HistoryUnavailable  Code = 9
	Different           Code = 10
	DeadlinePassed      Code = 124
	Interrupted         Code = 130
	Terminated          Code = 143
)

// exitCodes is the one table that the README and the chart are made from.
var exitCodes = []ExitText{
	{OK, "delivered (or printed), complete", ""},
	{Unexpected, "unexpected error", "perhaps"},
	{BadSettings, "settings or usage are wrong", "no"},
	{KubernetesRefused, "Kubernetes refused: 401 or 403", "no"},
	{ReceiverRefused, "the receiver refused: credentials or payload", "no"},
	{ReceiverUnavailable, "the receiver was not available", "yes"},
	{KubernetesSlow, "the Kubernetes API was not available or too slow", "yes"},
	{Incomplete, "delivered, but incomplete (only with allow-incomplete)", ""},
	{Empty, "empty, and refused", "no"},
	{HistoryUnavailable, "done, but the history was not written; or it could not be read (where, history)", "yes"},
	{Different, "the inventories differ (diff), something is missing (list --verify), or was found (--exit-code)", ""},
	{DeadlinePassed, "own deadline passed", "yes"},
	{Interrupted, "stopped by SIGINT", ""},
	{Terminated, "stopped by SIGTERM", ""},
}

// Stopped is the cancellation cause of a run that a signal ended.
type Stopped struct{ Signal os.Signal }

// Error says which signal it was.
func (s Stopped) Error() string {
	if s.Signal == syscall.SIGTERM {
		return "stopped by SIGTERM"
	}
	return "stopped by SIGINT"
}

// The causes that are nobody's error but an answer of this program.
var (
	// ErrEmpty refuses to deliver an inventory without a namespace or without a pod.
	ErrEmpty = errors.New("empty")
	// ErrIncomplete says that something was left out which could not be read.
	ErrIncomplete = errors.New("incomplete")
	// ErrDifferent says that a comparison found something.
	ErrDifferent = errors.New("the inventories differ")

	errDeadline = errors.New("the deadline passed")
)

// CodeOfSignal is the exit code of what a signal ended, or OK if none came.
func CodeOfSignal(ctx context.Context) Code {
	if stopped, ended := errors.AsType[Stopped](context.Cause(ctx)); ended {
		return CodeOf(ctx, stopped)
	}
	return OK
}

// CodeOf names the cause of an error. A signal comes before everything else:
// what fails after it fails because of it. The deadline comes last, because a
// run that was waiting for something when it passed is named by what it was
// waiting for.
func CodeOf(ctx context.Context, err error) Code {
	var stopped Stopped
	switch {
	case err == nil:
		return OK
	case errors.As(context.Cause(ctx), &stopped):
		if stopped.Signal == syscall.SIGTERM {
			return Terminated
		}
		return Interrupted
	}
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	if errors.Is(context.Cause(ctx), errDeadline) {
		return DeadlinePassed
	}
	return Unexpected
}

// causes maps the errors of all packages to codes; the first that fits counts.
var causes = []struct {
	is   error
	code Code
}{
	{settings.ErrInvalid, BadSettings},
	{saved.ErrSchema, BadSettings},
	{kube.ErrNotFound, BadSettings},
	{kube.ErrRefused, KubernetesRefused},
	{kube.ErrUnavailable, KubernetesSlow},
	{deliver.ErrUnavailable, ReceiverUnavailable}, // a retry helps one receiver, whatever another refused
	{deliver.ErrRefused, ReceiverRefused},
	{ErrEmpty, Empty},
	{history.ErrUnavailable, HistoryUnavailable},
	{ErrDifferent, Different},
	{ErrIncomplete, Incomplete},
}

// Reason is the sentence that goes with an error.
func Reason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Sprintf("%v: %v", cause, err)
	}
	return err.Error()
}

// ExitText is what manuals say of an exit code.
type ExitText struct {
	Code    Code
	Meaning string
	Retry   string // whether a retry helps; empty where nothing failed
}

// ExitTexts are those of all exit codes.
func ExitTexts() []ExitText { return slices.Clone(exitCodes) }

// UncaughtText stands beside the exit codes.
const UncaughtText = "A mistake in the program is exit code 1, with one line, and with the trace on the level debug. " +
	"What a program cannot catch (the Go runtime has no memory left, a stack overflows, a goroutine of a library panics) " +
	"ends with the runtime's own code, 2, and with \"fatal error:\" or \"panic:\" in the log in place of a summary."
