package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
)

// listed are the commands that the help of the program names.
func listed(t *testing.T) []string {
	t.Helper()
	_, page, _ := line(t, "-help")
	_, rest, found := strings.Cut(page, "\nCommands\n")
	require.True(t, found)
	rest, _, _ = strings.Cut(rest, "\n\n")
	var all []string
	for _, match := range regexp.MustCompile(`(?m)^   ([a-z]+) `).FindAllStringSubmatch(rest, -1) {
		all = append(all, match[1])
	}
	require.Contains(t, all, "images")
	return all
}

// TestHelpIsAsInItsGoldenFiles holds every page of help, so that a change of one
// is seen by somebody. UPDATE_GOLDEN=1 writes them.
func TestHelpIsAsInItsGoldenFiles(t *testing.T) {
	t.Parallel()
	pages := map[string][]string{"stocktake": {"-help"}}
	for _, name := range listed(t) {
		pages[name] = []string{name, "-help"}
	}
	for name, words := range pages {
		code, page, stderr := line(t, words...)
		assert.Equal(t, collector.OK, code)
		assert.Empty(t, stderr)
		path := filepath.Join("testdata", "help", name+".golden")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
			continue
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), page, "run `make generate`")
	}
	files, err := filepath.Glob(filepath.Join("testdata", "help", "*.golden"))
	require.NoError(t, err)
	assert.Len(t, files, len(pages), "a page of a command that is gone")
}

func TestHelpFitsATerminal(t *testing.T) {
	t.Parallel()
	_, page, _ := line(t, "-help")
	pages := page
	for _, name := range listed(t) {
		_, of, _ := line(t, name, "-help")
		pages += of
	}
	for text := range strings.SplitSeq(pages, "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(text), 100, text)
		assert.Equal(t, strings.TrimRight(text, " \t"), text, "nothing hangs over")
		assert.NotContains(t, text, "`")
	}
	for text := range strings.SplitSeq(page, "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(text), 80, text)
	}
}

func TestHelpBeginsWithWhatMostPeopleNeed(t *testing.T) {
	t.Parallel()
	_, page, _ := line(t, "-help")
	lines := strings.Split(page, "\n")
	assert.Contains(t, lines[3], "   stocktake images ")
	assert.Contains(t, lines[4], "   stocktake doctor my-cluster ")
	assert.Contains(t, lines[5], "   stocktake deliver my-cluster ")
}

func TestHelpOfEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	for _, name := range listed(t) {
		_, page, _ := line(t, name, "-help")
		_, rest, _ := strings.Cut(page, "\n") // the first line is how it is called
		assert.Regexp(t, `(?m)^   (\S+ \| )?stocktake .*\b`+name+`\b`, rest, name)
	}
}

func TestHelpIsShownWhereverItIsAskedFor(t *testing.T) {
	t.Parallel()
	_, want, _ := line(t, "images", "-help")
	for _, words := range []string{
		"help images", "-h images", "images -h", "images --help", "images -n shop --help",
		"-external x images -help", "images -by -h --help", "images -nonsense -h",
	} {
		code, page, stderr := line(t, strings.Fields(words)...)
		assert.Equal(t, collector.OK, code, words)
		assert.Equal(t, want, page, words)
		assert.Empty(t, stderr)
	}
	_, all, _ := line(t, "-h")
	_, page, _ := line(t, "help")
	assert.Equal(t, all, page)
	code, page, _ := line(t, "send", "--", "-help")
	assert.Equal(t, collector.BadSettings, code, "a file of that name")
	assert.Empty(t, page)
}

func TestUnknownWordsAreAnsweredWithKnownOnes(t *testing.T) {
	t.Parallel()
	for words, says := range map[string]string{
		"images --namespac shop": "--namespac is no flag of images: did you mean --namespace?",
		"-exernal x":             "--exernal is no flag of a run, which is what happens without a command: did you mean --external?",
		"diff -l app=web":        "-l is no flag of diff, but one of images, ",
		"--version":              "but there is a command: version",
		"images --fast":          "--fast is no flag of images\n",
		"help imgaes":            `"imgaes" is no command: did you mean images?`,
		"help nothing-like-it":   "\"nothing-like-it\" is no command\n",
		"settingz":               `"settingz" is no command: did you mean settings?`,
	} {
		code, stdout, stderr := line(t, strings.Fields(words)...)
		assert.Equal(t, collector.BadSettings, code, words)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, says, words)
	}
}
