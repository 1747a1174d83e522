package collector

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSecurityPageNamesTestsThatExist keeps SECURITY.md from promising what no
// test holds any more.
func TestSecurityPageNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../SECURITY.md")
	require.NoError(t, err)
	known := map[string]bool{}
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func ((Test|Fuzz)\w+)\(`).FindAllSubmatch(text, -1) {
			known[string(found[1])] = true
		}
		return err
	}))
	named := regexp.MustCompile("`((Test|Fuzz)\\w+)`").FindAllSubmatch(page, -1)
	assert.Greater(t, len(named), 30)
	for _, found := range named {
		assert.True(t, known[string(found[1])], "%s is no test", found[1])
	}
}
