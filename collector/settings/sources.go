package settings

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

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
	if !ofOlderTool(name) || !all.inherited(name, value) {
		l.put(all, name, Value{value, "file " + path})
	}
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
