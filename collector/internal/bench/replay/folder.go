package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"stocktake/collector/wire"
)

// load reads a recording: pages in protobuf as the API server sent them, which are
// called pods-000.pb, pods-001.pb and so on, of nodes and namespaces too, and the
// answers version.json and kube-system.json.
func load(folder string, pods int) (http.Handler, error) {
	recorded := map[string]*collection{}
	for resource, kind := range map[string]string{"pods": "PodList", "nodes": "NodeList", "namespaces": "NamespaceList"} {
		c, err := loadPages(folder, resource)
		if err != nil {
			return nil, err
		}
		c.kind, c.total = kind, len(c.objects)
		recorded[resource] = c
	}
	all := recorded["pods"]
	if all.once > 0 {
		return nil, fmt.Errorf("%d pods in %s are in namespaces that cannot be multiplied", all.once, folder)
	}
	copies := (pods + len(all.objects) - 1) / len(all.objects)
	if pods < 1 || copies > mostCopies {
		return nil, fmt.Errorf("%d pods of a recording of %d: want one at least, and %d times as many at most", pods, len(all.objects), mostCopies)
	}
	all.total = pods
	names := recorded["namespaces"]
	names.total += (copies - 1) * (len(names.objects) - names.once)
	return serve(folder, recorded), nil
}

// loadPages reads the pages of a resource.
func loadPages(folder, resource string) (*collection, error) {
	paths, err := filepath.Glob(filepath.Join(folder, resource+"-*.pb"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no pages of %s in %s", resource, folder)
	}
	slices.Sort(paths)
	c := &collection{}
	for _, path := range paths {
		if err := c.load(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

func (c *collection) load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it is only read
	scanner, err := wire.NewScanner(string(wire.Protobuf), "", bufio.NewReader(file))
	if err != nil {
		return err
	}
	if _, err = scanner.Head(); err != nil {
		return err
	}
	var o wire.Object
	for err = scanner.Next(&o); err == nil; err = scanner.Next(&o) {
		c.add(&o)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	c.revision = scanner.Meta().ResourceVersion
	return nil
}
