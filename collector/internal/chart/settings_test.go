package chart

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector"
	"stocktake/collector/view"
)

// mounted is the folder /etc/config as the pod would see it.
func mounted(t *testing.T, all objects, secret map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoFileExists(t, filepath.Join(dir, name))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for name, content := range configMap(t, all) {
		write(name, content)
	}
	for _, o := range all.ofKind("Secret") {
		for name, content := range typed(t, o).(*corev1.Secret).Data {
			write(name, string(content))
		}
	}
	for name, content := range secret {
		write(name, content)
	}
	return dir
}

// understood is what the program makes of that folder: `stocktake settings`.
func understood(t *testing.T, dir string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.NoError(t, view.PrintSettings(collector.Invocation{Config: dir, Stdout: &stdout, Stderr: &stderr}))
	assert.Empty(t, stderr.String())
	return regexp.MustCompile(` +`).ReplaceAllString(stdout.String(), " ")
}

// TestProgramReadsWhatTheChartWrites renders every setting with a value of its type
// and has the program load the folder.
func TestProgramReadsWhatTheChartWrites(t *testing.T) {
	t.Parallel()
	all := release{values: `
anchore: {user: robot, account: team, existingSecret: "", password: "` + password + `"}
caBundle: {configMap: trust}
rbac: {scope: namespaces, namespaces: [team-a, team-b]}
settings:
  kubernetes.request-batch-size: 200
  inventory-report-limits.payload-threshold-bytes: 104857600
  spool.memory: 8MiB
  allow-incomplete: true
  allow-empty: false
  deadline: 2m30s
  missing-tag-policy.tag: "1.10"
`}.render(t)
	text := understood(t, mounted(t, all, nil))

	for _, line := range []string{
		`cluster-id "prod-1" `, `anchore.url "https://anchore.example.com" `, `anchore.user "robot" `, `anchore.account "team" `,
		`anchore.password ****** file`, `anchore.http.ca-file "/etc/ca/ca.crt" `, `spool.dir "/spool" `, `deadline "2m30s" `,
		`kubernetes.request-batch-size "200" `, `inventory-report-limits.payload-threshold-bytes "104857600" `, `spool.memory "8MiB" `,
		`allow-incomplete "true" `, `allow-empty "false" file`, `missing-tag-policy.tag "1.10" `, `namespace-selectors.include "team-a\nteam-b" `,
	} {
		assert.Contains(t, text, line)
	}
}

// TestSecretsOfOlderToolsWork as they are, beside the chart's ConfigMap.
func TestSecretsOfOlderToolsWork(t *testing.T) {
	t.Parallel()
	for title, c := range map[string]struct {
		values string
		secret map[string]string
	}{
		"own": {"", map[string]string{"anchore.user": "robot", "anchore.password": password}},
		"KAI": {"anchore: {user: robot}", map[string]string{"KAI_ANCHORE_PASSWORD": password}},
		"AKI": {"", map[string]string{"ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD": password, "ANCHORE_K8S_INVENTORY_ANCHORE_USER": "robot"}},
		"env": {"", map[string]string{"ANCHORE_PASSWORD": password, "ANCHORE_USER": "robot"}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			text := understood(t, mounted(t, release{values: c.values}.render(t), c.secret))
			assert.Contains(t, text, "anchore.password ****** file")
			assert.Contains(t, text, `anchore.user "robot" file`)
		})
	}
}
