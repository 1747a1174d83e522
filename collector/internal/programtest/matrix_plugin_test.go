package programtest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/programs"
)

// The rows about kubeconfigs whose exec section names a program that fetches
// credentials, as those of EKS, GKE and AKS do.

func pluginTrials() []trial {
	return []trial{
		{"exec plugin", "prints a token", 0, complete, 1, soon, plugged(printing(newToken))},
		{"exec plugin", "prints a certificate", 0, complete, 1, soon, pluggedCertificate},
		{"exec plugin", "token revoked between pages", 0, complete, 1, soon, pluggedTwice},
		{"exec plugin", "token that no server takes", 3, "401", 0, soon, plugged(printing("s3cret-other"))},
		{"exec plugin", "fails", 3, "the session has ended: log in", 0, soon, plugged(`echo "the session has ended: log in" >&2; exit 3`)},
		{"exec plugin", "fails with words for a terminal", 3, "forged", 0, soon, plugged(`printf '\033[2Jforged\n{"level":"info"}\r\302\233' >&2; exit 1`)},
		{"exec plugin", "fails with a megabyte of words", 3, "the end", 0, soon, plugged(`head -c 1000000 /dev/zero | tr '\0' a >&2; echo the end >&2; exit 1`)},
		{"exec plugin", "prints no credentials", 2, "no ExecCredential", 0, soon, plugged(`echo s3cret`)},
		{"exec plugin", "prints without end", 2, "no ExecCredential", 0, soon, plugged(`head -c 100000000 /dev/zero`)},
		{"exec plugin", "prints a token in YAML", 0, complete, 1, soon, plugged(`printf 'apiVersion: client.authentication.k8s.io/v1\nkind: ExecCredential\nspec:\n  interactive: false\nstatus:\n  token: ` + newToken + `\n'`)},
		{"exec plugin", "prints another version", 2, "ExecCredential of client.authentication.k8s.io/v1alpha1", 0, soon, plugged(strings.Replace(printing(newToken), "/v1\"", "/v1alpha1\"", 1))},
		{"exec plugin", "prints a line before its JSON", 2, "other words come before it", 0, soon, plugged("echo There is a new version.; " + printing(newToken))},
		{"exec plugin", "is not there", 2, "install it so", 0, soon, func(s *stage) { s.plugIn("/nonexistent/plugin", newToken) }},
		{"exec plugin", "hangs", 124, "plugin.sh", 0, soon, withDeadline(plugged(`exec sleep 300`))},
		{"exec plugin", "hangs, SIGTERM", 143, "stopped by SIGTERM", 0, soon, stoppedPlugin},
	}
}

// printing is a script that prints a token.
func printing(token string) string {
	return `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"` + token + `"}}'`
}

// plugged gives a kubeconfig whose plugin is a script, to a server that takes the
// new token.
func plugged(script string) func(*stage) {
	return func(s *stage) { s.plugIn(s.script(script), newToken) }
}

func (s *stage) script(text string) string {
	path := filepath.Join(s.TempDir(), "plugin.sh")
	require.NoError(s, programs.WriteScript(path, "#!/bin/sh\n"+text+"\n"))
	return path
}

func (s *stage) plugIn(command, token string) {
	s.env = append(s.env, "PATH="+os.Getenv("PATH"))
	s.proxy.Admit = func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token }
	s.reach(pluginConfig(s.config, command))
}

func pluginConfig(config *rest.Config, command string) *rest.Config {
	config = rest.CopyConfig(config)
	config.ExecProvider = &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: command,
		InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode, InstallHint: "install it so",
	}
	return config
}

// pluggedCertificate has a server that asks for a certificate.
func pluggedCertificate(s *stage) {
	mine := faultproxy.Certificate(s, "client", time.Now().Add(time.Hour))
	s.proxy.TLS = asking()
	s.proxy.Admit = func(r *http.Request) bool {
		shown := r.TLS.PeerCertificates
		return len(shown) > 0 && shown[0].Equal(mine.Leaf)
	}
	cert, key := faultproxy.PEM(s, mine)
	answer, err := json.Marshal(map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
		"status": map[string]string{"clientCertificateData": string(cert), "clientKeyData": string(key)},
	})
	require.NoError(s, err)
	file := filepath.Join(s.TempDir(), "credential.json")
	require.NoError(s, os.WriteFile(file, answer, 0o600))
	s.env = append(s.env, "PATH="+os.Getenv("PATH"))
	s.reach(pluginConfig(s.proxy.Serve(s), s.script("cat "+file)))
}

// pluggedTwice has a plugin that prints another token the second time.
func pluggedTwice(s *stage) {
	mark := filepath.Join(s.TempDir(), "mark")
	s.tokenRevoked()
	s.env = append(s.env, "PATH="+os.Getenv("PATH"))
	s.reach(pluginConfig(s.config, s.script("if mkdir "+mark+"; then "+printing(oldToken)+"; else "+printing(newToken)+"; fi")))
}

// stoppedPlugin sends the signal when the plugin has begun to hang.
func stoppedPlugin(s *stage) {
	mark := filepath.Join(s.TempDir(), "mark")
	plugged("touch " + mark + "; exec sleep 300")(s)
	s.during = func(process *os.Process) {
		assert.Eventually(s, func() bool { _, err := os.Stat(mark); return err == nil }, soon, 10*time.Millisecond)
		_ = process.Signal(syscall.SIGTERM) // gone already: the exit code tells
	}
}
