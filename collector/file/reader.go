package file

import (
	"bytes"
	"context"
	"io"
	"strings"
)

// untilEnd reads until a context ends.
type untilEnd struct {
	ctx context.Context //nolint:containedctx // a reader has no other way to hear of it
	io.Reader
}

// Read implements io.Reader.
func (r untilEnd) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// escape makes a pattern of filepath.Match of a folder's name.
func escape(folder string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}
