package collector

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/klog/v2"
)

// TestLibrariesLogAsWeDo must not run beside other tests: the log of client-go is
// one for the whole process.
func TestLibrariesLogAsWeDo(t *testing.T) {
	t.Cleanup(klog.ClearLogger)
	var stderr bytes.Buffer
	RedirectLibraryLogs(&stderr)
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
