// Command sbom lists what a Go program is made of, as a CycloneDX 1.6 document.
//
// A go.mod says what a program may be made of, with tests and tools; the linker knows
// what it is made of, and writes it into the binary. So this reads the binary, of any
// platform: `go version -m` shows the same. Every module has its package URL, by which
// scanners look up advisories, and its checksum, by which go.sum and the public checksum
// database know it. The document has no time and no random number in it: the same
// binary gives the same bytes.
//
//	sbom PROGRAM VERSION > sbom.cdx.json
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: sbom PROGRAM VERSION")
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read what the linker wrote: %w", err)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(describe(info, args[1]))
}
