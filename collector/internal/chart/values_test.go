package chart

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// value is one key of values.yaml.
type value struct {
	path     []string
	section  string         // under which the README lists it
	doc      string         // its comment, in one line
	schema   map[string]any // what its @schema line says
	node     *yaml.Node
	children []*value // nil when users fill it as they like
}

// readValues reads values.yaml: the root has no path.
func readValues(t *testing.T) *value {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "values.yaml"))
	require.NoError(t, err)
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &doc))
	top := &value{node: doc.Content[0]}
	top.addChildren(t)
	section := ""
	for _, v := range top.children {
		section = inherit(v, section)
	}
	return top
}

// addChildren reads the keys below a mapping whose keys have comments; any other
// mapping is an example, or empty, and has no keys of its own.
func (v *value) addChildren(t *testing.T) {
	t.Helper()
	if v.node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		child := &value{path: append(slices.Clone(v.path), key.Value), node: node}
		child.comment(t, key.HeadComment)
		child.addChildren(t)
		v.children = append(v.children, child)
	}
	if !slices.ContainsFunc(v.children, (*value).described) {
		v.children = nil
	}
}

func (v *value) described() bool { return v.doc != "" || v.children != nil }

// comment reads the last paragraph of what stands above a key.
func (v *value) comment(t *testing.T, text string) {
	t.Helper()
	paragraphs := strings.Split(text, "\n\n")
	var words []string
	for line := range strings.Lines(paragraphs[len(paragraphs)-1]) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "#"))
		switch keyword, rest, _ := strings.Cut(line, " "); keyword {
		case "@section":
			v.section = rest
		case "@cluster":
			v.schema = clusterName()
		case "@address":
			v.schema = address()
		case "@proxy":
			v.schema = withoutPassword("a proxy without a user and a password: one that has them belongs into extraEnv, by secretKeyRef")
		case "@schema":
			require.NoError(t, json.Unmarshal([]byte(rest), &v.schema), "values.yaml: %s", v.name())
		default:
			words = append(words, line)
		}
	}
	v.doc = strings.TrimSpace(strings.Join(words, " "))
}

// inherit gives a value the section of the ones above it that has one.
func inherit(v *value, section string) string {
	if v.section == "" {
		v.section = section
	}
	for _, child := range v.children {
		inherit(child, v.section)
	}
	return v.section
}

func (v *value) name() string { return strings.Join(v.path, ".") }

// leaves are the values that users set.
func (v *value) leaves() []*value {
	if v.children == nil {
		return []*value{v}
	}
	var all []*value
	for _, child := range v.children {
		all = append(all, child.leaves()...)
	}
	return all
}

func TestEveryValueIsDescribed(t *testing.T) {
	t.Parallel()
	for _, v := range readValues(t).leaves() {
		assert.NotEmpty(t, v.doc, "values.yaml: %s has no comment", v.name())
		assert.True(t, strings.HasSuffix(v.doc, "."), "values.yaml: the comment of %s is no sentence: %q", v.name(), v.doc)
		assert.NotEmpty(t, v.section, "values.yaml: %s is in no @section", v.name())
	}
}

// TestEveryValueIsUsed finds values that no template reads, and templates that read
// a value that does not exist: both render to nothing, in silence.
func TestEveryValueIsUsed(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	require.NoError(t, err)
	tests, err := filepath.Glob(filepath.Join(folder, "templates", "tests", "*"))
	require.NoError(t, err)
	for _, file := range append(files, tests...) {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			text.Write(content)
		}
	}
	known := []string{}
	for _, v := range readValues(t).leaves() {
		known = append(known, v.name())
	}
	used := usedValues(text.String())
	for _, name := range known {
		assert.True(t, slices.ContainsFunc(used, func(u string) bool { return within(name, u) }), "no template uses %s", name)
	}
	for _, name := range used {
		assert.True(t, slices.ContainsFunc(known, func(k string) bool { return within(k, name) || within(name, k) }), "templates use %s, which values.yaml does not have", name)
	}
}

// usedValues finds what follows .Values in templates.
func usedValues(text string) []string {
	var names []string
	for _, after := range strings.Split(text, ".Values.")[1:] {
		end := strings.IndexFunc(after, func(r rune) bool { return !strings.ContainsRune(letters+".", r) })
		names = append(names, strings.TrimSuffix(after[:end], "."))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// within reports whether a value is another one, or a part of it.
func within(name, of string) bool { return name == of || strings.HasPrefix(name, of+".") }
