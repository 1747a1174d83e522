package programtest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/payload"
)

// inEtcd writes objects where an API server has them, which is quicker than to ask it to.
func inEtcd(t *testing.T, cluster *kubetest.Cluster, method string, request any) {
	t.Helper()
	text, err := json.Marshal(request)
	require.NoError(t, err)
	resp, err := http.Post(cluster.EtcdURL()+"/v3/kv/"+method, "application/json", bytes.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// pair is a key of etcd with a value, or the end of a range of keys.
type pair struct {
	Key   []byte `json:"key"`
	End   []byte `json:"range_end,omitempty"`
	Value []byte `json:"value,omitempty"`
}

// store writes objects below a prefix by their names, many at once, until the end of the test.
func store(t *testing.T, cluster *kubetest.Cluster, prefix string, objects map[string]string) {
	t.Helper()
	t.Cleanup(func() {
		inEtcd(t, cluster, "deleterange", pair{Key: []byte(prefix + "/"), End: []byte(prefix + "0")})
	})
	var puts []any
	for name, value := range objects {
		puts = append(puts, map[string]any{"request_put": pair{Key: []byte(prefix + "/" + name), Value: []byte(value)}})
	}
	for ; len(puts) > 100; puts = puts[100:] {
		inEtcd(t, cluster, "txn", map[string]any{"success": puts[:100]})
	}
	inEtcd(t, cluster, "txn", map[string]any{"success": puts})
}

const (
	gadgets  = 3000
	releases = 20 // of three revisions each
)

// seedLarge fills a cluster with custom resources, a large one among them, and releases of Helm, some of 0.9 MB a revision.
func seedLarge(t *testing.T, cluster *kubetest.Cluster, api rest.Interface) {
	t.Helper()
	t.Cleanup(func() { // after the gadgets, which an API server would delete one by one
		require.NoError(t, api.Delete().AbsPath(definitions+"/gadgets.example.com").Do(context.WithoutCancel(t.Context())).Error())
	})
	post(t, api, definitions, strings.Replace(definition("gadgets", "Gadget"), `"kind":"Gadget"`, `"kind":"Gadget","listKind":"GadgetCollection"`, 1))
	require.Eventually(t, func() bool { return api.Get().AbsPath("/apis/example.com/v1/gadgets").Do(t.Context()).Error() == nil }, time.Minute, 20*time.Millisecond)
	all := map[string]string{}
	for n := range gadgets {
		all[fmt.Sprintf("g%04d", n)] = gadget(fmt.Sprintf("g%04d", n), "small")
	}
	const below = "/registry/example.com/gadgets/rich"
	store(t, cluster, below, all)
	store(t, cluster, below, map[string]string{"huge": gadget("huge", strings.Repeat("x", 1_400_000))})
	small, large := shopRecord(30_000), shopRecord(510_000)
	for n := range releases {
		for revision := range 3 {
			record, release := small, fmt.Sprintf("shop-%02d", n)
			if n%5 == 0 {
				record = large
			}
			name := fmt.Sprintf("sh.helm.release.v1.%s.v%d", release, revision+1)
			secret := helmSecret(t, name, release, revision+1, []string{"superseded", "superseded", "deployed"}[revision], record)
			require.Equal(t, n%5 == 0, len(secret) > 900_000)
			store(t, cluster, "/registry/secrets/rich", map[string]string{name: secret})
		}
	}
	require.Eventually(t, func() bool {
		return len(listedUIDs(t, api, gadgetType())) == gadgets+1 && len(listedUIDs(t, api, payload.TypeRecord{Type: payload.Type{Version: "v1", Resource: "namespaces/rich/secrets"}})) == 3*releases
	}, time.Minute, 200*time.Millisecond)
}

// shopRecord is a record of Helm with values that nothing compresses.
func shopRecord(length int) string {
	values := make([]byte, length)
	for i := range values {
		values[i] = byte(rand.Uint32())
	}
	return fmt.Sprintf(`{"config":{"blob":%q},"chart":{"metadata":{"name":"shop","version":"1"}},"manifest":"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"}`, base64.StdEncoding.EncodeToString(values))
}

func gadget(name, text string) string {
	return fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":%q,"namespace":"rich","uid":%q,"creationTimestamp":"2026-01-01T00:00:00Z","generation":1},"spec":{"text":%q,"size":[1,2,3]}}`,
		name, kubetest.UID("rich", name), text)
}

func gadgetType() payload.TypeRecord {
	return payload.TypeRecord{Type: payload.Type{Group: "example.com", Version: "v1", Resource: "gadgets"}}
}

// TestLargeObjectsTakeLittleMemory, also with a kind of list that nobody would guess.
func TestLargeObjectsTakeLittleMemory(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	cluster.SeedNamespaces(t, "rich")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	seedLarge(t, cluster, client.RESTClient())
	bodies := filepath.Join(t.TempDir(), "objects.ndjson")
	args := []string{"-external", cluster.Kubeconfig(t)}
	for _, setting := range []string{"objects.enabled=true", "objects.add-types=secrets,*.example.com", "objects.full=gadgets.example.com", "objects.helm=chart", "objects.owners=true",
		"deliver.file.kind=objects", "deliver.file.path=" + bodies} {
		args = append(args, "-set", setting)
	}
	var memory <-chan int64
	got := run(t, call{args: append(args, "prod-1"), during: func(p *os.Process) { memory = highWater(p) }})
	require.Equal(t, 0, got.code, got.stderr)
	used := <-memory
	t.Logf("%d MB of memory", used>>20)
	assert.Less(t, used, int64(slowness*64<<20), "bytes of memory")
	assert.Greater(t, used, int64(10<<20), "what no program of Go does without")
	text, err := os.ReadFile(bodies)
	require.NoError(t, err)
	all := readObjects(t, string(text))
	assert.ElementsMatch(t, listedUIDs(t, client.RESTClient(), gadgetType()), all.uids["gadgets.example.com"])
	assert.Len(t, all.uids["secrets"], 3*releases)
	assert.Equal(t, releases, strings.Count(string(text), `"chart":{"name":"shop","version":"1","objects":[{"apiVersion":"v1","kind":"Service","name":"web"}]}`)/2, "of the latest revision and of the deployed one")
}

// TestObjectsThroughTroubleComeOnce: a token that expires makes a type mixed, an API server that restarts nothing.
func TestObjectsThroughTroubleComeOnce(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	cluster.SeedMany(t, 600, 3, 2)
	for name, c := range map[string]struct {
		trouble func(testing.TB)
		moment  string
	}{
		"a token expires":          {cluster.Compact, "mixed"},
		"the API server restarted": {cluster.RestartAPIServer, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var once sync.Once
			kubeconfig := proxied(t, cluster, func(r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/pods") && r.URL.Query().Get("continue") != "" {
					once.Do(func() { c.trouble(t) })
				}
				return true
			})
			got := run(t, printsObjects(kubeconfig, "objects.types=pods,nodes,namespaces", "kubernetes.request-batch-size=100"))
			require.Equal(t, 0, got.code, got.stderr)
			all := readObjects(t, got.stdout)
			pods := all.types["pods"]
			assert.Equal(t, payload.Complete, pods.State)
			assert.Len(t, all.uids["pods"], 600)
			assert.ElementsMatch(t, uidsOf(t, cluster, pods), all.uids["pods"])
			if c.moment != "" {
				assert.Equal(t, c.moment, string(pods.Consistency))
			}
		})
	}
}

func uidsOf(t *testing.T, cluster *kubetest.Cluster, of payload.TypeRecord) []string {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	return listedUIDs(t, client.RESTClient(), of)
}
