package anchoretest

import (
	"errors"
	"io"
	"time"
)

var errLeft = errors.New("client left")

// slowBody lets at most rate bytes a second through, a tenth of a second's worth at a time.
type slowBody struct {
	io.ReadCloser
	rate         int
	left, closed <-chan struct{}
}

// Read implements io.Reader.
func (s *slowBody) Read(p []byte) (int, error) {
	const tick = 100 * time.Millisecond
	portion := max(1, s.rate/10)
	n, err := s.ReadCloser.Read(p[:min(len(p), portion)])
	if err != nil {
		return n, err
	}
	select {
	case <-time.After(tick * time.Duration(n) / time.Duration(portion)):
		return n, nil
	case <-s.left:
		return n, errLeft
	case <-s.closed:
		return n, errLeft
	}
}
