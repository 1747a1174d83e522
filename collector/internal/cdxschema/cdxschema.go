// Package cdxschema checks documents against the schema that CycloneDX publishes,
// for tests. The schema is the file that comes with the official Go library, in
// the version that go.mod pins, so nothing is fetched and nothing is copied.
package cdxschema

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const base = "http://cyclonedx.org/schema/"

// files are the schemas of version 1.6 by what they call each other, and where
// they are in the library.
var files = map[string]string{
	"bom-1.6.schema.json":  "bom-1.6.schema.json",
	"spdx.schema.json":     "spdx.schema.json",
	"jsf-0.82.schema.json": "jsf-0.82.schemax.json",
}

var compiled = sync.OnceValues(compile) //nolint:gochecknoglobals // a constant that takes a while to make

// Validate returns an error that lists what is wrong with a CycloneDX 1.6 document
// in JSON. Formats, of dates for example, are checked too.
func Validate(document []byte) error {
	schema, err := compiled()
	if err != nil {
		return fmt.Errorf("schema of CycloneDX: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func compile() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output() //nolint:noctx // it asks nobody
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for name, file := range files {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema", file))
		if err != nil {
			return nil, err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := compiler.AddResource(base+name, value); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return compiler.Compile(base + "bom-1.6.schema.json")
}
