package transport

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Bounds of what an answer may unpack to. A list of distinct images packs to a sixth of its size. The most that a
// contrived one reached is 138 to 1: one image in 20,000 namespaces, all stored in the same second, with names of 180
// characters. Items that do not differ reach 229, and the format allows 1,032, at which four megabytes on the wire are a
// minute of work here. An answer that is small when unpacked costs nothing, so its ratio does not matter.
const (
	maxRatio  = 200
	freeRatio = 32 << 20 // bytes
)

// ErrRatio marks an answer that unpacks to absurdly much.
var ErrRatio = fmt.Errorf("it unpacks to more than %d times its size: nobody means such an answer to be read", maxRatio)

// wire keeps the error of a connection, and ends an answer that unpacks to absurdly much.
type wire struct {
	*unpacked

	err error
}

// Read implements io.Reader.
func (r *wire) Read(p []byte) (int, error) {
	n, err := r.unpacked.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	if r.absurd() {
		return 0, ErrRatio
	}
	return n, err
}

// unpacked reads the body of an answer to a request that asked for gzip by itself, and counts on both sides of it.
type unpacked struct {
	packed countingReader
	body   io.Reader
	read   int64 // unpacked
}

// unpack returns a reader of what arrives. Errors of the connection and of the format are its errors too.
func unpack(resp *http.Response, arriving io.Reader) *unpacked {
	u := &unpacked{packed: countingReader{reader: arriving}}
	switch resp.Header.Get("Content-Encoding") {
	case Gzip, "x-gzip":
		u.body = &lateGunzip{packed: &u.packed}
	default:
		u.body = &u.packed
	}
	return u
}

// Read implements io.Reader.
func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.body.Read(p)
	u.read += int64(n)
	return n, err
}

// absurd says whether the answer is larger than its arrival explains.
func (u *unpacked) absurd() bool { return u.read > freeRatio && u.read > maxRatio*u.packed.read }

type countingReader struct {
	reader io.Reader
	read   int64
}

// Read implements io.Reader.
func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	r.read += int64(n)
	return n, err
}

// lateGunzip reads the header of gzip when it is first read itself.
type lateGunzip struct {
	packed io.Reader
	plain  *gzip.Reader
}

// Read implements io.Reader.
func (r *lateGunzip) Read(p []byte) (int, error) {
	if r.plain == nil {
		plain, err := gzip.NewReader(r.packed)
		if err != nil {
			return 0, err
		}
		r.plain = plain
	}
	return r.plain.Read(p)
}
