package kubeconfig

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// open makes the connection of a source.
func open(s Source) (*Connection, error) {
	target, err := s.Find()
	if err != nil {
		return nil, err
	}
	return target.Open("stocktake", "http/1.1")
}

// ask asks a server for something, and is content with any answer.
func ask(t *testing.T, c *Connection) error {
	t.Helper()
	if err := c.Login(t.Context()); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Base.JoinPath("version").String(), nil)
	require.NoError(t, err)
	resp, err := c.Do(req, func([]byte) bool { return false })
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// found is the address of the cluster that the options lead to.
func found(t *testing.T, o Options) string {
	t.Helper()
	c, err := open(Source{Options: o})
	require.NoError(t, err)
	return c.Base.String()
}

// twoContexts writes a file with two contexts, a and b.
func twoContexts(t *testing.T, current string) string {
	t.Helper()
	const text = `apiVersion: v1
kind: Config
current-context: %q
clusters:
- {name: one, cluster: {server: "https://one.example"}}
- {name: two, cluster: {server: "https://two.example/k8s/clusters/c-1"}}
contexts:
- {name: a, context: {cluster: one, user: u}}
- {name: b, context: {cluster: two, user: u}}
- {name: nobody, context: {cluster: one, user: v}}
- {name: nowhere, context: {cluster: three, user: u}}
users:
- {name: u, user: {token: t}}
`
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, text, current), 0o600))
	return path
}

// outside makes the environment that of a laptop without any kubeconfig.
func outside(t *testing.T) {
	t.Helper()
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_MASTER"} {
		t.Setenv(name, "")
	}
}

func TestFindFindsTheCluster(t *testing.T) {
	outside(t)
	file := twoContexts(t, "a")
	at := func(path, context string) string {
		return found(t, Options{Path: path, Context: context})
	}
	assert.Equal(t, "https://one.example", at(file, ""))
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", at(file, "b"))

	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "missing")+string(filepath.ListSeparator)+file)
	assert.Equal(t, "https://one.example", at("", ""), "of several files, those that exist")
	assert.Equal(t, "https://two.example/k8s/clusters/c-1", at(twoContexts(t, "b"), ""), "a path wins over KUBECONFIG")
}

func TestFindSaysWhatToSet(t *testing.T) {
	outside(t)
	file, none := twoContexts(t, "a"), twoContexts(t, "")
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o600))
	for name, c := range map[string]struct {
		set   func(*Options)
		words []string
	}{
		"a missing file":    {func(o *Options) { o.Path = "/nonexistent/config" }, []string{"no kubeconfig at /nonexistent/config", "kubeconfig.path", "KUBECONFIG"}},
		"an unknown one":    {func(o *Options) { o.Path, o.Context = file, "c" }, []string{`kubeconfig.context is "c"`, "one of a, b, nobody, nowhere"}},
		"no current one":    {func(o *Options) { o.Path = none }, []string{"no current context", "kubeconfig.context", "a, b, nobody, nowhere"}},
		"an empty file":     {func(o *Options) { o.Path = empty }, []string{"has no context", "kubeconfig.path"}},
		"a broken file":     {func(o *Options) { o.Path = broken }, []string{"kubeconfig", broken}},
		"a missing cluster": {func(o *Options) { o.Path, o.Context = file, "nowhere" }, []string{`context "nowhere"`, `cluster "three", which does not exist`}},
		"a missing user":    {func(o *Options) { o.Path, o.Context = file, "nobody" }, []string{`context "nobody"`, `user "v", which does not exist`}},
		"not a pod":         {func(o *Options) { o.Path = InCluster }, []string{"use-in-cluster", "not a pod"}},
		"a pod's context":   {func(o *Options) { o.Path, o.Context = InCluster, "a" }, []string{"kubeconfig.context", "no contexts"}},
	} {
		t.Run(name, func(t *testing.T) {
			source := Source{Options: Options{Path: file}}
			c.set(&source.Options)
			_, err := source.Find()
			require.ErrorIs(t, err, settings.ErrInvalid)
			for _, words := range c.words {
				assert.ErrorContains(t, err, words)
			}
		})
	}
}
