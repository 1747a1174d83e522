package collector

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a settings file of nested keys, as KAI and
// anchore-k8s-inventory have them. $NAME and ${NAME} in a value are replaced
// from the environment.
func readYAML(all []setting, path string, environ []string) (layer, error) {
	var l layer
	b, err := readBounded(path)
	if err != nil {
		return l, fmt.Errorf("%w: -config: %w", errSettings, err)
	}
	root, err := parseYAML(b)
	if err != nil {
		return l, fmt.Errorf("%w: %s: %w", errSettings, path, err)
	}
	w := yamlWalk{path: path, vars: toMap(environ)}
	if root != nil {
		w.walk("", root)
	}
	errs := w.errs
	for _, v := range w.found {
		errs = append(errs, l.put(all, v.key, v.value, fmt.Sprintf("file %s line %d", path, v.line)))
	}
	return l, errors.Join(errs...)
}

// parseYAML returns the top mapping of the one document, nil when it is empty.
func parseYAML(b []byte) (*yaml.Node, error) {
	var doc, more yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(b)))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document: keep one")
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		if doc.Content[0].Tag == "!!null" {
			return nil, nil
		}
		return nil, errors.New("not a list of keys and values")
	}
	return doc.Content[0], nil
}

// What aliases can blow a file up to, in values and in the length of a dotted
// key; no real file comes near either.
const (
	maxNodes = 10_000
	maxKey   = 1_000
)

type yamlValue struct {
	key, value string
	line       int
}

// yamlWalk flattens nested keys into dotted ones.
type yamlWalk struct {
	path  string
	vars  map[string]string
	nodes int
	found []yamlValue
	errs  []error
}

func (w *yamlWalk) fail(key string, n *yaml.Node, format string, args ...any) {
	w.errs = append(w.errs, invalid(key, "%s line %d: %s", w.path, n.Line, fmt.Sprintf(format, args...)))
}

func (w *yamlWalk) walk(key string, n *yaml.Node) {
	if w.nodes++; w.nodes > maxNodes || len(key) > maxKey {
		w.tooMuch(n)
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		w.walk(key, n.Alias)
	case yaml.MappingNode:
		if key == accountRoutes {
			w.whole(key, n)
			return
		}
		w.mapping(key, n)
	case yaml.SequenceNode:
		w.sequence(key, n)
	case yaml.ScalarNode:
		if n.Tag != "!!null" {
			w.add(key, w.expand(key, n), n)
		}
	}
}

// tooMuch ends the walk, and says so once.
func (w *yamlWalk) tooMuch(n *yaml.Node) {
	if w.nodes <= maxNodes+1 {
		w.errs = append(w.errs, fmt.Errorf("%w: %s line %d: too many values, or nested too deep", errSettings, w.path, n.Line))
		w.nodes = maxNodes + 1
	}
}

func (w *yamlWalk) add(key, value string, n *yaml.Node) {
	w.found = append(w.found, yamlValue{key: key, value: value, line: n.Line})
}

// accountRoutes is the one setting that is a mapping itself: its keys are the
// names of accounts, in which case and dots count.
const accountRoutes = "account-routes"

// whole makes one value of a mapping.
func (w *yamlWalk) whole(key string, n *yaml.Node) {
	w.expandAll(key, n)
	text, err := yaml.Marshal(n)
	if err != nil {
		w.fail(key, n, "%v", err)
		return
	}
	if len(n.Content) > 0 {
		w.add(key, string(text), n)
	}
}

func (w *yamlWalk) expandAll(key string, n *yaml.Node) {
	if w.nodes++; w.nodes > maxNodes || n.Kind == yaml.AliasNode {
		w.fail(key, n, "must be written out, without aliases")
		return
	}
	if n.Kind == yaml.ScalarNode {
		n.SetString(w.expand(key, n))
	}
	for _, inner := range n.Content {
		w.expandAll(key, inner)
	}
}

func (w *yamlWalk) mapping(key string, n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := strings.ToLower(n.Content[i].Value), n.Content[i+1]
		if seen[name] {
			w.fail(join(key, name), n.Content[i], "given twice")
			continue
		}
		seen[name] = true
		w.walk(join(key, name), value)
	}
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// sequence makes one value of a list, an item a line, each line ended.
func (w *yamlWalk) sequence(key string, n *yaml.Node) {
	items := make([]string, 0, len(n.Content))
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || strings.Contains(item.Value, "\n") {
			w.fail(key, item, "each item of the list must be one line of text")
			return
		}
		items = append(items, w.expand(key, item))
	}
	if len(items) > 0 {
		w.add(key, strings.Join(items, "\n")+"\n", n)
	}
}

// expand replaces $NAME and ${NAME}; $$ stands for a dollar sign. A variable
// that is not set is an error: its literal name must never become a password.
func (w *yamlWalk) expand(key string, n *yaml.Node) string {
	out, missing := expandDollars(n.Value, w.vars)
	if missing != "" {
		w.fail(key, n, "the environment variable %s is not set (write $$ for a dollar sign)", missing)
	}
	return out
}

func expandDollars(s string, vars map[string]string) (out, missing string) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String(), missing
		}
		name, rest := variable(after)
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteByte('$')
			rest = after[1:]
		case name == "":
			b.WriteByte('$')
			rest = after
		default:
			value, ok := vars[name]
			if !ok {
				missing = name
			}
			b.WriteString(value)
		}
		s = rest
	}
}

// variable splits the name off that follows a dollar sign, empty if none does.
func variable(s string) (name, rest string) {
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		name, rest, closed := strings.Cut(inner, "}")
		if closed && nameLength(name) == len(name) {
			return name, rest
		}
		return "", s
	}
	n := nameLength(s)
	return s[:n], s[n:]
}

// nameLength counts the bytes of a variable name at the start of s.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}
