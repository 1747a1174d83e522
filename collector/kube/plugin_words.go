package kube

import (
	"path/filepath"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// Characters of names.
const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// isOf reports a text that is not empty, begins with one of some characters, and has
// others alone after it.
func isOf(text, first, others string) bool {
	return text != "" && strings.IndexByte(first, text[0]) >= 0 && strings.Trim(text[1:], others) == ""
}

// isProgram reports the form of the name of a program. A command line in its place may
// hold a secret.
func isProgram(name string) bool {
	return len(name) <= 64 && isOf(name, upper+lower+digits, upper+lower+digits+"._+-")
}

// name is that of the program, without its folder.
func (p *plugin) name() string {
	name := filepath.Base(p.exec.Command)
	if !isProgram(name) {
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

// isPlain reports an argument that says what to do: get-token, eks.
func isPlain(word string) bool { return isOf(word, lower, lower+"-") }

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
