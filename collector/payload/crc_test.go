package payload

import (
	"bytes"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCombineCRCOverLargeGaps(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 7, 8, 255, 256, 65535, 1 << 20, 1<<20 + 3} {
		tail := bytes.Repeat([]byte{0xA5}, length)
		want := crc32.ChecksumIEEE(append([]byte("head"), tail...))
		assert.Equal(t, want, combineCRC(crc32.ChecksumIEEE([]byte("head")), crc32.ChecksumIEEE(tail), int64(length)), "length %d", length)
	}
}

// The CRC of more than 4 GiB cannot be computed here, but the same length can be
// combined in two ways.
func TestCombineCRCBeyond4GiB(t *testing.T) {
	t.Parallel()
	const a, b, c, lengthB, lengthC = 0x12345678, 0x9ABCDEF0, 0x0BADF00D, 5 << 30, 7<<30 + 1
	left := combineCRC(combineCRC(a, b, lengthB), c, lengthC)
	right := combineCRC(a, combineCRC(b, c, lengthC), lengthB+lengthC)
	assert.Equal(t, left, right)
}

func FuzzCombineCRC(f *testing.F) {
	f.Add([]byte("one"), []byte("two"))
	f.Add([]byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		whole := append(bytes.Clone(a), b...)
		assert.Equal(t, crc32.ChecksumIEEE(whole), combineCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), int64(len(b))))
	})
}
