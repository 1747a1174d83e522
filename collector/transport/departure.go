package transport

import (
	"fmt"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"
)

// departure finds out whether the body of one attempt had left when the answer came. A receiver that says 201 as soon as
// it has the header, and closes, has taken nothing, although every byte may be "written": into the buffers of the
// system, here and there.
//
// Over HTTP/1 an answer to the whole body comes after the last byte was written, and in a segment that acknowledges that
// byte, because who has read it has received it. So it is proven that a receiver did not have the body if, at the first
// byte of the answer, something of the request was still to be written or is not acknowledged (Linux only), if a write
// met a reset connection, or if the connection is reset soon after (Linux only): a system resets what is closed with
// bytes in it that nobody read, or that gets bytes after it was closed. All of that is known only once the writing has
// ended: net/http writes the header by itself, and a receiver may answer it and close before the first byte of the body
// was written. Over HTTP/2 it is proven if the window of the receiver held something back until it
// answered.
//
// Not proven, and taken for success: that a receiver did anything with what it took; a body that fits into the
// receiver's buffers, some 64 KiB, if it answers without reading, says nothing more and does not close for grace; the
// same over HTTP/2, where the receiver's program always reads. If there are interim answers (100, 103), all this is looked
// at when the answer itself is there.
type departure struct {
	grace time.Duration // how long a reset is waited for

	mu      sync.Mutex
	conn    *earlyConn    // nil when it is not known
	shared  bool          // HTTP/2
	interim bool          // there were answers before the answer
	early   string        // why the answer is not one to the whole body
	wrote   chan struct{} // closed when net/http is done with writing
	err     error         // of writing, once that is closed
}

// resetGrace is how long a reset is usually waited for after the answer to a body: it is there already, or comes within a round
// trip. It is looked for every resetStep. writeGrace is for the end of writing a request that was answered.
const (
	resetGrace = 100 * time.Millisecond
	resetStep  = 2 * time.Millisecond
	writeGrace = time.Second
)

const stillToWrite = "the rest was still to be written"

// newDeparture follows one attempt, and waits so long for a reset after the answer.
func newDeparture(grace time.Duration) *departure {
	return &departure{grace: grace, wrote: make(chan struct{})}
}

// trace follows an attempt. It is called in the goroutine that reads the connection, before the answer is parsed.
func (d *departure) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:              d.begin,
		WroteRequest:         d.written,
		GotFirstResponseByte: d.answered,
		Got1xxResponse:       d.hinted,
	}
}

// begin forgets what was before: net/http follows a redirect, or replays a request on a new connection.
func (d *departure) begin(info httptrace.GotConnInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn, d.shared = earlyConnOf(info.Conn), speaksHTTP2(info.Conn)
	d.interim, d.early, d.err, d.wrote = false, "", nil, make(chan struct{})
}

func (d *departure) written(info httptrace.WroteRequestInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = info.Err
	if !isClosed(d.wrote) {
		close(d.wrote)
	}
}

func (d *departure) answered() {
	d.mu.Lock()
	conn, shared, wrote := d.conn, d.shared, d.wrote
	d.mu.Unlock()
	if conn == nil || shared {
		return
	}
	early := conn.early(wrote, d.grace)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.early = early
}

func (d *departure) hinted(int, textproto.MIMEHeader) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.interim = true
	return nil
}

// early says why what is being answered cannot be the whole request, empty when it can. It waits for the end of writing,
// so that what it looks at afterwards is what became of the last byte.
func (c *earlyConn) early(wrote <-chan struct{}, grace time.Duration) string {
	begun := c.begun.Load()
	for waited := time.Duration(0); ; waited += resetStep {
		done := isClosed(wrote) // before the state, which then counts every byte
		now, known := c.state()
		switch {
		case c.lost.Load(), now.reset:
			return "the connection was reset"
		case known && now.unsent > 0:
			return fmt.Sprintf("the last %d bytes were still on the way", now.unsent)
		case c.begun.Load() > begun, !done && waited >= writeGrace:
			return stillToWrite
		case done && (!known || now.ended || waited >= grace):
			return ""
		}
		time.Sleep(resetStep)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// fault says why an answer of success is not one to the whole body, empty when it may be.
func (d *departure) fault() string {
	d.mu.Lock()
	conn, wrote, early, interim := d.conn, d.wrote, d.early, d.interim && !d.shared
	d.mu.Unlock()
	if interim && conn != nil { // what was first looked at was not the answer
		early = conn.early(wrote, d.grace)
	}
	switch {
	case conn == nil:
		return "" // not one of our connections
	case early != "":
		return early
	case conn.lost.Load():
		return "the connection was reset"
	}
	select {
	case <-wrote:
	case <-time.After(writeGrace):
		return stillToWrite
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return "the rest was not written: " + d.err.Error()
	}
	return ""
}
