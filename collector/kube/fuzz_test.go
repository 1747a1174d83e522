package kube

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/wire"
)

// FuzzStatus reads answers in error.
func FuzzStatus(f *testing.F) {
	f.Add([]byte(gone))
	f.Add([]byte(wire.Magic + "\x12\x02\x1a\x00"))
	f.Add([]byte(`{"kind":"Status","message":"a\u001b[2J\n\u202eb"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		status, ok := parseStatus(body)
		if !ok {
			return
		}
		words := printable(status.Message)
		assert.True(t, utf8.ValidString(words))
		assert.LessOrEqual(t, len(words), maxStatusWords)
		assert.False(t, strings.ContainsFunc(words, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", words)
	})
}
