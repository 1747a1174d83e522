package collector

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
)

// layer is what one source gives.
type layer struct {
	values   map[string]given
	warnings []string
}

// put notes a value under the setting that key names. A key that nobody needs
// any more is a warning, an unknown one an error.
func (l *layer) put(all []setting, key, value, source string) error {
	s, ok := find(all, key)
	if !ok {
		return l.foreign(all, key, source)
	}
	if prior, twice := l.values[s.name]; twice {
		return invalid(s.name, "given twice: in %s and in %s", prior.source, source)
	}
	if l.values == nil {
		l.values = map[string]given{}
	}
	l.values[s.name] = given{value: value, source: source}
	return nil
}

// foreign decides on a key that is not in the catalog.
func (l *layer) foreign(all []setting, key, source string) error {
	if advice, ok := retired[strings.ToLower(key)]; ok {
		l.warnings = append(l.warnings, fmt.Sprintf("%s (%s) is not used: %s", key, source, advice))
		return nil
	}
	return invalid(key, "unknown setting in %s%s", source, nearest(all, key))
}

// readConfig reads the folder or file that -config names, or the default
// folder if there is one.
func readConfig(all []setting, inv Invocation) (layer, error) {
	path := inv.Config
	if path == "" {
		path = defaultConfig(inv.Environ)
	}
	if path == "" {
		return layer{}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return layer{}, fmt.Errorf("%w: -config: %w", errSettings, err)
	}
	if info.IsDir() {
		return readFolder(all, path)
	}
	return readYAML(all, path, inv.Environ)
}

// readFolder reads one setting per file, as Kubernetes mounts a ConfigMap or a
// Secret. Hidden names are skipped: the mount keeps its data behind "..data".
func readFolder(all []setting, dir string) (layer, error) {
	var l layer
	entries, err := os.ReadDir(dir)
	if err != nil {
		return l, fmt.Errorf("%w: -config: %w", errSettings, err)
	}
	var errs []error
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") {
			errs = append(errs, l.putFile(all, dir, name))
		}
	}
	return l, errors.Join(errs...)
}

func (l *layer) putFile(all []setting, dir, name string) error {
	path := filepath.Join(dir, name)
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
		return invalid(name, "%s holds one file per setting: to read a YAML file, give it as -config %s", dir, path)
	}
	value, err := readValue(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errSettings, name, err)
	}
	return l.put(all, name, value, "file "+path)
}

// maxValue bounds a settings file, so that a wrong path does not fill memory.
const maxValue = 1 << 20

// readValue reads a file that holds one value, without its trailing newline.
func readValue(path string) (string, error) {
	b, err := readBounded(path)
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", fmt.Errorf("%s holds binary data, not a value", path)
	}
	return withoutNewline(string(b)), nil
}

// withoutNewline takes one line end off a value. Editors put it into files, and
// echo puts it into Secrets that become variables.
func withoutNewline(value string) string {
	return strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
}

func readBounded(path string) ([]byte, error) {
	// To open a named pipe would wait for its writer, for ever.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxValue+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxValue {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxValue)
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), nil
}

// readFlags reads what was given on the command line. A secret there would be
// readable by every user of the machine, so it is refused.
func readFlags(all []setting, inv Invocation) (layer, error) {
	var l layer
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(inv.Flags)) {
		if s, ok := find(all, name); ok && s.secret {
			errs = append(errs, invalid(s.name, "a secret on the command line can be read by others: set %[1]s or %[1]s_FILE instead", s.variables()[0]))
			continue
		}
		errs = append(errs, l.put(all, name, inv.Flags[name], "flag"))
	}
	return l, errors.Join(errs...)
}
