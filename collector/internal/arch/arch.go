// Package arch holds the house rules of the code that no linter knows, as a
// program: which package may import what, that every package explains its
// domain once, that nothing happens before main and nobody but main ends the
// process, that functions stay short, and that no package variable is written.
//
// The rules are checked on the syntax alone. Nothing is built or resolved, so
// that a whole tree takes less than a second and also one that does not compile
// is judged. Test files are not judged; packages below collector/internal exist
// for tests only, may import what they like, and must not be imported by the
// product.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// TestOnly is the folder of the packages that exist for tests.
const TestOnly = "collector/internal/"

// Check returns a sentence for each departure from the rules in the tree of a
// module, in a fixed order.
func Check(tree fs.FS, module string, table Table) ([]string, error) {
	folders, err := load(tree)
	if err != nil {
		return nil, err
	}
	var notes []string
	for _, f := range folders {
		notes = append(notes, f.imports(module, table)...)
		notes = append(notes, f.comment()...)
		notes = append(notes, f.functions()...)
		notes = append(notes, f.exits()...)
		notes = append(notes, f.writes()...)
	}
	notes = append(notes, table.unused(folders)...)

	return notes, nil
}

// folder is a package: its parsed files without the tests.
type folder struct {
	dir   string // "." is the root
	name  string // of the package
	fset  *token.FileSet
	files []*ast.File
}

// at gives the place of a node as file:line.
func (f *folder) at(node ast.Node) string {
	position := f.fset.Position(node.Pos())

	return fmt.Sprintf("%s:%d", position.Filename, position.Line)
}

// load parses the packages of a tree, sorted by folder.
func load(tree fs.FS) ([]*folder, error) {
	fset := token.NewFileSet()
	byDir := map[string]*folder{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && ignored(name):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		dir := path.Dir(name)
		if byDir[dir] == nil {
			byDir[dir] = &folder{dir: dir, fset: fset}
		}

		return byDir[dir].parse(tree, name)
	})
	folders := make([]*folder, 0, len(byDir))
	for _, f := range byDir {
		folders = append(folders, f)
	}
	slices.SortFunc(folders, func(a, b *folder) int { return strings.Compare(a.dir, b.dir) })

	return folders, err
}

// ignored reports whether the go tool would not look into a folder either.
func ignored(dir string) bool {
	base := path.Base(dir)

	return base == "testdata" || dir != "." && strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

func (f *folder) parse(tree fs.FS, name string) error {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(f.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	f.name = file.Name.Name
	f.files = append(f.files, file)

	return nil
}
