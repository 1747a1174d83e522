package command

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRoffKeepsTextWhatItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		".config is a folder": "\\&.config is a folder\n",
		"'tis":                "\\(aqtis\n",
		`C:\krew`:             "C:\\ekrew\n",
		"a-b ~/x ^y `z`":      "a\\-b \\(ti/x \\(hay \\(gaz\\(ga\n",
		"pages…":              "pages\\[u2026]\n",
	} {
		var p roff
		p.line(text)
		assert.Equal(t, want, p.String())
	}
}

func TestRoffKeepsIndentedLinesApart(t *testing.T) {
	t.Parallel()
	var p roff
	p.section("S")
	p.page("one\ntwo\n\n   $ x   y\n   $ z\n\nthree")
	assert.Equal(t, ".SH \"S\"\none two\n.PP\n.EX\n   $ x   y\n   $ z\n.EE\n.PP\nthree\n", p.String())
}
