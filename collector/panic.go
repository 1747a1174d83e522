package collector

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"stocktake/collector/kube"
	"stocktake/collector/plaintext"
)

// trace logs where a panic happened, for whoever debugs.
func (r *run) trace(err error) {
	if caught, ok := errors.AsType[*kube.Panic](err); ok {
		r.log.Debug().Bytes("trace", caught.Stack).Msg("a mistake in the program")
	}
}

// Guard does what a command line asks for. A panic in it ends in one line and in the
// code of an unexpected error, never in the 2 of the Go runtime, which means wrong
// settings and keeps Kubernetes from trying again. The trace follows where the command
// line or a variable asks for the level debug.
//
// It cannot catch what ends the process without asking it: memory that the system does
// not give, a stack that overflows, a map that two goroutines write at once, and a
// panic in a goroutine of a library.
func Guard(stderr io.Writer, words, environ []string, do func() Code) (code Code) {
	err := kube.Caught(func() error {
		code = do()
		return nil
	})
	var caught *kube.Panic
	if !errors.As(err, &caught) {
		return code
	}
	_ = kube.Caught(func() error { // the panic may be that of stderr
		fmt.Fprintf(stderr, "stocktake: %s\n", plaintext.Escape(caught.Error()))
		if debugging(words, environ) {
			fmt.Fprintf(stderr, "%s\n", plaintext.Escape(string(caught.Stack)))
		}
		return nil
	})
	return Unexpected
}

// debugging looks for the level debug without the settings, in which the mistake may be.
func debugging(words, environ []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		flag := strings.TrimLeft(word, "-")
		return flag != word && flag == "debug" || strings.EqualFold(word, "log.level=debug")
	}) || slices.ContainsFunc(environ, func(kv string) bool {
		return strings.EqualFold(kv, "STOCKTAKE_LOG_LEVEL=debug")
	})
}

// UncaughtText stands beside the exit codes.
const UncaughtText = "A mistake in the program is exit code 1, with one line, and with the trace on the level debug. " +
	"What a program cannot catch (the Go runtime has no memory left, a stack overflows, a goroutine of a library panics) " +
	"ends with the runtime's own code, 2, and with \"fatal error:\" or \"panic:\" in the log in place of a summary."
