package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"stocktake/collector/plaintext"
)

// Document writes a value as JSON that a person can read and a terminal does not
// obey: whatever is not ASCII is escaped.
func Document(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	writeJSON(out, b)
	_ = out.WriteByte('\n') // what fails here, Flush says

	return out.Flush()
}

// writeJSON escapes whatever is not ASCII: characters that a terminal obeys are
// allowed in JSON, U+009B among them.
func writeJSON(out *bufio.Writer, b []byte) {
	for _, r := range string(b) {
		switch {
		case r < 0x7f:
			_, _ = out.WriteRune(r) // what fails here, Flush says
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	}
}

// TerminalJSON passes JSON on to a terminal, with every character that this might obey,
// or that reorders text, in JSON's escaped form: the values are the same. JSON has no
// such characters but in strings, and line ends between values.
type TerminalJSON struct {
	Out  io.Writer
	rest []byte // of a character that was cut
}

// Write implements io.Writer.
func (t *TerminalJSON) Write(p []byte) (int, error) {
	text := append(t.rest, p...)
	safe := make([]byte, 0, len(text))
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		safe = appendSafe(safe, r)
		text = text[size:]
	}
	t.rest = append([]byte(nil), text...)
	if _, err := t.Out.Write(safe); err != nil {
		return 0, err
	}

	return len(p), nil
}

func appendSafe(dst []byte, r rune) []byte {
	switch {
	case plaintext.Printable(r), r == '\n', r == '\r', r == '\t':
		return utf8.AppendRune(dst, r)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}

	return fmt.Appendf(dst, `\u%04x`, r)
}
