package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMeterTellsCostAndExitCode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cost.json")
	code, err := run([]string{path, "sh", "-c", "sleep 0.1; exit 7"})
	require.NoError(t, err)
	assert.Equal(t, 7, code)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var c Cost
	require.NoError(t, json.Unmarshal(data, &c))
	assert.GreaterOrEqual(t, c.Wall, 0.1)
	assert.Less(t, c.CPU, c.Wall)
	assert.Greater(t, c.RSS, int64(100<<10))
}

func TestMeterNeedsAProgram(t *testing.T) {
	t.Parallel()
	code, err := run([]string{"cost.json"})
	require.ErrorContains(t, err, "usage")
	assert.Equal(t, 2, code)
	_, err = run([]string{"cost.json", "/no/such/program"})
	require.Error(t, err)
}
