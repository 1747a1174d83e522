package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
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
	Different           Code = 10
	DeadlinePassed      Code = 124
	Interrupted         Code = 130
	Terminated          Code = 143
)

// exitCode is a row of the table in the README.
type exitCode struct {
	code    Code
	meaning string
	retry   string
}

// exitCodes is the one table that the README and the chart are made from.
var exitCodes = []exitCode{
	{OK, "delivered (or printed), complete", ""},
	{Unexpected, "unexpected error", "perhaps"},
	{BadSettings, "settings or usage are wrong", "no"},
	{KubernetesRefused, "Kubernetes refused: 401 or 403", "no"},
	{ReceiverRefused, "the receiver refused: credentials or payload", "no"},
	{ReceiverUnavailable, "the receiver was not available", "yes"},
	{KubernetesSlow, "the Kubernetes API was not available or too slow", "yes"},
	{Incomplete, "delivered, but incomplete (only with allow-incomplete)", ""},
	{Empty, "empty, and refused", "no"},
	{Different, "the inventories differ (diff), or something is missing (list --verify)", ""},
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

var (
	errDeadline   = errors.New("the deadline passed")
	errEmpty      = errors.New("empty")
	errIncomplete = errors.New("incomplete")
)

// CodeOfSignal is the exit code of what a signal ended, or OK if none came.
func CodeOfSignal(ctx context.Context) Code {
	if stopped, ended := errors.AsType[Stopped](context.Cause(ctx)); ended {
		return codeOf(ctx, stopped)
	}
	return OK
}

// codeOf names the cause of an error. A signal comes before everything else:
// what fails after it fails because of it. The deadline comes last, because a
// run that was waiting for something when it passed is named by what it was
// waiting for.
func codeOf(ctx context.Context, err error) Code {
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
	{payload.ErrSchema, BadSettings},
	{kube.ErrNotFound, BadSettings},
	{kube.ErrRefused, KubernetesRefused},
	{kube.ErrUnavailable, KubernetesSlow},
	{deliver.ErrUnavailable, ReceiverUnavailable}, // a retry helps one receiver, whatever another refused
	{deliver.ErrRefused, ReceiverRefused},
	{errEmpty, Empty},
	{errDifferent, Different},
	{errIncomplete, Incomplete},
}

// reason is the sentence that goes with an error.
func reason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Sprintf("%v: %v", cause, err)
	}
	return err.Error()
}
