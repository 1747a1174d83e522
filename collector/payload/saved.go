package payload

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"stocktake/collector/plaintext"
)

// Saved takes over bodies that were built earlier and written to a file, plain or
// in gzip, one after the other or in an array. They are compressed again on the way into a spool,
// recognised by their members and checked against the schema of their kind, an
// array element at a time, so that a large body is never held in memory. Space
// around a body is not part of it, nor is a byte order mark; UTF-16 becomes UTF-8. All
// other bytes stay as they are. Whom a body is for is not written in it, so
// Body.Account is empty.
//
// The bodies can be read until discard is called, which must be.
func Saved(r io.Reader, o Options) (bodies []*Body, discard func(), err error) {
	o, err = o.checked()
	if err != nil {
		return nil, nil, err
	}
	store := &spool{dir: o.SpoolDir, limit: int64(o.SpoolMemory)}
	bodies, err = readSaved(r, store)
	if err != nil {
		store.close()
		return nil, nil, fmt.Errorf("read saved body %d: %w", len(bodies)+1, err)
	}
	return bodies, store.close, nil
}

func readSaved(r io.Reader, store *spool) ([]*Body, error) {
	plain, err := unpacked(r)
	if err != nil {
		return nil, err
	}
	p, err := newCompressor(store)
	if err != nil {
		return nil, err
	}
	s := &saving{compressor: p}
	s.walker = newWalker(io.TeeReader(plain, &s.ahead))
	var all []*Body
	for {
		body, err := s.body()
		if errors.Is(err, io.EOF) && len(all) > 0 {
			return all, nil
		}
		if err != nil {
			return all, asSchemaFault(err)
		}
		if err := checkSaved(body); err != nil {
			return all, err
		}
		all = append(all, body)
	}
}

// gzipMagic is how a gzip member begins (RFC 1952 §2.3.1); no JSON does.
const gzipMagic = "\x1f\x8b"

// unpacked returns what was saved as plain text in UTF-8.
func unpacked(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	start, err := buffered.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(start) == gzipMagic {
		member, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, asSchemaFault(err)
		}
		buffered = bufio.NewReaderSize(member, 64<<10)
	}
	plain, err := inUTF8(buffered)
	if err != nil {
		return nil, asSchemaFault(err)
	}
	return plain, nil
}

// asSchemaFault tells what is wrong with the bytes from what is wrong with the disk.
func asSchemaFault(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: there is nothing in it", ErrSchema)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%w: damaged: %w", ErrSchema, err)
	case errors.Is(err, plaintext.ErrUTF16), errors.Is(err, plaintext.ErrUTF32):
		return fmt.Errorf("%w: %w", ErrSchema, err)
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: not JSON, or cut off: %w", ErrSchema, err)
	}
	return err
}
