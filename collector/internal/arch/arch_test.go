package arch_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/arch"
)

const doc = "// Package p has a comment.\npackage p\n"

// TestCheckFinds breaks one rule at a time in a tree that is otherwise clean.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	table := arch.Table{
		".":         {Ours: []string{"collector"}},
		"collector": {Ours: []string{"collector/image"}, ThirdParty: []string{"example.com/good"}},
	}
	tests := map[string]struct {
		file, text, want string
	}{
		"nothing in a clean tree": {"collector/ok.go", "package p\n", ""},
		"an import of ours": {
			"collector/bad.go", `package p; import "m/collector/deliver"`,
			"collector/bad.go:1 imports m/collector/deliver; collector may import collector/image, example.com/good, the standard library",
		},
		"an import of a test-only package": {
			"collector/bad.go", `package p; import "m/collector/internal/demo"`, "collector/bad.go:1 imports m/collector/internal/demo; ",
		},
		"an import of a third party": {
			"collector/bad.go", `package p; import "example.com/goodness"`, "collector/bad.go:1 imports example.com/goodness; ",
		},
		"a guarded import": {"collector/bad.go", `package p; import "net/http"`, "collector/bad.go:1 imports net/http; "},
		"main past the root": {
			"main2.go", `package main; import "m/collector/image"`, "main2.go:1 imports m/collector/image; . may import collector, ",
		},
		"a package that is not in the table": {
			"collector/util/util.go", doc, "collector/util: the package is not in the import table",
		},
		"a missing package comment":  {"collector/internal/x/x.go", "package p", "collector/internal/x: no file has a package comment"},
		"a doubled package comment":  {"collector/two.go", doc, "collector: 2 files have a package comment"},
		"init":                       {"collector/bad.go", "package p\nfunc init() {}", "collector/bad.go:2: init; nothing happens before main"},
		"a long function":            {"collector/bad.go", "package p\nfunc f() {" + strings.Repeat("\n", 60) + "}", "collector/bad.go:2: f has 61 lines, more than 60"},
		"many parameters":            {"collector/bad.go", "package p\nfunc f(a, b, c int, d, e, g string) {}", "collector/bad.go:2: f has 6 parameters, more than 5"},
		"an exit below main":         {"collector/bad.go", "package p\nimport \"os\"\nfunc f() { os.Exit(1) }", "collector/bad.go:3: ends the process; only main may"},
		"a fatal log below main":     {"collector/bad.go", "package p\nimport \"log\"\nfunc f() { log.Fatal(1) }", "collector/bad.go:3: ends the process; only main may"},
		"a second exit in main":      {"main2.go", "package main\nimport \"os\"\nfunc f() { os.Exit(1) }", ".: ends the process in 2 places: main.go:4, main2.go:3"},
		"a variable assigned":        {"collector/bad.go", "package p\nvar v int\nfunc f() { v = 1 }", "collector/bad.go:3: the package variable v is written"},
		"a variable counted":         {"collector/bad.go", "package p\nvar v int\nfunc f() { v++ }", "collector/bad.go:3: the package variable v is written"},
		"a variable ranged into":     {"collector/bad.go", "package p\nvar v int\nfunc f() { for v = range 3 {} }", "collector/bad.go:3: the package variable v is written"},
		"a map filled":               {"collector/bad.go", "package p\nvar v = map[int]int{}\nfunc f() { v[1] = 1 }", "collector/bad.go:3: the package variable v is written"},
		"a map emptied":              {"collector/bad.go", "package p\nvar v = map[int]int{}\nfunc f() { clear(v) }", "collector/bad.go:3: the package variable v is written"},
		"an address taken":           {"collector/bad.go", "package p\nvar v struct{ a [2]int }\nfunc f() *int { return &(v.a[1]) }", "collector/bad.go:3: the package variable v is written"},
		"a variable of elsewhere":    {"collector/bad.go", "package p\nimport \"os\"\nfunc f() { os.Args = nil }", "collector/bad.go:3: the package variable os.Args is written"},
		"a value of unknown type":    {"collector/bad.go", "package p\nimport \"os\"\nvar v = os.Args\nfunc f() { v = os.Args }", "collector/bad.go:4: the package variable v is written"},
		"a lock":                     {"collector/bad.go", "package p\nimport \"sync\"\nvar v sync.Mutex", "collector/bad.go:3: the package variable v is made to be changed"},
		"an atomic pointer":          {"collector/bad.go", "package p\nimport \"sync/atomic\"\nvar v atomic.Pointer[int]", "collector/bad.go:3: the package variable v is made to be changed"},
		"no fault in local names":    {"collector/ok.go", "package p\nvar v int\nfunc f() { v := v; v = 1; _ = &v }", ""},
		"no fault in tables":         {"collector/ok.go", "package p\nvar v = []int{1}\nfunc f() int { return v[0] }", ""},
		"no fault in tests":          {"collector/bad_test.go", "package p\nimport \"example.com/bad\"\nfunc init() {}", ""},
		"no fault in test data":      {"collector/testdata/bad.go", "package p\nfunc init() {}", ""},
		"no fault in hidden folders": {".ci/bad.go", "package p\nfunc init() {}", ""},
		"no fault in test packages":  {"collector/internal/x/x.go", "// Package x helps.\npackage x\nimport \"example.com/any\"", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := clean()
			tree[test.file] = &fstest.MapFile{Data: []byte(test.text)}

			notes, err := arch.Check(tree, "m", table)

			require.NoError(t, err)
			if test.want == "" {
				assert.Empty(t, notes)

				return
			}
			require.Len(t, notes, 1, "%q", notes)
			assert.True(t, strings.HasPrefix(notes[0], test.want), "got  %s\nwant %s", notes[0], test.want)
		})
	}
}

func TestCheckFindsTableLinesWithoutAPackage(t *testing.T) {
	t.Parallel()
	notes, err := arch.Check(clean(), "m", arch.Table{".": {Ours: []string{"collector"}}, "collector": {}, "gone": {}})

	require.NoError(t, err)
	assert.Equal(t, []string{"gone: the import table has a package that does not exist"}, notes)
}

func TestCheckFailsOnWhatIsNotGo(t *testing.T) {
	t.Parallel()
	tree := clean()
	tree["collector/bad.go"] = &fstest.MapFile{Data: []byte("package")}

	_, err := arch.Check(tree, "m", arch.Table{})

	require.ErrorContains(t, err, "parse: collector/bad.go:1")
}

// clean is a tree without a fault.
func clean() fstest.MapFS {
	return fstest.MapFS{
		"main.go":             {Data: []byte("// Command m does it.\npackage main\nimport (\"os\"; \"m/collector\")\nfunc main() { os.Exit(collector.Run()) }")},
		"collector/run.go":    {Data: []byte("// Package p runs.\npackage p\nimport \"fmt\"\nfunc Run() int { return 0 }")},
		"collector/x_test.go": {Data: []byte("package p_test")},
	}
}
