package deliver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"stocktake/collector/image"
	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const (
	testUser     = "robot"
	testPassword = "s3cret: #1"
	testAgent    = "stocktake/1.2.3"
)

var testUsers = map[string]string{testUser: testPassword}

// anchoreUnderTest is an Anchore under test with what it told.
type anchoreUnderTest struct {
	*Anchore
	t      *testing.T
	mu     sync.Mutex
	events []Event
}

// newClientOf returns an Anchore in a hurry; edit changes the settings first.
func newClientOf(t *testing.T, url string, edit func(*AnchoreOptions)) *anchoreUnderTest {
	t.Helper()
	o := options(url)
	if edit != nil {
		edit(&o)
	}
	c := &anchoreUnderTest{t: t}
	a, err := NewAnchore(o, testAgent, c.hear)
	require.NoError(t, err)
	a.client.retry = transport.RetryPolicy{First: time.Millisecond, Most: 5 * time.Millisecond}
	t.Cleanup(a.Close)
	c.Anchore = a
	return c
}

func options(url string) AnchoreOptions {
	return AnchoreOptions{
		URL: url, User: testUser, Password: testPassword, Account: "admin",
		APIVersion: auto, Compression: auto, TimeoutSeconds: 10,
	}
}

// hear notes events, but for the warning that receivers of tests have no TLS.
func (c *anchoreUnderTest) hear(e Event) {
	if strings.Contains(e.Message, "begins with http://") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
	assertNoSecret(c.t, fmt.Sprintf("%+v %v", e, e.Err))
}

func (c *anchoreUnderTest) messages() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, e := range c.events {
		all = append(all, e.Message)
	}
	return all
}

// deliver delivers and looks for secrets in what comes of it.
func (c *anchoreUnderTest) deliver(body *payload.Body) (Receipt, error) {
	c.t.Helper()
	r, err := c.Deliver(c.t.Context(), body)
	if err != nil {
		assertNoSecret(c.t, fmt.Sprintf("%v %+v", err, err))
	}
	return r, err
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testPassword, "s3cret", "czNjcmV0"} {
		assert.NotContains(t, text, secret)
	}
}

// newBody returns a body of so many pods that a Receiver accepts.
func newBody(t testing.TB, kind payload.Kind, pods int) *payload.Body {
	t.Helper()
	return routedBody(t, kind, pods, nil)
}

func routedBody(t testing.TB, kind payload.Kind, pods int, accounts []string) *payload.Body {
	t.Helper()
	head := payload.Head{
		Cluster:    "prod-1",
		Time:       time.Date(2024, 5, 3, 12, 34, 13, 0, time.UTC),
		Namespaces: []inventory.Namespace{{Name: "team-a", UID: uid(1)}},
	}
	if accounts != nil {
		head.Route = func(inventory.Namespace) []string { return accounts }
	}
	b, err := payload.New(kind, head, payload.Options{SpoolMemory: 64 << 20, SpoolDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(b.Discard)
	for i := range pods {
		require.NoError(t, b.Pod(pod(i)))
	}
	require.NoError(t, b.End("team-a", nil))
	bodies, err := b.Close(inventory.Outcome{Complete: true})
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	return bodies[0]
}

func pod(i int) *inventory.Pod {
	name := fmt.Sprintf("api-%d", i)
	sum := sha256.Sum256([]byte(name))
	return &inventory.Pod{
		Namespace: "team-a", Name: name, UID: uid(1000 + i), Phase: inventory.Running,
		Containers: []inventory.Container{{
			Kind: inventory.Regular, Name: "api", ID: "containerd://" + hex.EncodeToString(sum[:]),
			Image: image.Resolve("docker.io/acme/gzip:1.2", "", "docker.io/acme/gzip@sha256:"+hex.EncodeToString(sum[:])),
		}},
	}
}

func uid(n int) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n)
}

// posts are the requests with a body.
func posts(r *anchoretest.Receiver) []anchoretest.Request {
	return slices.DeleteFunc(r.Requests(), func(q anchoretest.Request) bool { return q.Method != "POST" })
}

func plainText(t *testing.T, body *payload.Body) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, Print(&b, body))
	return strings.TrimSuffix(b.String(), "\n")
}
