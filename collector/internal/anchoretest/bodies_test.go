package anchoretest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	namespaceUID = "00000000-0000-4000-8000-0000000000a1"
	nodeUID      = "00000000-0000-4000-8000-0000000000b1"
	podUID       = "00000000-0000-4000-8000-0000000000c1"
	otherUID     = "00000000-0000-4000-8000-0000000000ff"
)

// goodV2 has one of everything; each test spoils its own copy.
const goodV2 = `{
	"cluster_name": "prod-1",
	"containers": [{
		"id": "containerd://9f", "image_digest": "sha256:aa", "image_tag": "docker.io/acme/api:1.2",
		"name": "api", "pod_uid": "` + podUID + `"
	}],
	"namespaces": [{"annotations": {}, "labels": {"team": "a"}, "name": "team-a", "uid": "` + namespaceUID + `"}],
	"nodes": [{"arch": "amd64", "name": "n1", "uid": "` + nodeUID + `"}],
	"pods": [{"name": "api-0", "namespace_uid": "` + namespaceUID + `", "node_uid": "` + nodeUID + `", "uid": "` + podUID + `"}],
	"serverVersionMetadata": {"major": "1"},
	"timestamp": "2024-05-03T12:34:13Z"
}`

const goodKAI = `{
	"timestamp": "2024-05-03T12:34:13Z",
	"results": [
		{"namespace": "empty", "images": []},
		{"namespace": "team-a", "images": [{"tag": "acme/api:1.2", "repoDigest": "sha256:aa"}]}
	],
	"serverVersionMetadata": null,
	"cluster_name": "prod-1",
	"inventory_type": "kubernetes"
}`

// document is a decoded body.
type document map[string]any

// first returns the first element of one of the body's arrays.
func (d document) first(name string) map[string]any {
	return d[name].([]any)[0].(map[string]any)
}

// again repeats the first element of an array.
func (d document) again(name string) {
	d[name] = append(d[name].([]any), d.first(name))
}

// spoiled returns body with one thing changed.
func spoiled(t *testing.T, body string, change func(document)) []byte {
	t.Helper()
	var d document
	require.NoError(t, json.Unmarshal([]byte(body), &d))
	change(d)
	out, err := json.Marshal(d)
	require.NoError(t, err)
	return out
}

// zipped returns one gzip member for each part.
func zipped(t *testing.T, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&out)
		_, err := w.Write([]byte(part))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return out.Bytes()
}
