package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/clustertest"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

// fiveChunks are those of a run of some 200 KB.
func fiveChunks(t testing.TB, kind payload.Kind) []*payload.Body {
	t.Helper()
	head := payload.Head{Cluster: "prod-1", Run: "RUN", Time: time.Unix(1_780_000_000, 0)}
	w, err := payload.NewObjectWriter(kind, head, payload.ObjectOptions{ChunkBytes: 64 << 10}, payload.Options{SpoolMemory: 10_000, SpoolDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(w.Discard)
	typ, err := w.Open(payload.Type{Version: "v1", Resource: "pods", Kind: "Pod", Namespaced: true})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2)) // the same in every run
	for n := range 20 {
		var noise strings.Builder
		for noise.Len() < 14_000 {
			fmt.Fprintf(&noise, "%016x", random.Uint64())
		}
		require.NoError(t, typ.Object(fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-%d"},"noise":%q}`, n, noise.String())))
	}
	typ.Keep()
	require.NoError(t, typ.End(payload.TypeEnd{State: payload.Complete, Level: "full"}))
	bodies, err := w.Close("", time.Unix(1_780_000_060, 0))
	require.NoError(t, err)
	require.Len(t, bodies, 5)
	return bodies
}

// intake is a service that takes chunks of objects and is strict: each has the key of its run
// and number and the length that was announced, none comes before the first was taken or
// when it is there already, and it is the same bytes when it comes again. It fails as it is told.
type intake struct {
	t       *testing.T
	objects *saved.Objects
	fails   map[int][]http.HandlerFunc // by chunk, one for each attempt

	mu       sync.Mutex
	taken    map[int]bool
	attempts map[string]int
	sums     map[string][sha256.Size]byte
}

func startIntake(t *testing.T, fails map[int][]http.HandlerFunc) (*intake, string) {
	t.Helper()
	objects, err := saved.NewObjects(nil)
	require.NoError(t, err)
	in := &intake{t: t, objects: objects, fails: fails, taken: map[int]bool{}, attempts: map[string]int{}, sums: map[string][sha256.Size]byte{}}
	server := httptest.NewServer(in)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return in, server.URL
}

func (in *intake) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // whoever sent it gave up
	}
	fail := in.take(req, body)
	fail(w, req)
}

