package programtest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestListOfAHostileServiceKeepsToItsMemory whatever an answer unpacks to: items of
// the cluster again and again, those of others, or new ones without an end; the last
// is large and honest.
func TestListOfAHostileServiceKeepsToItsMemory(t *testing.T) {
	t.Parallel()
	const digest = "a3b1c9d2e4f60718a3b1c9d2e4f60718a3b1c9d2e4f60718a3b1c9d2e4f60718"
	item := func(context, image string) string {
		return `,{"account_name":"admin","context":"` + context + `","inventory_type":"kubernetes","image_tag":"` + image + `","image_digest":"sha256:` + digest + `"}`
	}
	ours, theirs := strings.Repeat(item("prod/a", "x/y:1"), 5000), strings.Repeat(item("other/a", "x/y:1"), 5000)
	var fresh, honest strings.Builder
	fresh.Grow(64 << 20)
	honest.Grow(64 << 20)
	for n := range 250_000 {
		fresh.WriteString(item("prod/a", fmt.Sprint("x/", n)))
		honest.WriteString(item(fmt.Sprint("other-", n), fmt.Sprint("x/", n*7919)))
	}
	for name, test := range map[string]struct {
		items string
		again int // how often they come
		code  int
		says  string
		peak  int // in MiB
	}{
		"ours again":       {ours, 1700, 4, "repeats the same items", 96},
		"those of another": {theirs, 1700, 4, "more than 200 times its size", 96},
		"new ones":         {fresh.String(), 1, 4, "more than 64 MiB", 300},
		"honest":           {honest.String(), 1, 0, "No images of cluster prod", 96},
	} {
		t.Run(name, func(t *testing.T) {
			at := listingService(t, packedList(t, test.items, test.again))
			began := time.Now()
			var memory <-chan int64
			got := run(t, delivering(at, call{args: []string{"list", "-o", "table"}, during: func(p *os.Process) { memory = highWater(p) }}))
			assert.Equal(t, test.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, test.says)
			used := <-memory
			assert.Positive(t, used)
			assert.Less(t, used, int64(test.peak)<<20, "bytes of memory at most")
			assert.Less(t, time.Since(began), time.Minute)
			t.Logf("%d MiB of memory, %.1f s", used>>20, time.Since(began).Seconds())
		})
	}
}

// packedList is a list in gzip. Of items that come again only one block is packed,
// which gzip allows: a file is one member after the other.
func packedList(t *testing.T, items string, again int) []byte {
	t.Helper()
	level := gzip.BestSpeed
	if again > 1 {
		level = gzip.BestCompression // as small as it gets
	}
	member := func(texts ...string) []byte {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, level)
		require.NoError(t, err)
		for _, text := range texts {
			_, err = io.WriteString(w, text)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return packed.Bytes()
	}
	first, rest, _ := strings.Cut(items[1:], "},")
	list := member(`{"items":[`, first, "}")
	block := member(",", rest)
	for range again {
		list = append(list, block...)
	}
	return append(list, member("]}")...)
}

// listingService answers every list with the same bytes of gzip.
func listingService(t *testing.T, list []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/version") {
			_, _ = io.WriteString(w, `{"api":{"version":"2"}}`)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(list)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
