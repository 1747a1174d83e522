package transport

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// Options say how a client speaks, and what it must not say.
type Options struct {
	Security

	Agent   string            // of the form of RFC 9110 section 10.1.5
	Silence time.Duration     // an attempt ends when nothing moves for so long while connecting, sending, or waiting
	Fields  map[string]string // by the name of a header, the setting that it comes from; Security.Prefix+"header" for others
	Login   bool              // requests carry one
	Secrets []string          // which are taken out of what is repeated

	// Advise tells the way out of a refusal to who knows the service, and Waiting of the pause before another attempt.
	// They may be nil, and are called from any goroutine that calls Do.
	Advise  func(*Error) string
	Waiting func(*Error, time.Duration)
}

// checkHeader finds what net/http would not send. It would say so only when it has connected, as if the network had
// failed; it is the setting that must change.
func (o Options) checkHeader(header http.Header) error {
	for name, values := range header {
		if slices.ContainsFunc(values, hasControl) {
			return settings.Invalid(cmp.Or(o.Fields[name], o.Prefix+"header"), "the header %s would hold a control character, which no header can", name)
		}
	}
	return nil
}

// hasControl reports bytes that RFC 9110 section 5.5 forbids in the value of a header.
func hasControl(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
