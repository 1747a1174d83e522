package kubetest

import (
	"bytes"
	"sync"
)

// tailBytes is enough for the last words of a program that does not start.
const tailBytes = 2048

// tail is a writer that keeps the end of what was written.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write implements io.Writer and never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if surplus := len(t.kept) - tailBytes; surplus > 0 {
		t.kept = append(t.kept[:0], t.kept[surplus:]...)
	}
	return len(p), nil
}

// String returns the end of what was written, in whole lines.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	end := t.kept
	if len(end) == tailBytes {
		_, end, _ = bytes.Cut(end, []byte("\n"))
	}
	return string(bytes.TrimSpace(end))
}
