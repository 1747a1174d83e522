package history

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxText is how many bytes of a text are kept. PostgreSQL's indexes take 2,700 bytes in a
// row, and no name of a cluster that works is longer than 515.
const maxText = 600

// clean makes a text one that both engines keep alike: PostgreSQL refuses a zero byte and
// what is not UTF-8, and an index of it what is very long. Such a text is cut, and told from others
// by its hash.
func clean(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 && len(text) <= maxText {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text) && b.Len() <= maxText; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[i])
		} else {
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	if b.Len() <= maxText {
		return b.String()
	}
	sum := sha256.Sum256([]byte(text))
	mark := "…" + hex.EncodeToString(sum[:8])
	return strings.ToValidUTF8(b.String()[:maxText-len(mark)], "") + mark
}

// texts keeps each text once, cleaned, and calls it by a number. The number 0 is the empty text.
type texts struct {
	numbers map[string]uint32
	all     []string
}

func newTexts() texts { return texts{numbers: map[string]uint32{"": 0}, all: []string{""}} }

// number is that of a text, which may be new.
func (t *texts) number(text string) uint32 {
	if n, known := t.numbers[text]; known {
		return n
	}
	kept := strings.Clone(clean(text))
	n, known := t.numbers[kept]
	if !known {
		n = uint32(len(t.all)) //nolint:gosec // memory ends before numbers do
		t.all = append(t.all, kept)
		t.numbers[kept] = n
	}
	return n
}

// find is the number of a text that is known.
func (t *texts) find(text string) (n uint32, known bool) {
	n, known = t.numbers[text]
	return n, known
}
