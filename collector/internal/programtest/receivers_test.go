package programtest_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

func TestSeveralReceiversGetTheirOwnKindFromOneListing(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	anchore, at := anchoretest.Start(t, receiverOptions())
	var native []byte
	var authorization string
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		authorization = r.Header.Get("Authorization")
		unzipped, err := gzip.NewReader(r.Body)
		if assert.NoError(t, err) {
			native, err = io.ReadAll(unzipped)
			assert.NoError(t, err)
		}
	}))
	t.Cleanup(service.Close)
	dir := t.TempDir()
	saved := filepath.Join(dir, "kai.json")
	token := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(token, []byte(secret+"\n"), 0o600))
	got := run(t, delivering(at, call{
		args: []string{"-external", cluster.Kubeconfig(t), "-set", "deliver.http.url=" + service.URL, "-set", "deliver.file.path=" + saved, "-set", "deliver.file.kind=kai"},
		env:  []string{"STOCKTAKE_DELIVER_HTTP_TOKEN_FILE=" + token},
	}))
	require.Equal(t, 0, got.code, got.stderr)
	assert.Equal(t, 1, accepted(anchore))
	assert.Equal(t, "Bearer "+secret, authorization)
	var body struct {
		Pods []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal(native, &body))
	assert.Len(t, body.Pods, 4, "the native inventory has pods in all phases")
	kai, err := os.ReadFile(saved)
	require.NoError(t, err)
	require.NoError(t, anchoretest.CheckKAI(kai))
	assert.Len(t, got.summary.Deliveries, 3)

	t.Run("one that fails does not keep the others back", func(t *testing.T) {
		anchore.FailNext(1, anchoretest.Fault{Status: http.StatusForbidden, Body: "no such right"})
		require.NoError(t, os.Remove(saved))
		got := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "deliver.file.path=" + saved}}))
		assert.Equal(t, 4, got.code, got.stderr)
		assert.FileExists(t, saved)
	})
	t.Run("a folder that is not there is found before anything is listed", func(t *testing.T) {
		got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-set", "deliver.file.path=" + filepath.Join(dir, "none", "x.json"), "prod"}})
		assert.Contains(t, got.summary.Reason, "deliver.file.path")
		assert.NotZero(t, got.code)
		assert.Zero(t, got.summary.Pages)
	})
}

func TestAnyKindCanBePrinted(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	printed := func(kind string) string {
		got := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-dry-run", "-set", "output-kind=" + kind, "prod"}})
		require.Equal(t, 0, got.code, got.stderr)
		return got.stdout
	}
	require.NoError(t, anchoretest.CheckV2([]byte(printed("anchore"))))
	require.NoError(t, anchoretest.CheckKAI([]byte(printed("kai"))))
	assert.True(t, strings.Contains(printed("stocktake"), "ImagePullBackOff") || strings.Contains(printed("stocktake"), "InvalidImageName"))
}

// TestFilesOfKAIDoNotPrintUnasked: KAI's own sample says output: json, and a
// CronJob's log is no place for a whole inventory.
func TestFilesOfKAIDoNotPrintUnasked(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	_, at := anchoretest.Start(t, receiverOptions())
	file := filepath.Join(t.TempDir(), "kai.yaml")
	require.NoError(t, os.WriteFile(file, []byte("output: json\n"), 0o600))
	args := []string{"-external", cluster.Kubeconfig(t), "-config", file}
	assert.Empty(t, run(t, delivering(at, call{args: args})).stdout)
	image := `"image_tag":"nginx:1.27"`
	assert.Contains(t, run(t, delivering(at, call{args: append(args, "-set", "verbose-inventory-reports=true")})).stdout, image)
	assert.Contains(t, run(t, delivering(at, call{args: append(args, "-output", "json")})).stdout, image)
	assert.Contains(t, run(t, call{args: append(args, "prod")}).stdout, image, "nothing is delivered, so it is printed")
}

func TestSendDeliversWhatWasSavedAsItIs(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	receiver, at := anchoretest.Start(t, receiverOptions())
	saved := run(t, call{args: []string{"-external", cluster.Kubeconfig(t), "-dry-run", "prod"}})
	require.Equal(t, 0, saved.code, saved.stderr)
	file := filepath.Join(t.TempDir(), "saved.json")
	require.NoError(t, os.WriteFile(file, []byte(saved.stdout), 0o600))
	got := run(t, delivering(at, call{args: []string{"send", file}}))
	require.Equal(t, 0, got.code, got.stderr)
	require.Equal(t, 1, accepted(receiver))
	assert.Equal(t, strings.TrimSuffix(saved.stdout, "\n"), string(receiver.Accepted()[0].Body))

	direct := run(t, delivering(at, call{args: []string{"-external", cluster.Kubeconfig(t)}}))
	require.Equal(t, 0, direct.code, direct.stderr)
	bodies := receiver.Accepted()
	assert.Equal(t, timestamp.ReplaceAllString(string(bodies[0].Body), ""), timestamp.ReplaceAllString(string(bodies[1].Body), ""), "send and direct delivery")

	for name, c := range map[string]struct{ content, want string }{
		"not JSON":        {"hello", "saved body"},
		"no schema":       {`{"cluster_name":"x"}`, "saved body"},
		"cut":             {saved.stdout[:len(saved.stdout)/2], "saved body"},
		"an empty file":   {"", "saved body"},
		"an invalid UUID": {strings.Replace(saved.stdout, `"namespace_uid":"`, `"namespace_uid":"x`, 1), "namespace_uid"},
	} {
		require.NoError(t, os.WriteFile(file, []byte(c.content), 0o600))
		got := inside(t, delivering(at, call{args: []string{"send", file}}))
		assert.Equal(t, 2, got.code, "%s: %s", name, got.stderr)
		assert.Contains(t, got.summary.Reason, c.want, name)
		assert.Equal(t, 2, accepted(receiver), name)
	}
	routed := run(t, delivering(at, call{args: []string{"-set", "account-route-by-namespace-label.key=owner", "send", file}}))
	assert.Equal(t, 2, routed.code)
	assert.Contains(t, routed.summary.Reason, "anchore.account")
	none := run(t, call{args: []string{"send", file}})
	assert.Equal(t, 2, none.code)
	assert.Contains(t, none.summary.Reason, "ANCHORE_URL")
	assert.Equal(t, 2, run(t, delivering(at, call{args: []string{"send", "/nonexistent"}})).code)
}
