package chart

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

// Where things are, from the folder of this package.
const (
	root   = "../../.."
	folder = root + "/charts/stocktake"
)

// The oldest and the newest Kubernetes that the chart is rendered for.
const (
	oldest = "1.25.0"
	newest = "1.36.3"
)

// minimal is what must be given.
const minimal = `
clusterId: prod-1
anchore: {url: https://anchore.example.com, existingSecret: anchore-login}
`

// release is an installation to render.
type release struct {
	name      string   // "stocktake" when empty
	namespace string   // "inventory" when empty
	kube      string   // version of Kubernetes, the newest when empty
	values    string   // YAML over that of minimal
	layers    []string // YAML over that
	alone     bool     // without minimal
	upgrade   bool     // not the first installation
	chart     string   // another folder than that of the chart
	apis      string   // what the cluster has beside the API of Kubernetes
}

// render returns the objects of the release.
func (r release) render(t *testing.T) objects {
	t.Helper()
	return parse(t, r.text(t))
}

// text returns what helm template prints.
func (r release) text(t *testing.T) []byte {
	t.Helper()
	stdout, stderr, err := r.template(t)
	require.NoError(t, err, stderr)
	return stdout
}

// refusal returns why helm does not render the release.
func (r release) refusal(t *testing.T) string {
	t.Helper()
	stdout, stderr, err := r.template(t)
	require.Error(t, err, "rendered:\n%s", stdout)
	return stderr
}

func (r release) template(t *testing.T) (stdout []byte, stderr string, err error) {
	t.Helper()
	return helm(t, r.args(t)...)
}

// args are those of helm that render the release.
func (r release) args(t *testing.T) []string {
	t.Helper()
	chart, err := filepath.Abs(cmp.Or(r.chart, folder))
	require.NoError(t, err)
	args := []string{"template", cmp.Or(r.name, "stocktake"), chart, "--namespace", cmp.Or(r.namespace, "inventory"), "--kube-version", cmp.Or(r.kube, newest)}
	if r.upgrade {
		args = append(args, "--is-upgrade")
	}
	if r.apis != "" {
		args = append(args, "--api-versions", r.apis)
	}
	return append(args, r.files(t)...)
}

// given returns a file of testdata/values.
func given(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "values", name+".yaml"))
	require.NoError(t, err)
	return string(text)
}

// files writes the values and returns the arguments that name them.
func (r release) files(t *testing.T) []string {
	t.Helper()
	var args []string
	layers := append([]string{minimal, r.values}, r.layers...)
	if r.alone {
		layers = layers[1:]
	}
	for _, values := range layers {
		path := filepath.Join(t.TempDir(), "values.yaml")
		require.NoError(t, os.WriteFile(path, []byte(values), 0o600))
		args = append(args, "--values", path)
	}
	return args
}

// helm runs the pinned helm, away from the settings of whoever runs the test. What it
// renders comes from its packages in one process, which TestTemplateIsHelms holds to.
func helm(t *testing.T, args ...string) (stdout []byte, stderr string, err error) {
	t.Helper()
	if args[0] == "template" {
		return templates.render(t, args[1:])
	}
	return realHelm(t, args...)
}

// realHelm runs the program, a third of a second of work for each call.
func realHelm(t *testing.T, args ...string) (stdout []byte, stderr string, err error) {
	t.Helper()
	path, err := builtHelm()
	require.NoError(t, err)
	var out, errs bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "HELM_CONFIG_HOME="+t.TempDir(), "HELM_CACHE_HOME="+t.TempDir(), "HELM_DATA_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.Bytes(), errs.String(), err
}

// builtHelm is where the pinned helm is.
var builtHelm = sync.OnceValues(func() (string, error) {
	folder, err := programs.Build("release", "helm")
	return filepath.Join(folder, "helm"), err
})
