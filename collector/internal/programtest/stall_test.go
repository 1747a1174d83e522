package programtest_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"stocktake/collector"
	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
)

// patience is time enough to read a few thousand pods on a busy machine.
const patience = slowness * 5 * time.Second

// impatient makes a run in this process that has so much time, and requires that
// it takes all of it, no more, and leaves no goroutine behind.
func impatient(t *testing.T, environ []string, flags map[string]string) (collector.Code, string) {
	t.Helper()
	var log bytes.Buffer
	before := goleak.IgnoreCurrent()
	flags["deadline"], flags["cluster-id"] = patience.String(), "prod"
	began := time.Now()
	code := collector.Run(t.Context(), collector.Invocation{
		Flags: flags, Environ: append(environ, "ANCHORE_USER=robot", "ANCHORE_PASSWORD="+secret), Stdout: &log, Stderr: &log,
	})
	took := time.Since(began)
	require.NoError(t, goleak.Find(before, // what follows is the tests' own: the program serves nothing and speaks no HTTP/2 here
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"),
		goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*ClientConn).readLoop")))
	assert.GreaterOrEqual(t, took, patience, log.String())
	assert.Less(t, took, patience+time.Second, log.String())
	return code, log.String()
}

// TestDeadlineHoldsWithASlowReceiver covers a body that the network takes at once,
// so that the answer is waited for, and one that it takes bit by bit.
func TestDeadlineHoldsWithASlowReceiver(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedMany(t, 6_000, 20, 10)
	for name, c := range map[string]struct {
		bytesPerSecond int // half a minute for the whole
		compression    string
	}{
		"compressed": {30_000, "gzip"},
		"plain":      {200_000, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver, at := anchoretest.Start(t, receiverOptions())
			receiver.FailNext(1, anchoretest.Fault{Kind: anchoretest.Slow, BytesPerSecond: c.bytesPerSecond})
			code, log := impatient(t, []string{"ANCHORE_URL=" + at}, map[string]string{
				"kubeconfig.path": cluster.Kubeconfig(t), "anchore.http.compression": c.compression,
				"anchore.http.timeout-seconds": "60", // the deadline comes first
			})
			assert.Equal(t, collector.Code(124), code, log)
			assert.Equal(t, 1, attempts(receiver), "the receiver was reading")
			assert.Zero(t, accepted(receiver))
		})
	}
}

func TestDeadlineHoldsWhenTheAPIServerStallsWithinAPage(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedMany(t, 2_000, 4, 2)
	for _, inFlight := range []string{"1", "2"} {
		t.Run("pages in flight "+inFlight, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Script(slices.Repeat([]faultproxy.Fault{stallLaterPages}, 20)...)
			receiver, at := anchoretest.Start(t, receiverOptions())
			code, log := impatient(t, []string{"ANCHORE_URL=" + at}, map[string]string{
				"kubeconfig.path": faultproxy.WriteKubeconfig(t, proxy.Serve(t)), "kubernetes.pages-in-flight": inFlight,
			})
			assert.Equal(t, collector.Code(124), code, log)
			assert.Zero(t, attempts(receiver), "what was read in part is not sent")
		})
	}
}

// stallLaterPages lets everything through but the pages of pods after the first,
// which stop in the middle.
func stallLaterPages(next http.Handler) http.Handler {
	stalling := faultproxy.StallAfter(50_000)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/pods") && r.URL.Query().Get("continue") != "" {
			stalling.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
