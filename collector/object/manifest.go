package object

import "strings"

// Manifest is what a chart was rendered to, by kind and name.
type Manifest struct {
	Objects []ManifestObject // in the order of the manifest
	Unread  int              // documents whose kind or name was not found
}

// ManifestObject is an object that a manifest has.
type ManifestObject struct{ APIVersion, Kind, Namespace, Name string }

// readManifest finds kind and name in the documents of a manifest. They are written as
// everybody writes them: kind at the margin, the name as a direct child of metadata. A
// document that is not is counted. A whole parser would need ten times the manifest in memory.
func readManifest(text string) Manifest {
	var m Manifest
	var d document
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "---" || strings.HasPrefix(line, "--- ") {
			m.add(d)
			d = document{}
			continue
		}
		d.read(line)
	}
	m.add(d)

	return m
}

func (m *Manifest) add(d document) {
	switch {
	case d.object.Kind != "" && d.object.Name != "":
		m.Objects = append(m.Objects, d.object)
	case d.some:
		m.Unread++
	}
}

// document is one of a manifest while it is read.
type document struct {
	object   ManifestObject
	some     bool // there is something in it
	metadata bool // the line before belongs to metadata
	indent   int  // of the children of metadata, once one is known
}

func (d *document) read(line string) {
	content := strings.TrimLeft(line, " ")
	if content == "" || content[0] == '#' {
		return
	}
	d.some = true
	indent := len(line) - len(content)
	key, value, found := strings.Cut(content, ":")
	switch {
	case indent == 0:
		d.metadata, d.indent = key == "metadata", 0
		if found && key == "kind" {
			d.object.Kind = scalar(value)
		}
		if found && key == "apiVersion" {
			d.object.APIVersion = scalar(value)
		}
	case d.metadata && (d.indent == 0 || d.indent == indent):
		d.indent = indent
		if found && key == "name" {
			d.object.Name = scalar(value)
		}
		if found && key == "namespace" {
			d.object.Namespace = scalar(value)
		}
	}
}

// scalar is a plain or quoted value on one line. Any other is none.
func scalar(value string) string {
	value = strings.TrimSpace(value)
	if value == "" || value[0] == '#' {
		return ""
	}
	if quote := value[0]; quote == '"' || quote == '\'' {
		inner, rest, closed := strings.Cut(value[1:], string(quote))
		rest = strings.TrimSpace(rest)
		if !closed || strings.Contains(inner, `\`) || rest != "" && rest[0] != '#' {
			return ""
		}
		return inner
	}
	value, _, _ = strings.Cut(value, " #")
	value = strings.TrimSpace(value)
	if strings.ContainsAny(value[:1], "{[&*!|>%@`") {
		return ""
	}

	return value
}
