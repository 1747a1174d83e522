package anchoretest

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

var (
	// errCoding marks a body that is not exactly one gzip member.
	errCoding = errors.New("content coding")
	// errWire marks a body that did not arrive whole: the client left.
	errWire = errors.New("read body")
)

// intake reads a request's body once: it counts and sums what came over the wire, decodes it, keeps the decoded bytes
// up to a limit and lets a check read along.
type intake struct {
	limit   int64
	sum     hash.Hash
	raw     counter
	decoded counter
	kept    []byte
}

// counter counts what is written to it.
type counter int64

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// Write keeps decoded bytes. One byte more than the limit shows that the body is not whole.
func (b *intake) Write(p []byte) (int, error) {
	room := b.limit + 1 - int64(len(b.kept))
	b.kept = append(b.kept, p[:max(0, min(room, int64(len(p))))]...)
	return b.decoded.Write(p)
}

// read consumes src to its end whatever check says of it. A body that did not arrive, or is not coded as announced, is
// reported before check's verdict, of which it is the cause.
func (b *intake) read(src io.Reader, encoding string, check func(io.Reader) error) error {
	b.sum = sha256.New()
	wire := bufio.NewReaderSize(io.TeeReader(src, io.MultiWriter(b.sum, &b.raw)), 64<<10)
	coding, verdict := b.decode(wire, encoding, check)
	if err := drain(wire); err != nil {
		return fmt.Errorf("%w: %w", errWire, err)
	}
	if coding != nil {
		return fmt.Errorf("%w: %w", errCoding, coding)
	}
	return verdict
}

// decode runs check over the decoded body. Without a coding, all that can go wrong beside the verdict is the wire.
func (b *intake) decode(wire *bufio.Reader, encoding string, check func(io.Reader) error) (coding, verdict error) {
	if encoding != "gzip" {
		return nil, b.judge(wire, check)
	}
	member, err := gzip.NewReader(wire)
	if err != nil {
		return err, nil
	}
	member.Multistream(false)
	verdict = b.judge(member, check)
	if err := drain(member); err != nil {
		return err, verdict
	}
	return atEnd(wire), verdict
}

// judge lets check read body, and whatever check leaves unread be kept too.
func (b *intake) judge(body io.Reader, check func(io.Reader) error) error {
	kept := io.TeeReader(body, b)
	verdict := check(kept)
	_ = drain(kept) // the error stays with body, where the caller finds it
	return verdict
}

// discard reads src without looking at it.
func (b *intake) discard(src io.Reader) error {
	if _, err := io.Copy(&b.raw, src); err != nil {
		return fmt.Errorf("%w: %w", errWire, err)
	}
	return nil
}

// note puts what was read into the record.
func (b *intake) note(q *Request) {
	q.RawBytes, q.DecodedBytes = int64(b.raw), int64(b.decoded)
	if b.sum != nil {
		q.RawSHA256 = hex.EncodeToString(b.sum.Sum(nil))
	}
	if int64(len(b.kept)) <= b.limit {
		q.Body = b.kept
	}
}

// atEnd demands that nothing follows the gzip member.
func atEnd(wire *bufio.Reader) error {
	next, err := wire.Peek(2)
	if len(next) == 0 && errors.Is(err, io.EOF) {
		return nil
	}
	if len(next) == 2 && next[0] == 0x1f && next[1] == 0x8b {
		return errors.New("a second gzip member follows the first")
	}
	return errors.New("trailing data after the gzip member")
}

func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
