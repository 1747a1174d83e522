package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// writes finds package variables that are not constant in all but name: those
// that are assigned to, of this package or another, whose address is taken, or
// whose type exists to be changed. Tables and errors are variables for Go too,
// and stay allowed.
func (f *folder) writes() []string {
	info := f.resolve()
	var notes []string
	for _, file := range f.files {
		ast.Inspect(file, func(node ast.Node) bool {
			for _, target := range targets(node) {
				if name := packageVariable(info, target); name != "" {
					notes = append(notes, fmt.Sprintf("%s: the package variable %s is written", f.at(target), name))
				}
			}

			return true
		})
	}

	return append(notes, f.locks()...)
}

// resolve finds out what names mean. Imports stay unknown and errors are of no
// interest: a name declared in this package is resolved nevertheless.
func (f *folder) resolve() *types.Info {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	_, _ = config.Check(f.dir, f.fset, f.files, info)

	return info
}

// noImports is an importer that knows no package.
type noImports struct{}

// Import fails.
func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not looked at", path)
}

// targets returns what a statement or expression changes, or lets others change.
func targets(node ast.Node) []ast.Expr {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			return node.Lhs
		}
	case *ast.RangeStmt:
		if node.Tok == token.ASSIGN {
			return []ast.Expr{node.Key, node.Value}
		}
	case *ast.IncDecStmt:
		return []ast.Expr{node.X}
	case *ast.UnaryExpr:
		if _, literal := node.X.(*ast.CompositeLit); node.Op == token.AND && !literal {
			return []ast.Expr{node.X}
		}
	case *ast.CallExpr:
		if builtin, ok := node.Fun.(*ast.Ident); ok && (builtin.Name == "clear" || builtin.Name == "delete") {
			return node.Args[:1]
		}
	}

	return nil
}

// packageVariable returns the name of the package variable that an expression
// is, or is a part of; else nothing.
func packageVariable(info *types.Info, expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.Ident:
		if v, ok := info.Uses[e].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			return e.Name
		}
	case *ast.SelectorExpr:
		if of, ok := e.X.(*ast.Ident); ok {
			if _, imported := info.Uses[of].(*types.PkgName); imported {
				return of.Name + "." + e.Sel.Name
			}
		}

		return packageVariable(info, e.X)
	case *ast.IndexExpr:
		return packageVariable(info, e.X)
	case *ast.StarExpr:
		return packageVariable(info, e.X)
	case *ast.ParenExpr:
		return packageVariable(info, e.X)
	}

	return ""
}

// locks finds package variables of the types of sync and sync/atomic.
func (f *folder) locks() []string {
	var notes []string
	for _, file := range f.files {
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && lock(value.Type) {
					notes = append(notes, fmt.Sprintf("%s: the package variable %s is made to be changed", f.at(value), value.Names[0].Name))
				}
			}
		}
	}

	return notes
}

func lock(expression ast.Expr) bool {
	if generic, ok := expression.(*ast.IndexExpr); ok { // atomic.Pointer[T]
		expression = generic.X
	}
	selector, ok := expression.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := selector.X.(*ast.Ident)

	return ok && (of.Name == "sync" || of.Name == "atomic")
}
