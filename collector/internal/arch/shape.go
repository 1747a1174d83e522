package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// The limits of a function. Most are far below.
const (
	maxLines      = 60
	maxParameters = 5
)

// comment holds a package to one package comment: a second one would be read by
// nobody, none leaves the domain unexplained.
func (f *folder) comment() []string {
	count := 0
	for _, file := range f.files {
		if file.Doc != nil {
			count++
		}
	}
	switch {
	case count == 0:
		return []string{f.dir + ": no file has a package comment"}
	case count > 1:
		return []string{fmt.Sprintf("%s: %d files have a package comment", f.dir, count)}
	}

	return nil
}

// functions holds each function to the limits, and finds init.
func (f *folder) functions() []string {
	var notes []string
	for _, function := range f.declared() {
		name, at := function.Name.Name, f.at(function)
		if name == "init" && function.Recv == nil {
			notes = append(notes, at+": init; nothing happens before main")
		}
		if lines := f.lines(function); lines > maxLines {
			notes = append(notes, fmt.Sprintf("%s: %s has %d lines, more than %d", at, name, lines, maxLines))
		}
		if parameters := function.Type.Params.NumFields(); parameters > maxParameters {
			notes = append(notes, fmt.Sprintf("%s: %s has %d parameters, more than %d", at, name, parameters, maxParameters))
		}
	}

	return notes
}

// declared returns the functions and methods of a package.
func (f *folder) declared() []*ast.FuncDecl {
	var functions []*ast.FuncDecl
	for _, file := range f.files {
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				functions = append(functions, function)
			}
		}
	}

	return functions
}

func (f *folder) lines(function *ast.FuncDecl) int {
	return f.fset.Position(function.End()).Line - f.fset.Position(function.Pos()).Line + 1
}

// exits finds what ends the process: once in a main package, nowhere else, so
// that deferred functions run and callers decide.
func (f *folder) exits() []string {
	var calls []string
	for _, file := range f.files {
		ast.Inspect(file, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok && ends(selector) {
				calls = append(calls, f.at(selector))
			}

			return true
		})
	}
	switch {
	case f.name != "main":
		for i, at := range calls {
			calls[i] = at + ": ends the process; only main may"
		}

		return calls
	case len(calls) > 1:
		return []string{fmt.Sprintf("%s: ends the process in %d places: %s", f.dir, len(calls), strings.Join(calls, ", "))}
	}

	return nil
}

// ends reports whether an expression is a function that ends the process.
func ends(selector *ast.SelectorExpr) bool {
	of, ok := selector.X.(*ast.Ident)

	return ok && slices.Contains([]string{"os.Exit", "syscall.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln"}, of.Name+"."+selector.Sel.Name)
}
