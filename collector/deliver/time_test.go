package deliver

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

// The tests of this file run on the clock of a bubble (testing/synctest) with pipes in place of sockets, so that they
// can be exact about time and take none.

// inBubble returns a client of the shipped pace whose connections all lead to handler.
func inBubble(t *testing.T, handler http.Handler) *anchoreUnderTest {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	c := newClientOf(t, "http://anchore.test", nil)
	c.client.retry = patiently()
	c.client.HTTP.Transport.(*http.Transport).DialContext = l.dial //nolint:forcetypeassert // it is one
	return c
}

func receiverInBubble(t *testing.T, o anchoretest.Options) (*anchoretest.Receiver, *anchoreUnderTest) {
	t.Helper()
	r := anchoretest.New(o)
	c := inBubble(t, r)
	t.Cleanup(r.Close)
	return r, c
}

// pipes is a listener without a network.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), ours.Close(), theirs.Close())
	}
}

func TestDeliverHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]func() string{
		"seconds": func() string { return "7" },
		"date":    func() string { return time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, c := receiverInBubble(t, anchoretest.Options{})
				r.Fail(anchoretest.Fault{Status: 429, RetryAfter: value()})
				_, err := c.deliver(newBody(t, payload.Anchore, 1))
				require.NoError(t, err)
				all := posts(r)
				require.Len(t, all, 2)
				gap := all[1].Time.Sub(all[0].Time)
				assert.GreaterOrEqual(t, gap, 7*time.Second)
				assert.LessOrEqual(t, gap, 7*time.Second+c.client.retry.First)
				assert.GreaterOrEqual(t, c.events[0].Wait, 7*time.Second)
			})
		})
	}
}

func TestDeliverTriesUntilTheDeadline(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]anchoretest.Fault{"503": {Status: 503}, "cut": {Kind: anchoretest.Cut}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, c := receiverInBubble(t, anchoretest.Options{})
				r.FailNext(10_000, fault)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				receipt, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
				require.ErrorIs(t, err, ErrUnavailable)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "given up after ")
				assert.Greater(t, receipt.Attempts, 25)
				assert.Len(t, posts(r), receipt.Attempts)
				assert.LessOrEqual(t, receipt.Duration, 10*time.Minute)
				assert.Greater(t, receipt.Duration, 9*time.Minute)
			})
		})
	}
}

func TestDeliverGivesUpWhenTheDeadlineIsTooNear(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"in an hour": "3600", "never": "Fri, 31 Dec 9999 23:59:59 GMT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, c := receiverInBubble(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: 503, RetryAfter: value}}})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				receipt, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
				require.ErrorIs(t, err, ErrUnavailable)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "503 Service Unavailable")
				assert.Zero(t, receipt.Duration)
				assert.Len(t, posts(r), 1)
			})
		})
	}
}

func TestDeliverBlamesTheReceiverForADeadlineInALaterAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := receiverInBubble(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: 503}, {Kind: anchoretest.Hang}}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		receipt, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "given up after 2 attempts")
		assert.Equal(t, 5*time.Second, receipt.Duration)
	})
}

func TestDeliverLeavesADeadlineInTheFirstAttemptToTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := receiverInBubble(t, anchoretest.Options{Faults: []anchoretest.Fault{{Kind: anchoretest.Hang}}})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrUnavailable)
	})
}

func TestDeliverStopsWhenCalledOff(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]anchoretest.Fault{
		"in an attempt": {Kind: anchoretest.Hang}, "in a pause": {Status: 503, RetryAfter: "60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, c := receiverInBubble(t, anchoretest.Options{Faults: []anchoretest.Fault{fault}})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				receipt, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
				require.ErrorIs(t, err, context.Canceled)
				require.NotErrorIs(t, err, ErrUnavailable)
				assert.Equal(t, 3*time.Second, receipt.Duration)
			})
		})
	}
}

func TestDeliverWaitsTwiceAsLongAfterEachSilence(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]anchoretest.Fault{
		"after the body": {Kind: anchoretest.Hang}, "before it": {Kind: anchoretest.Hang, Early: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, c := receiverInBubble(t, anchoretest.Options{})
				r.FailNext(100, fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				_, err := c.Deliver(ctx, newBody(t, payload.Anchore, 1))
				require.ErrorIs(t, err, ErrUnavailable)
				require.GreaterOrEqual(t, len(c.events), 7)
				for i, patience := range []string{"10s", "20s", "40s", "1m20s", "2m40s", "5m0s", "5m0s"} {
					want := "no progress for " + patience + " (see anchore.http.timeout-seconds)"
					require.ErrorContains(t, c.events[i].Err, want)
				}
			})
		})
	}
}

// TestSendMindsSilenceOnly takes much longer than the patience of ten seconds, but never pauses for so long.
func TestSendMindsSilenceOnly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size  int
		serve http.HandlerFunc
	}{
		"long upload": {1 << 20, func(_ http.ResponseWriter, req *http.Request) {
			for range 16 {
				_, _ = io.CopyN(io.Discard, req.Body, 64<<10)
				time.Sleep(9 * time.Second)
			}
		}},
		"long answer": {1, func(w http.ResponseWriter, _ *http.Request) {
			for piece := range strings.SplitSeq(`[1 , 2 , 3 , 4 , 5 , 6]`, " ") {
				_, _ = io.WriteString(w, piece)
				_ = http.NewResponseController(w).Flush()
				time.Sleep(9 * time.Second)
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := inBubble(t, test.serve)
				began := time.Now()
				a, e := c.client.Do(t.Context(), transport.Request{
					Method: http.MethodPost, URL: c.client.base.String(), Content: transport.Bytes(make([]byte, test.size)),
				})
				require.Nil(t, e)
				assert.Equal(t, 1, a.Attempts)
				assert.Equal(t, int64(test.size), a.Sent)
				assert.Greater(t, time.Since(began), time.Minute)
			})
		})
	}
}

func TestPreflightGivesUpQuickly(t *testing.T) {
	t.Parallel()
	refused := func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
	for name, edit := range map[string]func(*http.Transport){
		"refused": func(transport *http.Transport) { transport.DialContext = refused },
		"503":     func(*http.Transport) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, c := receiverInBubble(t, anchoretest.Options{})
				r.FailNext(100, anchoretest.Fault{On: "/version", Status: 503})
				edit(c.client.HTTP.Transport.(*http.Transport)) //nolint:forcetypeassert // it is one
				began := time.Now()
				err := c.Preflight(t.Context())
				require.ErrorIs(t, err, ErrUnavailable)
				assert.LessOrEqual(t, time.Since(began), hurry)
				assert.GreaterOrEqual(t, len(c.messages()), 2)
			})
		})
	}
}

func TestPreflightWaitsForASlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(9 * time.Second)
			_, _ = io.WriteString(w, `{"api":{"version":"0.2.0"}}`)
		}))
		require.NoError(t, c.Preflight(t.Context()))
		assert.Equal(t, pathV1, c.path)
	})
}
