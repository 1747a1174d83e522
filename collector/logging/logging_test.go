package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/klog/v2"

	"stocktake/collector/settings"
)

// TestLibrariesLogAsWeDo must not run beside other tests: the log of client-go is
// one for the whole process.
func TestLibrariesLogAsWeDo(t *testing.T) {
	t.Cleanup(klog.ClearLogger)
	var stderr bytes.Buffer
	RedirectLibraries(&stderr)
	klog.TODO().Error(errors.New("no such file"), "Unable to rotate token")
	klog.Errorf("Expected to load root CA config from %s", "ca.crt")
	klog.V(2).Info("for those who work on it")

	dec := json.NewDecoder(&stderr)
	for _, message := range []string{"Unable to rotate token", "Expected to load root CA config from ca.crt"} {
		var line map[string]any
		require.NoError(t, dec.Decode(&line))
		assert.Equal(t, message, line["message"])
		assert.Equal(t, "error", line["level"])
	}
	assert.False(t, dec.More(), "nothing else")
}

func TestLogFileTakesTheLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stocktake.log")
	var stderr bytes.Buffer
	log, err := New(&stderr, &stderr, Options{File: path, Level: "info"})
	require.NoError(t, err)
	log.Info().Msg("one")
	log.Error().Msg("two")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(got), "one")
	assert.Contains(t, string(got), "two")
	assert.NotContains(t, stderr.String(), "one")
	assert.Contains(t, stderr.String(), "two")

	for _, bad := range []string{t.TempDir(), filepath.Join(path, "x"), "/dev/null"} {
		log, err := New(&stderr, &stderr, Options{File: bad})
		require.ErrorIs(t, err, settings.ErrInvalid, bad)
		require.ErrorContains(t, err, "log.file")
		log.Error().Msg("three")
	}
	assert.Contains(t, stderr.String(), "three")
}
