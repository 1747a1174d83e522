package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/programs"
)

// TestDemoShowsTheRealProgram is what the README promises first.
func TestDemoShowsTheRealProgram(t *testing.T) {
	t.Parallel()
	program := built(t)

	var out bytes.Buffer
	require.NoError(t, play(t.Context(), shared.Cluster(t), program, &out, nil), "%s", out.String())

	text := out.String()
	assert.Contains(t, text, "IMAGE TAG ")
	assert.Contains(t, text, "ghcr.io/acme/checkout:2.10 ")
	assert.Contains(t, text, `nginx\x1b[2J:1`)
	assert.NotContains(t, text, "\x1b", "the terminal would obey")
	assert.Contains(t, text, "The receiver's schema accepts it")
	assert.Contains(t, text, `"exit_code": 0`)
	assert.Contains(t, text, `POST /v2/kubernetes-inventory: 201, for account "admin", as user "collector"`)
	assert.NotContains(t, text, password)
}

// folder is that of the program, for as long as the tests run, and shared the cluster of
// all of them that do not end it.
var (
	folder string
	shared kubetest.Shared
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "stocktake-demo-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	folder = dir
	code := shared.Main(m)
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// built is the program, made once from the source as it is.
func built(t *testing.T) string {
	t.Helper()
	require.NoError(t, build())

	return filepath.Join(folder, "stocktake")
}

var build = sync.OnceValue(func() error {
	return programs.Link(filepath.Join(folder, "stocktake"), "stocktake", nil, "-buildvcs=false", "-ldflags", "-s -w -X main.version=1.2.3")
})

func TestDemoEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	program := built(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()

	screen := &impatient{interrupt: interrupt}
	require.EqualError(t, run(ctx, program, screen, nil), "interrupted; everything is stopped")
	assert.NotContains(t, screen.String(), "IMAGE TAG ")
}

// impatient is the screen of somebody who interrupts the demo when it begins to run the
// program.
type impatient struct {
	bytes.Buffer
	interrupt func()
}

// Write implements io.Writer.
func (i *impatient) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("Which images run where?")) {
		i.interrupt()
	}

	return i.Buffer.Write(b)
}

func TestDemoSaysHowToBuildTheProgram(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.ErrorContains(t, run(t.Context(), "not/there", &out, nil), "run make demo")
}

func TestSamplesAreSomeFortyPods(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range samples() {
		for _, pod := range s.pods {
			key := pod.Namespace + "/" + pod.Name
			assert.False(t, seen[key], "%s is there twice", key)
			seen[key] = true
		}
	}
	assert.Len(t, seen, 40)
}
