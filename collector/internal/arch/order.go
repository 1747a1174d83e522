package arch

import (
	"fmt"
	"go/ast"
	"go/types"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Circles returns a sentence for each file of a package that uses something of another
// which, by itself or through others, uses something of the first: such files have no
// order in which they can be read. What is used through a type of another package is not
// seen.
func Circles(tree fs.FS, dir string) ([]string, error) {
	folders, err := load(tree)
	if err != nil {
		return nil, err
	}
	uses := arrows{}
	for _, f := range folders {
		if f.dir == dir {
			f.arrows(uses)
		}
	}

	return uses.circles(), nil
}

// arrows notes what the files of a package use of each other.
func (f *folder) arrows(to arrows) {
	for id, object := range f.resolve().Uses {
		if object.Pkg() != nil && object.Pkg().Path() == f.dir && shared(object) {
			to.add(f.file(id), path.Base(f.fset.Position(object.Pos()).Filename), object.Name())
		}
	}
}

// file is the name of the file that a node is in.
func (f *folder) file(node ast.Node) string { return path.Base(f.fset.Position(node.Pos()).Filename) }

// shared reports an object that other files can use: one of the package, a method, or a
// field.
func shared(object types.Object) bool {
	if field, ok := object.(*types.Var); ok && field.IsField() {
		return true
	}
	_, function := object.(*types.Func)

	return function || object.Parent() == object.Pkg().Scope()
}

// arrows are the names that a file uses of another.
type arrows map[string]map[string]map[string]bool

func (a arrows) add(from, to, name string) {
	if from == to {
		return
	}
	if a[from] == nil {
		a[from] = map[string]map[string]bool{}
	}
	if a[from][to] == nil {
		a[from][to] = map[string]bool{}
	}
	a[from][to][name] = true
}

// reaches reports whether a file uses another, by itself or through others.
func (a arrows) reaches(from, to string, seen map[string]bool) bool {
	for next := range a[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if a.reaches(next, to, seen) {
				return true
			}
		}
	}

	return false
}

func (a arrows) circles() []string {
	var notes []string
	for _, from := range slices.Sorted(maps.Keys(a)) {
		for _, to := range slices.Sorted(maps.Keys(a[from])) {
			if a.reaches(to, from, map[string]bool{}) {
				notes = append(notes, fmt.Sprintf("%s uses %s of %s, which needs %s", from, strings.Join(slices.Sorted(maps.Keys(a[from][to])), ", "), to, from))
			}
		}
	}

	return notes
}
