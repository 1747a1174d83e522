package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServesUntilToldToStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, lines := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-user", "admin", "-password", "s3cret", "-base-path", "/api"}, lines, &stderr)
	}()
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	url = strings.TrimSpace(url)
	require.True(t, strings.HasSuffix(url, "/api"), url)

	const body = `{"cluster_name":"c","timestamp":"2024-05-03T12:34:13Z","namespaces":[{"name":"a","uid":"00000000-0000-4000-8000-000000000001"}]}`
	status, _ := send(t, http.MethodPost, url+"/v2/kubernetes-inventory", body)
	assert.Equal(t, http.StatusCreated, status)
	status, _ = send(t, http.MethodPost, url+"/v2/kubernetes-inventory", "{}")
	assert.Equal(t, http.StatusBadRequest, status)

	_, text := send(t, http.MethodGet, strings.TrimSuffix(url, "/api")+"/_accepted", "")
	var got struct {
		Requests int
		Accepted []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	assert.Equal(t, 2, got.Requests)
	require.Len(t, got.Accepted, 1)
	assert.EqualValues(t, 1, got.Accepted[0]["namespaces"])
	assert.EqualValues(t, len(body), got.Accepted[0]["raw_bytes"])
	assert.Equal(t, "team", got.Accepted[0]["account"])

	cancel()
	require.NoError(t, <-done)
	assert.Contains(t, stderr.String(), "POST /api/v2/kubernetes-inventory 201")
	assert.Contains(t, stderr.String(), "'cluster_name' is a required property")
	assert.NotContains(t, stderr.String(), "s3cret")
}

func send(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.SetBasicAuth("admin", "s3cret")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Anchore-Account", "team")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

func TestRefusesWrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-api", "v3"}, {"-gzip", "maybe"}, {"extra"}, {"-nonsense"}, {"-listen", "nowhere"}} {
		require.Error(t, run(t.Context(), args, io.Discard, io.Discard), "%v", args)
	}
}
