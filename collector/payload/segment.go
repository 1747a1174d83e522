package payload

import (
	"bytes"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// compressionLevel is the fastest one. Half of what compression leaves are random
// UIDs and container IDs, which no level can shorten. Measured on the v2 body of
// a cluster with random ones (BenchmarkLevel; Intel Xeon, one core):
//
//	level             1      3      5      6      9
//	share of JSON  0.150  0.150  0.152  0.149  0.145
//	MB/s             430    336    163    174     62
const compressionLevel = flate.BestSpeed

// BlockSize is how many bytes of JSON make a segment. Each array that is being
// written holds up to this much in memory, and a segment begins without knowing
// what came before it: the same body takes 0.158 of its JSON in segments of
// 32 KiB, 0.1504 in these, and 0.1493 in one piece. A segment is larger when the
// record that filled it was.
const BlockSize = 256 << 10

// segment is a piece of text in compressed form: a DEFLATE stream without a last
// block, which ends on a byte boundary and needs no other segment to be read.
type segment struct {
	stored extent
	plain  int64  // bytes of the text
	crc    uint32 // CRC-32 of the text
}

// compressor compresses texts into a spool. One compressor serves
// all texts of a run: every segment starts anew anyway.
type compressor struct {
	spool  *spool
	flate  *flate.Writer
	packed bytes.Buffer
}

func newCompressor(s *spool) (*compressor, error) {
	p := &compressor{spool: s}
	writer, err := flate.NewWriter(&p.packed, compressionLevel)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	p.flate = writer
	return p, nil
}

// segment compresses and stores a text.
func (p *compressor) segment(plain []byte) (segment, error) {
	p.packed.Reset()
	p.flate.Reset(&p.packed)
	if _, err := p.flate.Write(plain); err != nil {
		return segment{}, fmt.Errorf("compress: %w", err)
	}
	if err := p.flate.Flush(); err != nil {
		return segment{}, fmt.Errorf("compress: %w", err)
	}
	stored, err := p.spool.put(p.packed.Bytes())
	if err != nil {
		return segment{}, err
	}
	return segment{stored: stored, plain: int64(len(plain)), crc: crc32.ChecksumIEEE(plain)}, nil
}
