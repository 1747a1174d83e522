package kubeconfig

import (
	"errors"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// ErrNoCredentials means that an exec plugin failed: other credentials would help, or
// the program knows what would.
var ErrNoCredentials = errors.New("the exec plugin failed")

// PluginError is a program that gave no credentials. To ask it again would not
// help: it has its own ways to try again. It wraps settings.ErrInvalid, ErrNoCredentials
// or the end of the run, which are not among the words.
type PluginError struct {
	program string
	cause   error
	mark    error // nil: the run ended
}

// Error says in the words of the program why there are none.
func (e *PluginError) Error() string { return "exec plugin " + e.program + ": " + e.cause.Error() }

// Unwrap gives the cause and the mark.
func (e *PluginError) Unwrap() []error { return []error{e.cause, e.mark} }

// unstartable is why a program cannot be started, without its path and arguments.
func unstartable(err error) string {
	switch {
	case errors.Is(err, exec.ErrNotFound), notThere(err):
		return "it is not there, or not in PATH"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		return cause.Error()
	}
	return "see command, args and env of the exec section"
}

// said adds what a program said to what became of it.
func said(fact, words string) error {
	if words == "" {
		return errors.New(fact)
	}
	return errors.New(fact + ": " + words)
}

// ending keeps the last bytes of what is written: programs say last why they end.
type ending struct {
	text []byte
	most int
}

// Write takes everything.
func (e *ending) Write(b []byte) (int, error) {
	e.text = append(e.text, b...)
	if surplus := len(e.text) - e.most; surplus > 0 {
		e.text = append(e.text[:0], e.text[surplus:]...)
	}
	return len(b), nil
}

// programName is that of the program, without its folder.
func programName(e *clientcmdapi.ExecConfig) string {
	name := filepath.Base(e.Command)
	if !isProgram(name) {
		return "of the kubeconfig"
	}
	return name
}

// quote is the end of what the program said, without what the kubeconfig told it
// alone: a program that fails may print its arguments and its environment.
func quote(e *clientcmdapi.ExecConfig, said []byte) string {
	text := plaintext.Flat(transport.NewRedactor(secretsOf(e)...).Redact(string(said)))
	text = text[max(0, len(text)-maxWords):]
	shown := plaintext.Line(text)
	for len(shown) > maxWords { // escaped, it is longer
		text = text[min(len(text), len(shown)-maxWords):]
		shown = plaintext.Line(text)
	}
	return shown
}

// secretsOf are the values of variables and flags that the exec section holds, and
// those arguments that are not plain words.
func secretsOf(e *clientcmdapi.ExecConfig) []string {
	var all []string
	for _, v := range e.Env {
		all = append(all, v.Value)
	}
	valued := false // the argument before was a flag, and this may be its value
	for _, arg := range e.Args {
		flag, value, assigned := strings.Cut(arg, "=")
		isFlag := strings.HasPrefix(arg, "-")
		switch {
		case isFlag && assigned:
			all = append(all, value)
		case !isFlag && (valued || !isPlain(arg)):
			all = append(all, arg)
			all = append(all, pieces(arg)...)
		}
		valued = isFlag && !assigned && flag != ""
	}
	return all
}

// pieces are the parts of a script or a command line that are no plain words.
func pieces(arg string) []string {
	var all []string
	for _, piece := range strings.FieldsFunc(arg, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`=;|&<>()", r) }) {
		if len(piece) >= 2*transport.Shortest && !isPlain(piece) && !strings.HasPrefix(piece, "-") {
			all = append(all, piece)
		}
	}
	return all
}
