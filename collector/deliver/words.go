package deliver

import (
	"cmp"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// Bounds of what a receiver may say in an error, in bytes: in its own words, and about where to go instead.
const (
	maxWords = 4 << 10
	maxPlace = 512
)

// said is what the body of an answer says in words, or else the body as it is.
func said(body []byte) string { return cmp.Or(transport.Said(body), strings.TrimSpace(string(body))) }

// redactor makes the words of strangers fit for a log: without secrets, without anything that a terminal or a log
// parser might obey, and short.
type redactor struct{ secrets transport.Redactor }

func newRedactor(secrets ...string) redactor { return redactor{transport.NewRedactor(secrets...)} }

// clean redacts before it cuts, so that no half of a secret is left over.
func (r redactor) clean(text string) string { return r.cleanTo(maxWords, text) }

func (r redactor) cleanTo(limit int, text string) string {
	return plaintext.Cut(r.secrets.Redact(text), limit)
}
