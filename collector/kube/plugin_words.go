package kube

import (
	"path/filepath"
	"regexp"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// programName is that of a program. A command line in its place may hold a secret.
var programName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// name is that of the program, without its folder.
func (p *plugin) name() string {
	name := filepath.Base(p.exec.Command)
	if !programName.MatchString(name) {
		return "of the kubeconfig"
	}
	return name
}

// quote is the end of what the program said, without what the kubeconfig told it
// alone: a program that fails may print its arguments and its environment.
func (p *plugin) quote(words *ending) string {
	text := oneLine.Replace(strings.TrimSpace(transport.NewRedactor(p.secrets()...).Redact(string(words.text))))
	text = text[max(0, len(text)-maxStatusWords):]
	shown := plaintext.Line(text)
	for len(shown) > maxStatusWords { // escaped, it is longer
		text = text[min(len(text), len(shown)-maxStatusWords):]
		shown = plaintext.Line(text)
	}
	return shown
}

// plainWord is an argument that says what to do: get-token, eks.
var plainWord = regexp.MustCompile(`^[a-z][a-z-]*$`)

// secrets are the values of variables and flags that the exec section holds, and
// those arguments that are not plain words.
func (p *plugin) secrets() []string {
	var all []string
	for _, v := range p.exec.Env {
		all = append(all, v.Value)
	}
	valued := false // the argument before was a flag, and this may be its value
	for _, arg := range p.exec.Args {
		flag, value, assigned := strings.Cut(arg, "=")
		isFlag := strings.HasPrefix(arg, "-")
		switch {
		case isFlag && assigned:
			all = append(all, value)
		case !isFlag && (valued || !plainWord.MatchString(arg)):
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
		if len(piece) >= 2*transport.Shortest && !plainWord.MatchString(piece) && !strings.HasPrefix(piece, "-") {
			all = append(all, piece)
		}
	}
	return all
}
