package chart

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// templates is .ci/release/template, started once: helm itself takes ten times as long
// to start as to render.
var templates renderer

// renderer is a program that renders a release for each line that it reads.
type renderer struct {
	mu      sync.Mutex
	once    sync.Once
	started error
	calls   *json.Encoder
	answers *json.Decoder
}

// render does what helm template does with the arguments.
func (r *renderer) render(t *testing.T, args []string) (stdout []byte, stderr string, err error) {
	t.Helper()
	var answer struct {
		Stdout, Stderr string
		Failed         bool
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.once.Do(func() { r.started = r.start() })
	require.NoError(t, r.started)
	require.NoError(t, r.calls.Encode(args))
	require.NoError(t, r.answers.Decode(&answer), "of .ci/release/template, see above")
	if answer.Failed {
		err = errors.New("helm template failed")
	}
	return []byte(answer.Stdout), answer.Stderr, err
}

// start leaves the program to end with this one, when nothing more comes.
func (r *renderer) start() error {
	cmd := exec.Command("go", "run", "-mod=readonly", "-trimpath", "./template")
	cmd.Dir = filepath.Join(root, ".ci", "release")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	calls, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	r.calls, r.answers = json.NewEncoder(calls), json.NewDecoder(answers)
	return cmd.Start()
}

// TestTemplateIsHelms compares what the tests render with what helm itself prints:
// objects, hooks, and every way to refuse.
func TestTemplateIsHelms(t *testing.T) {
	t.Parallel()
	for title, r := range map[string]release{
		"full":        {values: examples(t)["full"], alone: true},
		"layers":      {name: "r", namespace: "n", values: "commonLabels: {a: b}", layers: []string{"commonLabels: null", "firstRun: {enabled: true}"}},
		"every flag":  {kube: oldest, upgrade: true, apis: openShift, values: "firstRun: {enabled: true}"},
		"too old":     {kube: "1.24.9"},
		"schema":      {values: "{shedule: x, clusterId: ''}"},
		"template":    {values: "rbac: {scope: namespaces, namespaces: null}"},
		"no YAML":     {values: "a: b: c"},
		"no object":   {values: "extraObjects: ['a: b: c']"},
		"warning":     {chart: umbrella(t, nil), alone: true, values: "stocktake: {global: here}"},
		"no name":     {name: "Not_A_Name"},
		"no chart":    {chart: t.TempDir()},
		"a part less": {chart: umbrella(t, map[string]string{"Chart.yaml": "{apiVersion: v2, name: p, version: 0.1.0, dependencies: [{name: more, version: 1.0.0, repository: ''}]}"})},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			args := r.args(t)
			want, wantStderr, wantErr := realHelm(t, args...)
			got, gotStderr, gotErr := helm(t, args...)

			assert.Empty(t, firstDifference(string(want), string(got)))
			assert.Equal(t, wantStderr, gotStderr)
			assert.Equal(t, wantErr != nil, gotErr != nil)
		})
	}
}
