package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"stocktake/collector/plaintext"
)

// layer is what one source gives.
type layer struct {
	values   map[string]Value
	warnings []string
	errs     []error
}

func (l *layer) fail(err error) { l.errs = append(l.errs, err) }

// put notes a value under the setting that key names. A key that nobody needs any more
// is a warning, an unknown one an error.
func (l *layer) put(all Catalog, key string, v Value) {
	s, ok := all.find(key)
	if !ok {
		l.unknownKey(all, key, v.Source)
		return
	}
	if prior, twice := l.values[s.Name]; twice {
		l.fail(Invalid(s.Name, "given twice: in %s and in %s", prior.Source, v.Source))
		return
	}
	if l.values == nil {
		l.values = map[string]Value{}
	}
	l.values[s.Name] = v
}

// unknownKey decides on a key that is not in the catalog.
func (l *layer) unknownKey(all Catalog, key, source string) {
	if advice, ok := retired[strings.ToLower(key)]; ok {
		l.warnings = append(l.warnings, fmt.Sprintf("%s (%s) is not used: %s", key, source, advice))
		return
	}
	l.fail(Invalid(key, "unknown setting in %s%s", source, nearest(all, key)))
}

// readConfig reads the folder or file that Config names, or the default folder if there
// is one.
func readConfig(all Catalog, from Sources) layer {
	path := from.Config
	if path == "" {
		path = defaultFolder(from.Environ)
	}
	if path == "" {
		return layer{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return layer{errs: []error{Invalid("-config", "%w", err)}}
	}
	if info.IsDir() {
		return readFolder(all, path)
	}
	return readYAML(all, path, from.Environ)
}

// readFolder reads one setting per file, as Kubernetes mounts a ConfigMap or a Secret.
// Hidden names are skipped: the mount keeps its data behind "..data".
func readFolder(all Catalog, dir string) layer {
	var l layer
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.fail(Invalid("-config", "%w", err))
		return l
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") {
			l.putFile(all, dir, name)
		}
	}
	return l
}

func (l *layer) putFile(all Catalog, dir, name string) {
	path := filepath.Join(dir, name)
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
		l.fail(Invalid(name, "%s holds one file per setting: to read a YAML file, give it as -config %s", dir, path))
		return
	}
	value, err := readValue(path)
	if err != nil {
		l.fail(Invalid(name, "%w", err))
		return
	}
	l.put(all, name, Value{value, "file " + path})
}

// readFlags reads what was given on the command line. A secret there would be readable
// by every user of the machine, so it is refused.
func readFlags(all Catalog, from Sources) layer {
	var l layer
	for _, name := range slices.Sorted(maps.Keys(from.Flags)) {
		if s, ok := all.find(name); ok && s.Secret {
			l.fail(Invalid(s.Name, "a secret on the command line can be read by others: set %[1]s or %[1]s_FILE instead", s.Variables()[0]))
			continue
		}
		l.put(all, name, Value{from.Flags[name], "flag"})
	}
	return l
}

// maxFile bounds a settings file, so that a wrong path does not fill memory.
const maxFile = 1 << 20

// readValue reads a file that holds one value, without its trailing newline.
func readValue(path string) (string, error) {
	b, err := readFile(path)
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", fmt.Errorf("%s holds binary data, not a value", path)
	}
	return withoutNewline(string(b)), nil
}

// withoutNewline takes one line end off a value. Editors put it into files, and echo
// puts it into Secrets that become variables.
func withoutNewline(value string) string {
	return strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
}

// readFile reads a settings file or the file of a value. One that begins with a byte
// order mark may be in UTF-16.
func readFile(path string) ([]byte, error) {
	// To open a named pipe would wait for its writer, for ever.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	text, err := plaintext.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}
