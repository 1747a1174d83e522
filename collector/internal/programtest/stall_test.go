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
	"stocktake/collector/internal/kubetest"
)

// inTime is the most that a run may take beyond its deadline, on a busy machine.
const inTime = slowness * 20 * time.Second

// deadlineHolds makes runs in this process that have so much time, beside each other. Each
// must take all of it and no more, and none may leave a goroutine behind.
func deadlineHolds(t *testing.T, cluster *kubetest.Cluster) {
	t.Helper()
	run, began := whole(t, cluster), time.Now()
	run()
	patience := max(15*time.Second, 10*time.Since(began)) // enough to read all on this machine
	before := goleak.IgnoreCurrent()
	t.Run("runs", func(t *testing.T) {
		for name, set := range map[string]func(*impatient){
			"the receiver is slow, and the network takes the body at once": slowReceiver(5_000, "gzip"), // a minute and a half for the whole
			"the receiver is slow, and the network takes it bit by bit":    slowReceiver(30_000, "none"),
			"the API server stalls within a page":                          stallingServer("1"),
			"the API server stalls within two pages":                       stallingServer("2"),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				newImpatient(t, cluster, patience, set).run()
			})
		}
	})
	require.NoError(t, goleak.Find(before, // what follows is the tests' own: the program serves nothing and speaks no HTTP/2 here
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"),
		goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*ClientConn).readLoop")))
}

// impatient is one of these runs.
type impatient struct {
	*testing.T
	cluster  *kubetest.Cluster
	receiver *anchoretest.Receiver
	environ  []string
	flags    map[string]string
	patience time.Duration
	attempts int // to deliver
}

func newImpatient(t *testing.T, cluster *kubetest.Cluster, patience time.Duration, set func(*impatient)) *impatient {
	t.Helper()
	receiver, at := anchoretest.Start(t, receiverOptions())
	i := &impatient{T: t, cluster: cluster, receiver: receiver, patience: patience}
	i.environ = []string{"ANCHORE_URL=" + at, "ANCHORE_USER=robot", "ANCHORE_PASSWORD=" + secret}
	i.flags = map[string]string{"deadline": patience.String(), "cluster-id": "prod", "kubeconfig.path": cluster.Kubeconfig(t)}
	set(i)
	return i
}

func (i *impatient) run() {
	i.Helper()
	var log bytes.Buffer
	began := time.Now()
	code := collector.Run(i.Context(), collector.Invocation{Environ: i.environ, Flags: i.flags, Stdout: &log, Stderr: &log})
	took := time.Since(began)
	assert.Equal(i, collector.Code(124), code, log.String())
	assert.GreaterOrEqual(i, took, i.patience, log.String())
	assert.Less(i, took, i.patience+inTime, log.String())
	assert.Equal(i, i.attempts, attempts(i.receiver), "the receiver reads once, and nothing is sent of what was read in part")
	assert.Zero(i, accepted(i.receiver))
}

// slowReceiver covers a body that the network takes at once, so that the answer is waited
// for, and one that it takes bit by bit.
func slowReceiver(bytesPerSecond int, compression string) func(*impatient) {
	return func(i *impatient) {
		i.attempts = 1
		i.receiver.FailNext(1, anchoretest.Fault{Kind: anchoretest.Slow, BytesPerSecond: bytesPerSecond / slowness})
		i.flags["anchore.http.compression"] = compression
		i.flags["anchore.http.timeout-seconds"] = "600" // the deadline comes first
	}
}

func stallingServer(pagesInFlight string) func(*impatient) {
	return func(i *impatient) {
		proxy := faultproxy.New(i, i.cluster.Config())
		proxy.Script(slices.Repeat([]faultproxy.Fault{stallLaterPages}, 20)...)
		i.flags["kubeconfig.path"] = faultproxy.WriteKubeconfig(i, proxy.Serve(i))
		i.flags["kubernetes.pages-in-flight"] = pagesInFlight
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
