package programtest_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/programs"
)

// pod is the pod of a CI job: the service account of the cluster that it runs in is
// mounted, and its home folder may hold a kubeconfig for another.
type pod struct {
	home    string
	env     []string
	program string        // finds the service account of the pod
	asked   *atomic.Int32 // how often the pod's own API server was asked
}

// inAPod gives the program a service account.
func inAPod(t *testing.T) *pod {
	t.Helper()
	p := &pod{home: t.TempDir(), asked: new(atomic.Int32)}
	own := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		assert.Equal(t, "Bearer own-token", r.Header.Get("Authorization"))
		http.Error(w, "the pod's own cluster", http.StatusForbidden)
	}))
	t.Cleanup(own.Close)
	at, err := url.Parse(own.URL)
	require.NoError(t, err)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate().Raw})
	p.program = programWithAccount(t, map[string]string{"token": "own-token\n", "ca.crt": string(ca)})
	p.env = []string{"HOME=" + p.home, "KUBERNETES_SERVICE_HOST=" + at.Hostname(), "KUBERNETES_SERVICE_PORT=" + at.Port()}
	return p
}

// accountFolder is where Kubernetes mounts a service account, and where client-go has it
// in its code. Only root may write there.
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

// programWithAccount is the program with the folder of the service account in another
// place. To mount one in the usual place takes rights that a test need not have; a name
// of the same length in the binary takes none.
func programWithAccount(t *testing.T, files map[string]string) string {
	t.Helper()
	binary, err := programText()
	require.NoError(t, err)
	folder, err := os.MkdirTemp("/tmp", "account-") //nolint:usetesting // a path of that length: t.TempDir has a long one
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(folder)) })
	account := folder + "/" + strings.Repeat("a", len(accountFolder)-len(folder)-1)
	require.NoError(t, os.Mkdir(account, 0o700))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(account, name), []byte(text), 0o600))
	}
	require.Len(t, account, len(accountFolder))
	require.Positive(t, strings.Index(binary, accountFolder+"/token"), "the program has the folder in its code")
	changed := filepath.Join(folder, "stocktake")
	require.NoError(t, programs.WriteScript(changed, strings.ReplaceAll(binary, accountFolder, account)))
	return changed
}

// programText is the binary of the program, tens of megabytes.
var programText = sync.OnceValues(func() (string, error) {
	path, err := program()
	if err != nil {
		return "", err
	}
	binary, err := os.ReadFile(path)
	return string(binary), err
})

// run runs the program with the service account in its place.
func (p *pod) run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	return run(t, call{program: p.program, args: args, env: append(p.env, env...)})
}

// holds puts a kubeconfig into the home folder.
func (p *pod) holds(t *testing.T, kubeconfig string) string {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	require.NoError(t, err)
	file := filepath.Join(p.home, ".kube", "config")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// firstLine is the first line of the log.
func firstLine(o outcome) string {
	line, _, _ := strings.Cut(o.stderr, "\n")
	return line
}

func TestPodWithAKubeconfigReadsTheClusterOfTheKubeconfig(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	p := inAPod(t)
	kubeconfig := cluster.Kubeconfig(t)
	file := p.holds(t, kubeconfig)

	got := p.run(t, nil, "images")
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, got.stdout, "nginx")

	got = p.run(t, nil, "-dry-run", "-set", "check-for-app-update=false", "prod-1")
	assert.Equal(t, 0, got.code, got.stderr)
	for _, words := range []string{"the cluster is " + strings.TrimSuffix(cluster.Config().Host, "/"), file, "kubeconfig.path and KUBECONFIG are not set", "set kubeconfig.path to use-in-cluster"} {
		assert.Contains(t, firstLine(got), words)
	}

	got = p.run(t, nil, "doctor")
	assert.Contains(t, got.stdout, file+" (kubeconfig.path and KUBECONFIG are not set")

	got = p.run(t, []string{"KUBECONFIG=" + kubeconfig}, "-dry-run", "prod-1")
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Contains(t, firstLine(got), kubeconfig+" (set by KUBECONFIG)")
	assert.Zero(t, p.asked.Load(), "requests to the pod's own cluster")
}

