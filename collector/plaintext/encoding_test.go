package plaintext

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/utf16text"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	const text = "pässword 😀\r\n"
	for title, file := range map[string][]byte{
		"no mark":       []byte(text),
		"UTF-8":         []byte(ByteOrderMark + text),
		"little endian": utf16text.Of(text, markUTF16LE, binary.LittleEndian),
		"big endian":    utf16text.Of(text, markUTF16BE, binary.BigEndian),
	} {
		got, err := Decode(file)
		require.NoError(t, err, title)
		assert.Equal(t, text, string(got), title)
	}
	for file, want := range map[string]string{
		"": "", "a": "a", ByteOrderMark: "", markUTF16LE: "", markUTF16BE: "", "a\x00b\x00": "a\x00b\x00", "\xff": "\xff", "\xef\xbb": "\xef\xbb", "\x00\x00": "\x00\x00",
	} {
		got, err := Decode([]byte(file))
		require.NoError(t, err, "%q", file)
		assert.Equal(t, want, string(got), "%q", file)
	}
	for file, want := range map[string]error{
		markUTF16LE + "a":                      ErrUTF16,
		markUTF16LE + "a\x00b":                 ErrUTF16,
		markUTF16LE + "\x00\xd8":               ErrUTF16, // half a character
		markUTF16LE + "\x00\xd8a\x00":          ErrUTF16,
		markUTF16BE + "\xdc\x00\xd8\x00":       ErrUTF16,
		markUTF32LE + "a\x00\x00\x00":          ErrUTF32,
		markUTF32BE + "\x00\x00\x00a":          ErrUTF32,
		markUTF16BE + strings.Repeat("a", 999): ErrUTF16,
	} {
		_, err := Decode([]byte(file))
		require.ErrorIs(t, err, want, "%q", file)
	}
}

func TestNewReaderPassesErrorsOn(t *testing.T) {
	t.Parallel()
	whole := utf16text.Of("some text", markUTF16LE, binary.LittleEndian)
	r, err := NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(whole[:10]), iotest.ErrReader(assert.AnError))))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.ErrorIs(t, err, assert.AnError)
	assert.Equal(t, "some", string(got))
}

// FuzzDecode: a text comes back from each encoding as it was, however it is read.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("a😀\x00é"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, room uint8) {
		if !utf8.Valid(text) || strings.ContainsRune(string(text), '\ufeff') {
			return
		}
		for _, file := range [][]byte{
			utf16text.Of(string(text), markUTF16LE, binary.LittleEndian), utf16text.Of(string(text), markUTF16BE, binary.BigEndian), append([]byte(ByteOrderMark), text...),
		} {
			r, err := NewReader(bufio.NewReaderSize(bytes.NewReader(file), 16))
			if bytes.HasPrefix(file, []byte(markUTF32LE)) {
				require.ErrorIs(t, err, ErrUTF32)
				continue
			}
			require.NoError(t, err)
			var got bytes.Buffer
			_, err = io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{r}, make([]byte, int(room)+1))
			require.NoError(t, err)
			assert.Equal(t, string(text), got.String())
		}
	})
}