// take notes what came, and returns the answer to it.
func (in *intake) take(req *http.Request, body []byte) http.HandlerFunc {
	in.mu.Lock()
	defer in.mu.Unlock()
	key := req.Header.Get("Idempotency-Key")
	chunk, err := strconv.Atoi(strings.TrimPrefix(key, "RUN-"))
	if err != nil {
		in.t.Errorf("the key is %q", key)
	}
	assert.True(in.t, chunk == 1 || in.taken[1], "chunk %d came before the first was taken", chunk)
	assert.False(in.t, in.taken[chunk], "chunk %d came again", chunk)
	assert.Equal(in.t, "application/x-ndjson", req.Header.Get("Content-Type"))
	assert.Equal(in.t, "gzip", req.Header.Get("Content-Encoding"))
	assert.Equal(in.t, req.ContentLength, int64(len(body)))
	sum := sha256.Sum256(body)
	if before, again := in.sums[key]; again {
		assert.Equal(in.t, before, sum, "other bytes when it came again")
	}
	in.sums[key] = sum
	in.attempts[key]++
	if fails := in.fails[chunk]; len(fails) > 0 {
		in.fails[chunk] = fails[1:]
		return fails[0]
	}
	if err := in.objects.Read(bytes.NewReader(body)); err != nil {
		return says(http.StatusBadRequest, err.Error())
	}
	in.taken[chunk] = true
	return says(http.StatusAccepted, "")
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cut closes the connection in place of an answer.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func forChunks(o *HTTPOptions) { o.Kind = string(payload.Objects) }

func TestHTTPDeliversChunks(t *testing.T) {
	t.Parallel()
	in, url := startIntake(t, map[int][]http.HandlerFunc{
		1: {says(429, "")},
		3: {says(503, ""), cut, says(502, "<html>bad gateway</html>"), cut},
		5: {cut},
	})
	chunks := fiveChunks(t, payload.Objects)
	receipts, err := newHTTPOf(t, url, forChunks).DeliverChunks(t.Context(), chunks)
	require.NoError(t, err)
	require.NoError(t, in.objects.Whole())
	require.Len(t, receipts, 5)
	for i, attempts := range []int{2, 1, 5, 1, 2} {
		assert.LessOrEqual(t, receipts[i].Attempts, attempts, "net/http repeats what has a key by itself when an old connection breaks")
		assert.Equal(t, attempts, in.attempts[chunks[i].Key])
		assert.Equal(t, chunks[i].GzipSize(), receipts[i].Bytes)
		assert.Equal(t, http.StatusAccepted, receipts[i].Status)
	}
}

// Whatever keeps a chunk from being taken, the receiver does not have the whole, and the error
// says whose move it is. After the first chunk, which goes alone, nothing else is sent.
func TestHTTPStopsAtAChunkThatIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fails []http.HandlerFunc
		kind  error
		says  string
	}{
		"too large":       {[]http.HandlerFunc{says(413, "")}, ErrRefused, "set objects.chunk-bytes"},
		"login page":      {[]http.HandlerFunc{says(200, "<html>Sign in</html>")}, ErrRefused, "deliver.http.url"},
		"redirect":        {[]http.HandlerFunc{says(302, "")}, ErrRefused, "302"},
		"unauthorized":    {[]http.HandlerFunc{says(401, "")}, ErrRefused, "deliver.http.token"},
		"conflict":        {[]http.HandlerFunc{says(503, ""), says(409, `{"error":"no such run"}`)}, ErrRefused, "no such run"},
		"unavailable":     {slicesOf(says(503, ""), 1000), ErrUnavailable, "503"},
		"cut, again, cut": {slicesOf(cut, 1000), ErrUnavailable, "closed before an answer"},
	} {
		for _, chunk := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, chunk %d", name, chunk), func(t *testing.T) {
				t.Parallel()
				in, url := startIntake(t, map[int][]http.HandlerFunc{chunk: test.fails})
				h := newHTTPOf(t, url, forChunks)
				if errors.Is(test.kind, ErrUnavailable) {
					h.client.retry.Within = 200 * time.Millisecond
				}
				receipts, err := h.DeliverChunks(t.Context(), fiveChunks(t, payload.Objects))
				require.ErrorIs(t, err, test.kind)
				require.ErrorContains(t, err, fmt.Sprintf("chunk %d of 5: ", chunk))
				require.ErrorContains(t, err, test.says)
				in.mu.Lock()
				defer in.mu.Unlock()
				assert.False(t, in.taken[chunk])
				require.ErrorIs(t, in.objects.Whole(), saved.ErrPartial)
				assert.GreaterOrEqual(t, len(receipts), len(in.sums), "a receipt of whatever was tried")
				if chunk == 1 {
					assert.Len(t, in.sums, 1, "only the first was sent")
					assert.Len(t, receipts, 1)
				}
			})
		}
	}
}

// What is under way is given up with the one that failed, and what was not begun never is.
func TestHTTPGivesUpTheChunksBesideOneThatIsNotTaken(t *testing.T) {
	t.Parallel()
	const chunks = 40
	var begun, waiting atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		begun.Add(1)
		switch {
		case strings.HasSuffix(req.Header.Get("Idempotency-Key"), "-1"):
			w.WriteHeader(http.StatusAccepted)
		case waiting.Add(1) == atOnce:
			http.Error(w, "no", http.StatusForbidden)
		default:
			<-req.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	all := slices.Repeat(fiveChunks(t, payload.Objects), chunks/5)
	bodies := make([]*payload.Body, chunks)
	for i, body := range all {
		numbered := *body
		numbered.Chunk, numbered.Chunks, numbered.Key = i+1, chunks, fmt.Sprintf("RUN-%d", i+1)
		bodies[i] = &numbered
	}
	receipts, err := newHTTPOf(t, server.URL, forChunks).DeliverChunks(t.Context(), bodies)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "of 40: ")
	assert.Len(t, receipts, 1+atOnce)
	assert.EqualValues(t, 1+atOnce, begun.Load())
}

