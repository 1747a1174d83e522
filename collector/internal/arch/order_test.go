package arch_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/arch"
)

func TestCirclesOfFilesAreFound(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"p/a.go":      {Data: []byte("package p\n\nimport \"net/http\"\n\nfunc A(c *http.Client) { B{}.method(); local := 1; _ = local }\n")},
		"p/b.go":      {Data: []byte("package p\n\ntype B struct{ field int }\n\nfunc (B) method() { c() }\n")},
		"p/c.go":      {Data: []byte("package p\n\nfunc c() {}\n")},
		"p/c_test.go": {Data: []byte("package p\n\nfunc t() { A(nil) }\n")},
	}
	notes, err := arch.Circles(tree, "p")
	require.NoError(t, err)
	assert.Empty(t, notes)

	tree["p/c.go"].Data = []byte("package p\n\nfunc c() { A(nil) }\n")
	notes, err = arch.Circles(tree, "p")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"a.go uses B, method of b.go, which needs a.go",
		"b.go uses c of c.go, which needs b.go",
		"c.go uses A of a.go, which needs c.go",
	}, notes)

	tree["p/c.go"].Data = []byte("package p\n\ntype C struct{ B }\n\nfunc c() { _ = C{}.field }\n")
	notes, err = arch.Circles(tree, "p")
	require.NoError(t, err)
	assert.Equal(t, []string{"b.go uses c of c.go, which needs b.go", "c.go uses B, field of b.go, which needs c.go"}, notes)
}
