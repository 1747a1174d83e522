package workload

import (
	"strings"
	"unicode/utf8"

	"stocktake/collector/wire"
)

// Bounds of the interner: at most about 2 MB, and long values (annotations,
// mostly) rarely repeat.
const (
	internEntries = 8192
	internLength  = 256
)

// interner gives equal bytes the same string, so that an image name or a label
// that a thousand pods share is allocated once. When it is full it starts
// over: strings handed out stay valid, they are only no longer shared.
type interner struct {
	known map[string]string
}

func newInterner() *interner {
	return &interner{known: make(map[string]string, 1024)}
}

// text is the string of b. Looking it up allocates nothing.
func (in *interner) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internLength {
		return wire.Text(b)
	}
	if s, ok := in.known[string(b)]; ok {
		return s
	}
	if len(in.known) >= internEntries {
		clear(in.known)
	}
	key := string(b)
	s := strings.ToValidUTF8(key, string(utf8.RuneError))
	in.known[key] = s
	return s
}
