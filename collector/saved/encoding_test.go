package saved

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/internal/utf16text"
	"stocktake/collector/payload"
)

// Byte order marks.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
)

func TestLoadAndSavedReadUTF16(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(tinyNative, `"name":"c"`, `"name":"é-😀-\u2028"`)
	long := strings.ReplaceAll(text, `"flags":[]`, `"flags":["`+strings.Repeat("ü😀", 50_000)+`"]`)
	for _, text := range []string{tinyAnchore, tinyKAI, text, long} {
		for name, file := range map[string][]byte{
			"little":                utf16text.Of(text, markUTF16LE, binary.LittleEndian),
			"big":                   utf16text.Of(text, markUTF16BE, binary.BigEndian),
			"little without a mark": utf16text.Of(text, "", binary.LittleEndian),
			"big without a mark":    utf16text.Of(text, "", binary.BigEndian),
			"marked":                []byte(markUTF8 + text),
			"packed":                []byte(packed(t, string(utf16text.Of(text+"\r\n"+text[:0], markUTF16LE, binary.LittleEndian)))),
		} {
			want, err := Load(strings.NewReader(text), payload.Options{}, &memory{t: t})
			require.NoError(t, err)
			for _, slow := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
				got, err := Load(slow(bytes.NewReader(file)), payload.Options{}, &memory{t: t})
				require.NoError(t, err, name)
				assert.Equal(t, want, got, name)
			}
			bodies, err := savedOf(t, bytes.NewReader(file))
			require.NoError(t, err, name)
			assert.Equal(t, text, string(clustertest.ReadAll(t, bodies[0].Plain())), name)
		}
	}
}

func TestLoadRefusesWhatIsNotUTF16(t *testing.T) {
	t.Parallel()
	whole := utf16text.Of(tinyKAI, markUTF16LE, binary.LittleEndian)
	for i := range len(whole) {
		_, err := Load(bytes.NewReader(whole[:i]), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema, "the first %d bytes", i)
	}
	for _, lone := range []string{"\x00\xd8", "\x00\xd8a\x00", "\x00\xdc"} {
		_, err := Load(strings.NewReader(markUTF16LE+"{\x00\"\x00"+lone), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema)
	}
	_, err := Load(io.MultiReader(bytes.NewReader(whole[:50]), iotest.ErrReader(assert.AnError)), payload.Options{}, &memory{t: t})
	require.ErrorIs(t, err, assert.AnError)
	require.NotErrorIs(t, err, ErrSchema)
}

// TestLoadAndSavedReadSeveralBodies however they were put into one file: marks of
// their own, UTF-16, an array.
func TestLoadAndSavedReadSeveralBodies(t *testing.T) {
	t.Parallel()
	one, other := tinyKAI, strings.ReplaceAll(tinyKAI, `"namespace":"`, `"namespace":"other-`)
	require.NotEqual(t, one, other)
	utf16Of := func(text string) string { return string(utf16text.Of(text, markUTF16LE, binary.LittleEndian)) }
	for name, file := range map[string]string{
		"marks":                 markUTF8 + one + "\r\n" + markUTF8 + other + "\r\n",
		"marks without a space": markUTF8 + one + markUTF8 + other,
		"the second has a mark": one + "\n" + markUTF8 + other,
		"UTF-16":                utf16Of(one+"\r\n") + utf16Of(other),
		"packed":                packed(t, markUTF8+one) + packed(t, markUTF8+other),
		"array":                 "[\n " + one + ",\n " + other + "\n]\n",
		"array with a mark":     markUTF8 + "[" + one + "," + other + "]",
		"arrays":                "[" + one + "][]\n" + markUTF8 + "[" + other + "]",
		"array beside a body":   "[" + one + "]" + other,
		"array in UTF-16":       utf16Of("[" + one + "," + other + "]"),
	} {
		want, err := Load(strings.NewReader(one+other), payload.Options{}, &memory{t: t})
		require.NoError(t, err)
		for _, slow := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			got, err := Load(slow(strings.NewReader(file)), payload.Options{}, &memory{t: t})
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)
		}
		bodies, err := savedOf(t, strings.NewReader(file))
		require.NoError(t, err, name)
		require.Len(t, bodies, 2, name)
		assert.Equal(t, one, string(clustertest.ReadAll(t, bodies[0].Plain())), name)
		assert.Equal(t, other, string(clustertest.ReadAll(t, bodies[1].Plain())), name)
	}
}

func TestLoadRefusesArraysOfNoBodies(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"[]":                         "there is nothing in it",
		"[[" + tinyKAI + "]]":        "where an object should be",
		"[" + tinyKAI:                "cut off",
		"[" + tinyKAI + ",":          "cut off",
		"[" + tinyKAI + ",]":         "not JSON",
		"[" + tinyKAI + ",1]":        "where an object should be",
		tinyKAI + "\xef\xbb":         "not JSON",
		tinyKAI + "]":                "not JSON",
		strings.Repeat("[]", 40<<20): "more than 64 MiB",
	} {
		_, err := Load(strings.NewReader(text), payload.Options{}, &memory{t: t})
		require.ErrorIs(t, err, ErrSchema, "%.40s", text)
		require.ErrorContains(t, err, says)
		if len(text) > maxElement {
			continue // seconds, of the same code
		}
		_, err = savedOf(t, strings.NewReader(text))
		require.ErrorIs(t, err, ErrSchema, "%.40s", text)
		require.ErrorContains(t, err, says)
	}
}
