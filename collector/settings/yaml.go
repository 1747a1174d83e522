package settings

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a settings file of nested keys, as KAI and anchore-k8s-inventory have
// them. $NAME and ${NAME} in a value are replaced from the environment.
func readYAML(all Catalog, path string, environ []string) layer {
	var l layer
	b, err := readFile(path)
	if err != nil {
		l.fail(Invalid("-config", "%w", err))
		return l
	}
	root, err := YAMLMapping(b)
	if err != nil {
		l.fail(Invalid(path, "%w", err))
		return l
	}
	w := yamlWalk{path: path, vars: Environment(environ), mappings: map[string]bool{}}
	for _, s := range all {
		w.mappings[s.Name] = s.mapping
	}
	if root != nil {
		w.walk("", root)
	}
	l.errs = w.errs
	for _, v := range w.found {
		if !all.inherited(v.key, v.value) {
			l.put(all, v.key, Value{v.value, fmt.Sprintf("file %s line %d", path, v.line)})
		}
	}
	return l
}

// YAMLMapping returns the top mapping of a text of one YAML document, nil when it is
// empty.
func YAMLMapping(text []byte) (*yaml.Node, error) {
	var doc, more yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
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

// What aliases can blow a file up to, in values and in the length of a dotted key; no
// real file comes near either.
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
	path     string
	vars     map[string]string
	mappings map[string]bool // the keys whose value is a mapping
	nodes    int
	found    []yamlValue
	errs     []error
}

func (w *yamlWalk) fail(key string, n *yaml.Node, format string, args ...any) {
	w.errs = append(w.errs, Invalid(key, "%s line %d: %w", w.path, n.Line, fmt.Errorf(format, args...)))
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
		if w.mappings[key] {
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
		w.errs = append(w.errs, fmt.Errorf("%w: %s line %d: too many values, or nested too deep", ErrInvalid, w.path, n.Line))
		w.nodes = maxNodes + 1
	}
}

func (w *yamlWalk) add(key, value string, n *yaml.Node) {
	w.found = append(w.found, yamlValue{key: key, value: value, line: n.Line})
}

// whole makes one value of a mapping, whose keys are names in which case and dots count.
func (w *yamlWalk) whole(key string, n *yaml.Node) {
	w.expandAll(key, n)
	text, err := yaml.Marshal(n)
	if err != nil {
		w.fail(key, n, "%w", err)
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

// expand replaces the variables in a value. One that is not set is an error: its
// literal name must never become a password.
func (w *yamlWalk) expand(key string, n *yaml.Node) string {
	out, missing := expandVariables(n.Value, w.vars)
	if missing != "" {
		w.fail(key, n, "the environment variable %s is not set (write $$ for a dollar sign)", missing)
	}
	return out
}

// reference matches a variable in a value, and the two dollar signs that stand for one.
var reference = regexp.MustCompile(`\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})`)

// expandVariables replaces $NAME and ${NAME}; $$ stands for a dollar sign, and every
// other dollar sign for itself. [os.Expand] would not do: it removes "${" where no name
// follows, which passwords and regular expressions may hold.
func expandVariables(text string, vars map[string]string) (out, missing string) {
	out = reference.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${}")
		if name == "" {
			return "$"
		}
		value, ok := vars[name]
		if !ok {
			missing = name
		}
		return value
	})
	return out, missing
}
