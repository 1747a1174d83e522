package report

import (
	"bufio"
	"encoding/json"
	"io"
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