// TestPodWithAKubeconfigDeliversTheClusterOfTheKubeconfig is the same with a receiver:
// never the pod's own cluster under the name of the other.
func TestPodWithAKubeconfigDeliversTheClusterOfTheKubeconfig(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	p := inAPod(t)
	p.holds(t, cluster.Kubeconfig(t))
	receiver, at := anchoretest.Start(t, receiverOptions())
	c := delivering(at, call{})
	got := p.run(t, c.env[:len(c.env)-1], "prod-1") // without CLUSTER_ID
	require.Equal(t, 0, got.code, got.stderr)
	require.Equal(t, 1, accepted(receiver))
	body := receiver.Accepted()[0]
	assert.Equal(t, 3, body.Counts.Pods)
	assert.Contains(t, string(body.Body), `"cluster_name":"prod-1"`)
	assert.Contains(t, string(body.Body), `"team-a"`)
	assert.Zero(t, p.asked.Load(), "requests to the pod's own cluster")
}

func TestPodUsesItsServiceAccountWhenNothingElseNamesACluster(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(empty, []byte("apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\n"), 0o600))
	other := kubeconfigOf(t, unreachable(t))
	for name, c := range map[string]struct {
		home, env string
		args      []string
		says      string
	}{
		"no kubeconfig":                 {says: "kubeconfig.path and KUBECONFIG are not set, and no cluster is in "},
		"a home that is no folder":      {env: "HOME=/dev/null", says: "kubeconfig.path and KUBECONFIG are not set, and no cluster is in /dev/null"},
		"no home":                       {env: "HOME=", says: "kubeconfig.path, KUBECONFIG and HOME are not set"},
		"a kubeconfig without contexts": {home: empty, says: "kubeconfig.path and KUBECONFIG are not set, and no cluster is in "},
		"use-in-cluster":                {home: other, env: "KUBECONFIG=" + other, args: []string{"-set", "kubeconfig.path=use-in-cluster"}, says: "kubeconfig.path is use-in-cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			p := inAPod(t)
			if c.home != "" {
				p.holds(t, c.home)
			}
			got := p.run(t, []string{c.env}, append(c.args, "-dry-run", "prod-1")...)
			assert.Equal(t, 3, got.code, got.stderr)
			assert.Contains(t, firstLine(got), "the service account of this pod ("+c.says)
			assert.Positive(t, p.asked.Load())
		})
	}
}

func TestPodIsNotTakenInThePlaceOfAKubeconfigThatIsBroken(t *testing.T) {
	t.Parallel()
	cluster := kubeconfigOf(t, unreachable(t))
	broken := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(broken, []byte("contexts: {"), 0o600))
	for name, c := range map[string]struct {
		home, env string
		says      string
	}{
		"KUBECONFIG leads nowhere":     {home: cluster, env: "KUBECONFIG=/nonexistent/config", says: "no kubeconfig at /nonexistent/config (set by KUBECONFIG)"},
		"the home file is broken":      {home: broken, says: "it is not YAML: see line 1"},
		"the home file has no current": {home: withoutCurrent(t, cluster), says: "no current context"},
	} {
		t.Run(name, func(t *testing.T) {
			p := inAPod(t)
			p.holds(t, c.home)
			got := p.run(t, []string{c.env}, "-dry-run", "prod-1")
			assert.Equal(t, 2, got.code, got.stderr)
			assert.Contains(t, got.summary.Reason, c.says)
			assert.Zero(t, p.asked.Load())
		})
	}
}

func withoutCurrent(t *testing.T, kubeconfig string) string {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), `"current-context":"c",`, "", 1)), 0o600))
	return file
}

// TestFolderOfSomebodyElseNamesNoCluster: without HOME, ~/.kube/config would be a
// path in the current folder.
func TestFolderOfSomebodyElseNamesNoCluster(t *testing.T) {
	t.Parallel()
	got := run(t, call{
		args: []string{"-dry-run", "prod"}, env: []string{"HOME="},
		limits: `mkdir .kube; echo '{"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:1"}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"users":[{"name":"u","user":{}}],"current-context":"c"}' > .kube/config`,
	})
	assert.Equal(t, 2, got.code, got.stderr)
	assert.Contains(t, got.summary.Reason, "HOME are not set")
}
