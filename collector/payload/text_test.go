package payload

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
)

// bodyOf makes a body of nothing but a text.
func bodyOf(t testing.TB, p *compressor, whole *text) *Body {
	t.Helper()
	require.NoError(t, p.seal(whole))
	body := &Body{}
	body.assemble(p.spool, whole.sealed)
	return body
}

func testPress(t testing.TB, memory int64) *compressor {
	t.Helper()
	p, err := newCompressor(&spool{dir: t.TempDir(), limit: memory})
	require.NoError(t, err)
	t.Cleanup(p.spool.close)
	return p
}

// FuzzTextsJoinInAnyOrder grows two texts by a script, shares one of them, and
// compares what comes out with what went in.
func FuzzTextsJoinInAnyOrder(f *testing.F) {
	f.Add([]byte("wWsjjwSJs"), uint16(0))
	f.Add([]byte("jjjj"), uint16(100))
	f.Add([]byte("WWWWWWsjWjs"), uint16(1000))
	f.Fuzz(func(t *testing.T, script []byte, memory uint16) {
		p := testPress(t, int64(memory))
		var dst, src text
		var wantDst, wantSrc []byte
		for i, op := range script[:min(len(script), 40)] {
			piece := bytes.Repeat([]byte{op, byte(i)}, int(op)*i)
			switch op {
			case 'w':
				dst.tail, wantDst = append(dst.tail, piece...), append(wantDst, piece...)
			case 's':
				require.NoError(t, p.seal(&src))
			case 'S':
				require.NoError(t, p.seal(&dst))
			case 'j':
				require.NoError(t, p.join(&dst, &src))
				wantDst = append(wantDst, wantSrc...)
			default:
				src.tail, wantSrc = append(src.tail, piece...), append(wantSrc, piece...)
			}
			require.Equal(t, int64(len(wantDst)), dst.size())
			require.Equal(t, int64(len(wantSrc)), src.size())
		}
		body := bodyOf(t, p, &dst)
		packed := clustertest.ReadAll(t, body.Gzip())
		assert.Equal(t, string(wantDst), string(clustertest.Unpack(t, packed)))
		assert.Equal(t, string(wantDst), string(clustertest.ReadAll(t, body.Plain())))
		assert.Equal(t, int64(len(wantDst)), body.Size())
		assert.Equal(t, int64(len(packed)), body.GzipSize())
	})
}

func TestTextIsSealedWhenLongEnough(t *testing.T) {
	t.Parallel()
	p := testPress(t, 1<<20)
	whole := text{tail: []byte(strings.Repeat("x", BlockSize-1))}
	require.NoError(t, p.settle(&whole))
	assert.Empty(t, whole.sealed)
	whole.tail = append(whole.tail, 'x')
	require.NoError(t, p.settle(&whole))
	assert.Len(t, whole.sealed, 1)
	assert.Empty(t, whole.tail)
	assert.Equal(t, int64(BlockSize), whole.size())
}

// What a compressor worked on before must not be seen in what it makes, or a
// namespace that was dropped would change the bytes of the others.
func TestSegmentsDoNotDependOnTheirPredecessors(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	texts := make([][]byte, 20)
	for i := range texts {
		for len(texts[i]) < 1+i*15_000 {
			texts[i] = append(texts[i], []byte("some words and a number ")...)
			texts[i] = append(texts[i], byte('0'+random.IntN(40)))
		}
	}
	used := testPress(t, 1<<30)
	for round := range 3 {
		for i, plain := range texts {
			fresh := testPress(t, 1<<30)
			want, err := fresh.segment(plain)
			require.NoError(t, err)
			got, err := used.segment(plain)
			require.NoError(t, err)
			require.Equal(t, want.stored.memory, got.stored.memory, "round %d, text %d", round, i)
		}
	}
}

func TestLengthInTheTrailerWrapsAround(t *testing.T) {
	t.Parallel()
	body := Body{plain: 1<<32 + 5, crc: 0x01020304}
	assert.Equal(t, []byte{1, 0, 0, 0xFF, 0xFF, 4, 3, 2, 1, 5, 0, 0, 0}, body.trailer())
}
