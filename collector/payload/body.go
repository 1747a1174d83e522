package payload

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/gzip"

	"stocktake/collector/inventory"
)

// Body is one finished body. It can be read any number of times, by several
// readers at once, until its Builder is discarded.
type Body struct {
	Kind        Kind
	Account     string   // whom it is for; empty for the receiver's default
	Namespaces  []string // that it reports, each of them in full
	Pods        int
	Containers  int
	ContentType string // of the plain body

	// Chunk says which of Chunks a body is, from 1, where the kind is Chunked. Key names it, so
	// that a receiver knows a chunk that it gets again.
	Chunk, Chunks int
	Key           string

	// Incomplete says that a saved body tells of itself that something was not read, and Gaps what that is.
	Incomplete bool
	Gaps       []inventory.Gap
	// Empty says that a saved body has no pod, no container and no image.
	Empty bool

	spool    *spool
	segments []segment
	plain    int64
	packed   int64
	crc      uint32
}

// The parts of a gzip member (RFC 1952 §2.3) around the segments: a header that
// names no file, time or system, so that equal bodies are equal bytes; an empty
// stored block with the mark of the last one (RFC 1951 §3.2.4), which segments
// lack; and CRC and length.
const (
	gzipHeader  = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	lastBlock   = "\x01\x00\x00\xff\xff"
	trailerSize = 8
)

// assemble gives the body its text.
func (b *Body) assemble(store *spool, segments []segment) {
	b.spool, b.segments = store, segments
	b.packed = int64(len(gzipHeader) + len(lastBlock) + trailerSize)
	for _, s := range segments {
		b.crc = combineCRC(b.crc, s.crc, s.plain)
		b.plain += s.plain
		b.packed += s.stored.length
	}
}

// Join returns one body with the text of several of one run behind one another.
func Join(bodies []*Body) *Body {
	joined := *bodies[0]
	joined.Chunk, joined.Chunks, joined.Key = 1, 1, ""
	joined.crc, joined.plain = 0, 0
	var all []segment
	for _, b := range bodies {
		all = append(all, b.segments...)
	}
	joined.assemble(joined.spool, all)
	return &joined
}

// Size returns the length of the plain body in bytes.
func (b *Body) Size() int64 { return b.plain }

// GzipSize returns the length of the compressed body in bytes.
func (b *Body) GzipSize() int64 { return b.packed }

// Gzip opens the compressed body, always at its start and with the same bytes.
func (b *Body) Gzip() io.ReadCloser {
	parts := make([]io.Reader, 0, len(b.segments)+2)
	parts = append(parts, bytes.NewReader([]byte(gzipHeader)))
	for _, s := range b.segments {
		parts = append(parts, b.spool.open(s.stored))
	}
	parts = append(parts, bytes.NewReader(b.trailer()))
	return io.NopCloser(io.MultiReader(parts...))
}

// trailer returns what follows the segments. The length is modulo 2^32.
func (b *Body) trailer() []byte {
	trailer := []byte(lastBlock)
	trailer = binary.LittleEndian.AppendUint32(trailer, b.crc)
	return binary.LittleEndian.AppendUint32(trailer, uint32(b.plain)) //nolint:gosec // RFC 1952 wants the lower half
}

// Plain opens the body without compression. The bytes are checked against their
// CRC on the way out, so that a damaged temporary file is an error at the end.
func (b *Body) Plain() io.ReadCloser {
	plain, err := gzip.NewReader(b.Gzip())
	if err != nil {
		return io.NopCloser(broken{err})
	}
	return plain
}

// broken is a reader that has nothing but an error.
type broken struct{ err error }

func (r broken) Read([]byte) (int, error) { return 0, r.err }
