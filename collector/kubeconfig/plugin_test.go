package kubeconfig

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/programs"
	"stocktake/collector/settings"
)

const execAPI = "client.authentication.k8s.io/v1"

// plugged is the configuration of a server that takes any token, with a plugin
// that notes each time what it was told, and prints a status.
func plugged(t *testing.T, status string) (config *rest.Config, told func() []string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NotEmpty(t, r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(`{"major":"1"}`))
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	notes, script := filepath.Join(dir, "notes"), filepath.Join(dir, "plugin.sh")
	text := "#!/bin/sh\necho \"$1 $GREETING $KUBERNETES_EXEC_INFO\" >> " + notes +
		"\necho '{\"apiVersion\":\"" + execAPI + "\",\"kind\":\"ExecCredential\",\"status\":" + status + "}'\n"
	require.NoError(t, programs.WriteScript(script, text))
	config = &rest.Config{Host: server.URL, ExecProvider: &clientcmdapi.ExecConfig{
		APIVersion: execAPI, Command: script, Args: []string{"first"}, InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
		Env: []clientcmdapi.ExecEnvVar{{Name: "GREETING", Value: "hello"}},
	}}
	return config, func() []string {
		written, err := os.ReadFile(notes)
		require.NoError(t, err)
		return strings.Split(strings.TrimSpace(string(written)), "\n")
	}
}

// opened is the connection of a configuration with a plugin.
func opened(t *testing.T, config *rest.Config, around Plugins) *Connection {
	t.Helper()
	c, err := Target{Config: config, Plugins: around}.Open("stocktake")
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestPluginRunsAsTheKubeconfigSays(t *testing.T) {
	t.Parallel()
	config, told := plugged(t, `{"token":"t"}`)
	config.CAData, _ = faultproxy.PEM(t, faultproxy.Certificate(t, "authority", time.Now().Add(time.Hour)))
	config.ExecProvider.ProvideClusterInfo = true
	config.ExecProvider.Config = &runtime.Unknown{Raw: []byte(`{"audience":"a"}`), ContentType: runtime.ContentTypeJSON}
	c := opened(t, config, Plugins{})
	for range 3 {
		require.NoError(t, ask(t, c))
	}
	require.Len(t, told(), 1, "a token without an end serves the whole run")
	arguments, info, _ := strings.Cut(told()[0], "{")
	assert.Equal(t, "first hello ", arguments)
	assert.JSONEq(t, `{"apiVersion":"`+execAPI+`","kind":"ExecCredential","spec":{"interactive":false,
		"cluster":{"server":"`+config.Host+`","certificate-authority-data":"`+base64.StdEncoding.EncodeToString(config.CAData)+`","config":{"audience":"a"}}}}`, "{"+info)
}

func TestPluginRunsAgainWhenItsTokenHasEnded(t *testing.T) {
	t.Parallel()
	config, told := plugged(t, `{"token":"t","expirationTimestamp":"2026-01-01T00:00:00Z"}`)
	c := opened(t, config, Plugins{})
	for range 2 {
		require.NoError(t, ask(t, c))
	}
	assert.Len(t, told(), 2)
}

func TestPluginThatNeedsAPersonIsRefusedWithoutOne(t *testing.T) {
	t.Parallel()
	config, _ := plugged(t, `{"token":"t"}`)
	config.ExecProvider.InteractiveMode = clientcmdapi.AlwaysExecInteractiveMode
	_, err := Target{Config: config}.Open("stocktake")
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, "no terminal")
}

func TestPluginTalksToAPersonUnlessItNeverDoes(t *testing.T) {
	t.Parallel()
	for mode, asks := range map[clientcmdapi.ExecInteractiveMode]bool{
		clientcmdapi.IfAvailableExecInteractiveMode: true,
		clientcmdapi.AlwaysExecInteractiveMode:      true,
		clientcmdapi.NeverExecInteractiveMode:       false,
	} {
		var shown strings.Builder
		config, told := plugged(t, `{"token":"'"$(read answer; echo "Name?" >&2; echo "$answer")"'"}`)
		config.ExecProvider.InteractiveMode = mode
		answers := filepath.Join(t.TempDir(), "answers")
		require.NoError(t, os.WriteFile(answers, []byte("robot\n"), 0o600))
		in, err := os.Open(answers)
		require.NoError(t, err)
		err = ask(t, opened(t, config, Plugins{In: in, Out: &shown}))
		require.NoError(t, in.Close())
		if !asks {
			require.ErrorIs(t, err, settings.ErrInvalid, "without an answer there is no token")
			assert.Equal(t, "Name?\n", shown.String(), "what it says is shown, as by kubectl")
			assert.Contains(t, told()[0], `"interactive":false`)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, "Name?\n", shown.String(), mode)
		assert.Contains(t, told()[0], `"interactive":true`)
	}
}
