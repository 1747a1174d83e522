package programtest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
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

// chunkReceiver keeps what arrives, as it arrived.
type chunkReceiver struct {
	// fails is asked about each request with a body: how often its chunk was there before. It
	// answers the request if it returns true; the chunk was not taken then.
	fails func(w http.ResponseWriter, chunk, before int) bool
	pause time.Duration // before each answer

	server *httptest.Server
	mu     sync.Mutex
	posts  []chunkPost // complete once it was stopped
}

// chunkPost is a request.
type chunkPost struct {
	run   string
	chunk int
	raw   []byte
	whole bool // not cut on the way
	taken bool
}

// start serves it, and returns the settings that deliver objects to it.
func (c *chunkReceiver) start(t *testing.T) []string {
	t.Helper()
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return []string{"objects.enabled=true", "deliver.http.url=" + c.server.URL, "deliver.http.kind=objects", "objects.chunk-bytes=64KiB"}
}

// stop waits for the requests that were given up.
func (c *chunkReceiver) stop() { c.server.Close() }

// ServeHTTP takes a chunk.
func (c *chunkReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	key := r.Header.Get("Idempotency-Key")
	name, number, _ := cutLast(key, "-")
	p := chunkPost{run: name}
	p.chunk, _ = strconv.Atoi(number) // 0 is no chunk, which is noticed
	var err error
	p.raw, err = io.ReadAll(r.Body)
	p.whole = err == nil
	time.Sleep(c.pause)
	c.mu.Lock()
	before := len(c.ofChunk(p.chunk))
	c.posts = append(c.posts, p)
	this := len(c.posts) - 1
	c.mu.Unlock()
	if c.fails != nil && c.fails(w, p.chunk, before) {
		return
	}
	c.mu.Lock()
	c.posts[this].taken = p.whole
	c.mu.Unlock()
}

func cutLast(text, at string) (before, after string, found bool) {
	i := strings.LastIndex(text, at)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(at):], true
}

// ofChunk are the requests with a chunk.
func (c *chunkReceiver) ofChunk(number int) (posts []chunkPost) {
	for _, p := range c.posts {
		if p.chunk == number {
			posts = append(posts, p)
		}
	}
	return posts
}

// held reads what was taken of a run, and returns how many objects it has and whether it claims to be whole.
func (c *chunkReceiver) held(t *testing.T, run string) (objects int, whole error) {
	t.Helper()
	fresh := 0
	all, err := saved.NewObjects(func(payload.Type, []byte) error {
		fresh++
		return nil
	})
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, p := range c.posts {
		if p.run != run || seen[p.chunk] || p.whole && !p.taken {
			continue
		}
		fresh = 0
		err := all.Read(bytes.NewReader(p.raw))
		if !p.whole {
			require.Error(t, err, "a chunk that was cut is none")
			continue
		}
		require.NoError(t, err)
		objects += fresh
		seen[p.chunk] = true
	}
	return objects, all.Whole()
}

// manyThings makes so many custom resources of 8 KB.
func manyThings(n int) string {
	numbers := strings.TrimSuffix(strings.Repeat("12345678,", 900), ",")
	items := make([]string, n)
	for i := range items {
		items[i] = thing(i, `},"spec":{"n":[`+numbers+`]}}`)
	}
	return strings.Join(items, ",")
}

const (
	things = 35 // of manyThings: five chunks of 64 KiB
	chunks = 5
)

// delivers is a run that delivers objects of a scripted server.
func delivers(kubeconfig string, settings []string, more ...string) call {
	args := []string{"-external", kubeconfig}
	for _, setting := range slices.Concat(settings, []string{"objects.types=things.example.com"}, more) {
		args = append(args, "-set", setting)
	}
	return call{args: append(args, "prod-1")}
}

