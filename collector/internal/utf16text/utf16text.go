// Package utf16text writes text in UTF-16, as some editors and shells save files, for
// tests of what reads them.
package utf16text

import (
	"encoding/binary"
	"unicode/utf16"
)

// Of writes a text with a byte order mark, or none.
func Of(text, mark string, order binary.AppendByteOrder) []byte {
	out := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}
