package arch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Table says which packages exist and what each may import: the keys are the
// folders of packages, "." for main.
type Table map[string]Allowed

// Allowed is what a package may import besides the standard library. A name
// allows the package and all below it.
type Allowed struct {
	Ours       []string // folders of packages of this module
	ThirdParty []string // import paths; also of Guarded packages
}

// Guarded are packages of the standard library that need a line in the table
// like third parties: who talks to servers is a question of design.
func Guarded() []string { return []string{"net/http"} }

// imports returns the imports of a package that the table does not have.
func (f *folder) imports(module string, table Table) []string {
	if strings.HasPrefix(f.dir, TestOnly) {
		return nil
	}
	allowed, known := table[f.dir]
	if !known {
		return []string{fmt.Sprintf("%s: the package is not in the import table", f.dir)}
	}
	var notes []string
	for _, file := range f.files {
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err == nil && !allowed.has(module, imported) {
				notes = append(notes, fmt.Sprintf("%s imports %s; %s may import %s", f.at(spec), imported, f.dir, allowed))
			}
		}
	}

	return notes
}

// has reports whether an import is allowed.
func (a Allowed) has(module, imported string) bool {
	if ours, found := strings.CutPrefix(imported, module+"/"); found {
		return slices.Contains(a.Ours, ours)
	}
	if standard(imported) && !slices.Contains(Guarded(), imported) {
		return true
	}

	return slices.ContainsFunc(a.ThirdParty, func(name string) bool {
		return imported == name || strings.HasPrefix(imported, name+"/")
	})
}

// standard reports whether a path is of the standard library: the others start
// with the name of a host.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")

	return !strings.Contains(first, ".")
}

// String lists what is allowed.
func (a Allowed) String() string {
	return strings.Join(append(slices.Concat(a.Ours, a.ThirdParty), "the standard library"), ", ")
}

// unused returns the lines of the table that no package has any more.
func (t Table) unused(folders []*folder) []string {
	var notes []string
	for dir := range t {
		if !slices.ContainsFunc(folders, func(f *folder) bool { return f.dir == dir }) {
			notes = append(notes, dir+": the import table has a package that does not exist")
		}
	}
	slices.Sort(notes)

	return notes
}
