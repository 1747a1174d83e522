package clustertest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// ReadAll reads to the end, and closes.
func ReadAll(t testing.TB, r io.ReadCloser) []byte {
	t.Helper()
	defer func() { require.NoError(t, r.Close()) }()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return data
}

// Unpack reads one gzip member with the standard library and demands that
// nothing follows it.
func Unpack(t testing.TB, packed []byte) []byte {
	t.Helper()
	rest := bytes.NewReader(packed)
	z, err := gzip.NewReader(rest)
	require.NoError(t, err)
	z.Multistream(false)
	plain, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Zero(t, rest.Len(), "bytes after the member")
	return plain
}

// Indent spreads JSON over lines and changes nothing else.
func Indent(t testing.TB, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, plain, "", "  "))
	out.WriteByte('\n')
	return out.Bytes()
}
