package deliver

import (
	"fmt"
	"io"

	"stocktake/collector/payload"
)

// Print writes a body as plain JSON and ends the line, in place of a delivery. Chunks end
// theirs themselves.
func Print(w io.Writer, body *payload.Body) error {
	plain := body.Plain()
	defer plain.Close() //nolint:errcheck // nothing is written to it
	if _, err := io.Copy(w, plain); err != nil {
		return fmt.Errorf("print the body: %w", err)
	}
	if body.Kind.Chunked() {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("print the body: %w", err)
	}
	return nil
}
