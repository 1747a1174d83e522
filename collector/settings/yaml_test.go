package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVariablesInValues(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"A": "x", "B": "", "A1": "$A"}
	for text, want := range map[string]string{
		"plain": "plain", "$A": "x", "${A}": "x", "a$A-${B}b": "ax-b", "$A1": "$A", "$$": "$", "$$A": "$A", "$$$A": "$x",
		// No variable: a dollar sign alone.
		"$": "$", "a$": "a$", "${": "${", "${A": "${A", "${}": "${}", "${A-b}": "${A-b}", "$1": "$1", "${1}": "${1}", "$-": "$-", "$*": "$*",
		"^kube-.*$": "^kube-.*$", "${A${A}}": "${Ax}", "$ä": "$ä",
	} {
		out, missing := expandVariables(text, vars)
		assert.Equal(t, want, out, text)
		assert.Empty(t, missing, text)
	}
	for _, text := range []string{"$C", "a${C}", "$A$C", "$C$A"} {
		_, missing := expandVariables(text, vars)
		assert.Equal(t, "C", missing, text)
	}
}

// FuzzExpandVariables: text without a dollar sign stays as it is, and text with every
// dollar sign doubled comes back as it was.
func FuzzExpandVariables(f *testing.F) {
	for _, s := range []string{"", "plain", "$A", "${A}", "$$", "${", "$", "a$A-${B}$", "^kube-.*$", "${A", "${1}", "$1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, missing := expandVariables(s, map[string]string{"A": "x", "B": ""})
		if !strings.Contains(s, "$") {
			assert.Equal(t, s, out)
			assert.Empty(t, missing)
		}
		out, missing = expandVariables(strings.ReplaceAll(s, "$", "$$"), nil)
		assert.Equal(t, s, out)
		assert.Empty(t, missing)
	})
}