// TestChunksThatFail are sent again as they were, or the receiver does not have the whole.
func TestChunksThatFail(t *testing.T) {
	t.Parallel()
	kubeconfig := (&scriptedServer{paths: customPaths(map[string]string{"things": manyThings(things)})}).serve(t)
	answer := func(status int, contentType, text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	cut := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	page := "<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>"
	for name, c := range map[string]struct {
		fails func(http.ResponseWriter)
		times int
		codes []int
		says  string
		set   []string
	}{
		"busy twice":    {fails: answer(http.StatusServiceUnavailable, "text/plain", "busy"), times: 2, codes: []int{0}},
		"cut once":      {fails: cut, times: 1, codes: []int{0}},
		"busy for ever": {fails: answer(http.StatusServiceUnavailable, "text/plain", "busy"), times: 1000, codes: []int{5}, says: "chunk 3 of 5", set: []string{"deadline=15s"}},
		"cut for ever":  {fails: cut, times: 1000, codes: []int{5}, says: "chunk 3 of 5", set: []string{"deadline=15s"}},
		"too large":     {fails: answer(http.StatusRequestEntityTooLarge, "text/html", "<html>413</html>"), times: 1000, codes: []int{4}, says: "objects.chunk-bytes"},
		"a login page":  {fails: answer(http.StatusOK, "text/html", page), times: 1000, codes: []int{4, 5}, says: "chunk 3 of 5", set: []string{"deadline=15s"}},
		"a way to a login": {fails: func(w http.ResponseWriter) {
			w.Header().Set("Location", "/login")
			answer(http.StatusFound, "text/html", page)(w)
		}, times: 1000, codes: []int{4, 5}, says: "chunk 3 of 5", set: []string{"deadline=15s"}},
		"refused":              {fails: answer(http.StatusForbidden, "text/plain", "no"), times: 1000, codes: []int{4}, says: "deliver.http.token"},
		"busy, without gzip":   {fails: answer(http.StatusServiceUnavailable, "text/plain", "busy"), times: 1, codes: []int{0}, set: []string{"deliver.http.compression=none"}},
		"from a file of spool": {fails: cut, times: 1, codes: []int{0}, set: []string{"spool.memory=0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			receiver := &chunkReceiver{fails: func(w http.ResponseWriter, chunk, before int) bool {
				if chunk != 3 || before >= c.times {
					return false
				}
				c.fails(w)
				return true
			}}
			got := run(t, delivers(kubeconfig, receiver.start(t), c.set...))
			receiver.stop()
			assert.Contains(t, c.codes, got.code, got.stderr)
			require.NotEmpty(t, receiver.posts)
			objects, whole := receiver.held(t, receiver.posts[0].run)
			tries := receiver.ofChunk(3)
			for _, p := range tries {
				require.Equal(t, tries[0].run, p.run)
				require.Equal(t, tries[0].raw, p.raw, "another try has the same bytes")
			}
			if got.code == 0 {
				require.NoError(t, whole)
				assert.Equal(t, things, objects)
				assert.Len(t, tries, c.times+1)
				assert.Len(t, receiver.posts, chunks+c.times, "no other chunk is sent twice")
				return
			}
			assert.Contains(t, got.summary.Reason, c.says)
			require.ErrorIs(t, whole, saved.ErrPartial)
		})
	}
}

// TestAnswerThatSaysLittle: k8s-collector is taken with 204 and nothing else.
func TestAnswerThatSaysLittle(t *testing.T) {
	t.Parallel()
	kubeconfig := (&scriptedServer{paths: customPaths(map[string]string{"things": manyThings(things)})}).serve(t)
	for status, code := range map[int]int{http.StatusNoContent: 0, http.StatusOK: 4} {
		receiver := &chunkReceiver{fails: func(w http.ResponseWriter, _, _ int) bool {
			w.WriteHeader(status)
			return true
		}}
		got := run(t, delivers(kubeconfig, receiver.start(t), "deliver.http.kind=k8s-collector", "deadline=15s"))
		assert.Equal(t, code, got.code, "%d: %s", status, got.stderr)
	}
}

// TestKilledRunsLeaveNoWhole: whenever a run is killed, what a receiver has of it claims to be whole only if it is.
// STOCKTAKE_KILLS says how many runs are killed.
func TestKilledRunsLeaveNoWhole(t *testing.T) {
	t.Parallel()
	kills := 10
	if more, err := strconv.Atoi(os.Getenv("STOCKTAKE_KILLS")); err == nil {
		kills = more
	}
	kubeconfig := (&scriptedServer{paths: customPaths(map[string]string{"things": manyThings(things)})}).serve(t)
	arrived := make(chan int, 100*(kills+chunks))
	receiver := &chunkReceiver{pause: 40 * time.Millisecond, fails: func(_ http.ResponseWriter, chunk, _ int) bool {
		arrived <- chunk
		return false
	}}
	c := delivers(kubeconfig, receiver.start(t))
	took := time.Hour
	for range 2 { // the first is slower
		begin := time.Now()
		got := run(t, c)
		took = min(took, time.Since(begin))
		require.Equal(t, 0, got.code, got.stderr)
	}
	for i := range kills { // spread over the whole of a run
		killedAfter(t, c, func() { time.Sleep(time.Duration((float64(i) + rand.Float64()) / float64(kills) * float64(took))) })
	}
	for len(arrived) > 0 {
		<-arrived
	}
	for chunk := 1; chunk <= chunks; chunk++ { // when it is there, however fast the machine is
		killedAfter(t, c, func() {
			for came := 0; came != chunk; came = <-arrived {
			}
		})
	}
	receiver.stop()
	runs := map[string]int{}
	for _, p := range receiver.posts {
		runs[p.run]++
	}
	held := map[int]int{}
	for run := range runs {
		objects, whole := receiver.held(t, run)
		require.Equal(t, objects == things, whole == nil, "%d objects: %v", objects, whole)
		held[objects]++
	}
	t.Logf("of %d runs that were killed within %s, receivers hold so many objects of so many: %v", kills+chunks, took, held)
	assert.GreaterOrEqual(t, len(held), 2, "some were killed while they delivered")
	sound := receiver.posts[0].raw
	for range 20 {
		all, err := saved.NewObjects(nil)
		require.NoError(t, err)
		require.Error(t, all.Read(bytes.NewReader(sound[:rand.IntN(len(sound))])), "a chunk that was cut")
		require.Error(t, all.Whole())
	}
}

