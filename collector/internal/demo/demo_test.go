package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDemoShowsTheRealProgram is what the README promises first.
func TestDemoShowsTheRealProgram(t *testing.T) {
	t.Parallel()
	program := built(t)

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), program, &out, nil), "%s", out.String())

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

// folder is that of the program, for as long as the tests run.
var folder string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "stocktake-demo-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	folder = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// built is the program, made once from the source as it is.
func built(t *testing.T) string {
	t.Helper()
	output, err := build()
	require.NoError(t, err, "%s", output)

	return filepath.Join(folder, "stocktake")
}

var build = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(folder, "stocktake"), "stocktake").CombinedOutput()
})

func TestDemoEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	var out bytes.Buffer
	require.EqualError(t, run(ctx, "demo_test.go", &out, nil), "interrupted; everything is stopped")
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
