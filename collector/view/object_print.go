package view

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"stocktake/collector/objects"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
)

// printObjects writes every object in a form for programs, and no character that a terminal
// obeys.
func printObjects(w io.Writer, found *objects.Reading, format string) error {
	out := bufio.NewWriter(&report.TerminalJSON{Out: w})
	var err error
	switch format {
	case "json":
		err = printArray(out, found)
	case "ndjson":
		err = found.Each(func(o *objects.Object) error {
			_, _ = out.Write(o.JSON) // what fails here, Flush says
			return out.WriteByte('\n')
		})
	case "yaml":
		err = printYAML(out, found)
	case "name":
		err = found.Each(func(o *objects.Object) error {
			_, err := fmt.Fprintln(out, plaintext.Line(singleName(o.Kind, o.APIVersion(), o.Name)))
			return err
		})
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// printArray writes an array, one object on a line.
func printArray(out *bufio.Writer, found *objects.Reading) error {
	before := "[\n"
	if err := found.Each(func(o *objects.Object) error {
		_, _ = out.WriteString(before) // what fails here, Flush says
		before = ",\n"
		_, err := out.Write(o.JSON)
		return err
	}); err != nil {
		return err
	}
	if before == "[\n" {
		_, _ = out.WriteString("[")
	}
	_, err := out.WriteString("\n]\n")
	return err
}

// printYAML writes a document for each object.
func printYAML(out io.Writer, found *objects.Reading) error {
	between := ""
	return found.Each(func(o *objects.Object) error {
		_, _ = io.WriteString(out, between) // what fails here, the next one says
		between = "---\n"
		return writeYAML(out, o.JSON)
	})
}

// writeYAML writes an object, with its members in their order.
func writeYAML(out io.Writer, object []byte) error {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	node, err := yamlNode(d)
	if err != nil {
		return err
	}
	document := yaml.NewEncoder(out)
	document.SetIndent(2)
	return cmp.Or(document.Encode(node), document.Close())
}

// yamlNode reads the next value of JSON. Decoded to a map it would lose its order.
func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch value := token.(type) {
	case json.Delim:
		return yamlNodes(d, value)
	case string:
		return yamlText(value), nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(value.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(value)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}

// yamlNodes reads the rest of an object or an array. Keys are values like others.
func yamlNodes(d *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if open == '{' {
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	for d.More() {
		value, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, value)
	}
	if len(node.Content) == 0 {
		node.Style = yaml.FlowStyle
	}
	_, err := d.Token()
	return node, err
}

// yamlText is quoted where it has characters that a terminal may obey, which then are written
// in escaped form, and where YAML 1.1 takes a text for something else, as the library does not.
func yamlText(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !plaintext.Printable(r) }) || oldYAML.MatchString(s) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// oldYAML matches booleans and numbers of YAML 1.1 that are text in 1.2.
var oldYAML = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$`)