func slicesOf(f http.HandlerFunc, n int) []http.HandlerFunc {
	all := make([]http.HandlerFunc, n)
	for i := range all {
		all[i] = f
	}
	return all
}

// The README of Infralight's collector asks for 204 and nothing else.
func TestHTTPWants204ForK8sCollector(t *testing.T) {
	t.Parallel()
	chunks := fiveChunks(t, payload.K8sCollector)
	for status, ok := range map[int]bool{204: true, 200: false, 202: false} {
		answers := make([]func(http.ResponseWriter), 6)
		for i := range answers {
			answers[i] = answering(status, "")
		}
		answers[0] = answering(415, "") // gzip unless it is refused
		hook, url := startWebhook(t, answers...)
		h := newHTTPOf(t, url, func(o *HTTPOptions) { o.Kind = string(payload.K8sCollector) })
		_, err := h.DeliverChunks(t.Context(), chunks)
		if !ok {
			require.ErrorIs(t, err, ErrRefused)
			continue
		}
		require.NoError(t, err)
		all := hook.seen()
		require.Len(t, all, 6)
		assert.Equal(t, "gzip", all[0].header.Get("Content-Encoding"))
		assert.Equal(t, "application/json", all[1].header.Get("Content-Type"))
		var want, got []string
		for i, chunk := range chunks {
			assert.Empty(t, all[i+1].header.Get("Content-Encoding"))
			want = append(want, string(clustertest.ReadAll(t, chunk.Plain())))
			got = append(got, all[i+1].body)
		}
		slices.Sort(want)
		slices.Sort(got)
		assert.True(t, slices.Equal(want, got), "five chunks, each as it is")
	}
}

func TestFileHoldsAllChunksOrNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"objects.ndjson", "objects.ndjson.gz"} {
		folder := t.TempDir()
		f, err := NewFile(FileOptions{Path: filepath.Join(folder, name), Kind: string(payload.Objects), Compression: auto})
		require.NoError(t, err)
		chunks := fiveChunks(t, payload.Objects)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = f.DeliverChunks(ended, chunks)
		require.ErrorIs(t, err, context.Canceled)
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Empty(t, entries)

		f, err = NewFile(f.options)
		require.NoError(t, err)
		receipts, err := f.DeliverChunks(t.Context(), chunks)
		require.NoError(t, err)
		require.Len(t, receipts, 1)
		text, err := os.ReadFile(receipts[0].Receiver)
		require.NoError(t, err)
		assert.Equal(t, int64(len(text)), receipts[0].Bytes)
		o, err := saved.NewObjects(nil)
		require.NoError(t, err)
		require.NoError(t, o.Read(bytes.NewReader(text)))
		require.NoError(t, o.Whole())
	}
}

func TestPrintWritesChunksAsTheyAre(t *testing.T) {
	t.Parallel()
	var printed, want bytes.Buffer
	for _, chunk := range fiveChunks(t, payload.Objects) {
		require.NoError(t, Print(&printed, chunk))
		want.Write(clustertest.ReadAll(t, chunk.Plain()))
	}
	assert.Equal(t, want.String(), printed.String())
}

func TestHTTPKeepsTheKeyOfChunksToItself(t *testing.T) {
	t.Parallel()
	o := httpOptions("https://hooks.example.com/in")
	o.Header = "idempotency-key: mine"
	_, err := NewHTTP(o, testAgent, nil)
	require.NoError(t, err)
	forChunks(&o)
	_, err = NewHTTP(o, testAgent, nil)
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.ErrorContains(t, err, "Idempotency-Key is set by what is sent")
}
