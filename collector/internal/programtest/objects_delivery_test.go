package programtest_test

import (
	"compress/gzip"
	"io"
	"net/http"
)

// plainBody reads the body of a request, unpacked.
func plainBody(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	unpacked, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}