// killedAfter runs the program, and kills it when the wait is over.
func killedAfter(t *testing.T, c call, wait func()) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), path, c.args...)
	cmd.Dir, cmd.Env = dir, c.environ(dir, newNote(t, dir))
	require.NoError(t, cmd.Start())
	wait()
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()         // as it was told to
}

// TestStoppedRunsSendNothing of what they have read so far.
func TestStoppedRunsSendNothing(t *testing.T) {
	t.Parallel()
	paths := customPaths(map[string]string{"things": manyThings(things), "zebras": manyThings(3)})
	started, last := make(chan struct{}), paths["/apis/example.com/v1/zebras"]
	var once sync.Once
	paths["/apis/example.com/v1/zebras"] = func(before int, r *http.Request) reply {
		once.Do(func() { close(started) })
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		return last(before, r)
	}
	kubeconfig := (&scriptedServer{paths: paths}).serve(t)
	receiver := &chunkReceiver{}
	c := delivers(kubeconfig, receiver.start(t), "objects.types=*.example.com", "objects.workers=1")
	c.during = func(p *os.Process) { <-started; _ = p.Signal(syscall.SIGTERM) }
	got := run(t, c)
	assert.Equal(t, 143, got.code, got.stderr)
	assert.Empty(t, receiver.posts)
}

// inventoryGrant is what an inventory takes.
var inventoryGrant = kubetest.Grant{Resources: []string{"pods", "namespaces", "nodes"}}

// TestObjectsThatFailKeepNoInventoryBack from Anchore, and the other way round.
func TestObjectsThatFailKeepNoInventoryBack(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	odd := faultproxy.New(t, cluster.Config())
	odd.Match = func(r *http.Request) bool {
		return r.URL.Path == "/api/v1/configmaps" && r.URL.Query().Get("limit") != "1"
	}
	odd.Script(faultproxy.Answer(http.StatusOK, "application/json",
		`{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a","namespace":"team-a","uid":"u"},"data":{"a":"1","a":"2"}}]}`))
	forbidden := proxied(t, cluster, func(r *http.Request) bool { return r.URL.Path != "/api/v1/configmaps" })
	for name, c := range map[string]struct {
		kubeconfig      string
		types           string
		refuses, anchor bool // the receiver of objects, and Anchore
		code            int
		says            string
	}{
		"an odd object":                   {kubeconfig: faultproxy.WriteKubeconfig(t, odd.Serve(t)), types: "configmaps", code: 6, says: "configmaps"},
		"a type that is forbidden":        {kubeconfig: forbidden, types: "configmaps", code: 3, says: "configmaps"},
		"a type whose right lacks":        {kubeconfig: cluster.KubeconfigFor(t, "objects-beside", inventoryGrant), types: "configmaps", code: 3, says: "configmaps"},
		"a receiver of objects refuses":   {kubeconfig: cluster.Kubeconfig(t), types: "namespaces", refuses: true, code: 4, says: "chunk 1 of"},
		"Anchore refuses, objects do not": {kubeconfig: cluster.Kubeconfig(t), types: "namespaces", anchor: true, code: 4, says: "403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			anchore, at := anchoretest.Start(t, receiverOptions())
			if c.anchor {
				anchore.FailNext(1, anchoretest.Fault{Status: http.StatusForbidden, Body: "no such right"})
			}
			receiver := &chunkReceiver{fails: func(w http.ResponseWriter, _, _ int) bool {
				if c.refuses {
					w.WriteHeader(http.StatusForbidden)
				}
				return c.refuses
			}}
			got := run(t, delivering(at, delivers(c.kubeconfig, receiver.start(t), "objects.types="+c.types)))
			assert.Equal(t, c.code, got.code, got.stderr)
			receiver.stop()
			assert.Contains(t, got.summary.Reason, c.says)
			if c.anchor {
				require.NotEmpty(t, receiver.posts)
				_, whole := receiver.held(t, receiver.posts[0].run)
				require.NoError(t, whole)
				return
			}
			assert.Equal(t, 1, accepted(anchore), "the inventory")
			assert.Empty(t, slices.DeleteFunc(receiver.posts, func(p chunkPost) bool { return !p.taken }), "no object")
		})
	}
}
