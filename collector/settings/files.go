package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"stocktake/collector/plaintext"
)

// maxFile bounds a settings file, so that a wrong path does not fill memory.
const maxFile = 1 << 20

// readValue reads a file that holds one value, without its trailing newline.
func readValue(path string) (string, error) {
	b, err := readFile(path)
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", fmt.Errorf("%s holds binary data, not a value", path)
	}
	return withoutNewline(string(b)), nil
}

// withoutNewline takes one line end off a value. Editors put it into files, and echo
// puts it into Secrets that become variables.
func withoutNewline(value string) string {
	return strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
}

// readFile reads a settings file or the file of a value. One that begins with a byte
// order mark may be in UTF-16.
func readFile(path string) ([]byte, error) {
	// To open a named pipe would wait for its writer, for ever.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	text, err := plaintext.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}
