package anchoretest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

func TestCheckV2AcceptsWhatTheSchemaAllows(t *testing.T) {
	t.Parallel()
	tests := map[string]func(document){
		"everything":         func(document) {},
		"no metadata":        func(d document) { delete(d, "serverVersionMetadata") },
		"unknown properties": func(d document) { d["extra"] = []any{nil}; d.first("pods")["extra"] = nil },
		"no digest":          func(d document) { delete(d.first("containers"), "image_digest") },
		"empty digest":       func(d document) { d.first("containers")["image_digest"] = "" },
		"pod without a node": func(d document) { delete(d.first("pods"), "node_uid"); delete(d, "nodes") },
		"namespace only":     func(d document) { d["pods"] = []any{}; d["containers"] = []any{} },
		"two containers in a pod": func(d document) {
			d["containers"] = append(d["containers"].([]any), map[string]any{
				"id": "containerd://8e", "name": "b", "image_tag": "b:1", "pod_uid": podUID,
			})
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, anchoretest.CheckV2(spoiled(t, goodV2, change)))
		})
	}
}

// TestCheckV2NamesTheOffence breaks one thing at a time.
func TestCheckV2NamesTheOffence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		change     func(document)
	}{
		{"no cluster", "'cluster_name' is a required property", func(d document) { delete(d, "cluster_name") }},
		{"empty cluster", "'' is too short - 'cluster_name'", func(d document) { d["cluster_name"] = "" }},
		{"cluster is a number", "1 is not of type 'string' - 'cluster_name'", func(d document) { d["cluster_name"] = 1 }},
		{"no timestamp", "'timestamp' is a required property", func(d document) { delete(d, "timestamp") }},
		{"local time", "is not a 'date-time' in UTC - 'timestamp'", func(d document) { d["timestamp"] = "2024-05-03T12:34:13+02:00" }},
		{"not a time", "is not a 'date-time' in UTC - 'timestamp'", func(d document) { d["timestamp"] = "yesterday" }},
		{"null containers", "None is not of type 'array' - 'containers'", func(d document) { d["containers"] = nil }},
		{"null namespaces", "None is not of type 'array' - 'namespaces'", func(d document) { d["namespaces"] = nil }},
		{"null nodes", "None is not of type 'array' - 'nodes'", func(d document) { d["nodes"] = nil }},
		{"null pods", "None is not of type 'array' - 'pods'", func(d document) { d["pods"] = nil }},
		{"object for array", "is not of type 'array' - 'pods'", func(d document) { d["pods"] = document{} }},
		{"null element", "element is not of type 'object' - 'pods.0'", func(d document) { d["pods"] = []any{nil} }},
		{"text element", "element is not of type 'object' - 'pods.0'", func(d document) { d["pods"] = []any{"p"} }},

		{"namespace without uid", "'uid' is a required property - 'namespaces.0'", func(d document) { delete(d.first("namespaces"), "uid") }},
		{"namespace without name", "'name' is a required property - 'namespaces.0'", func(d document) { delete(d.first("namespaces"), "name") }},
		{"null labels", "None is not of type 'object' - 'namespaces.0.labels'", func(d document) { d.first("namespaces")["labels"] = nil }},
		{"label is a number", "'team': 1 is not of type 'string' - 'namespaces.0.labels'", func(d document) {
			d.first("namespaces")["labels"] = document{"team": 1}
		}},
		{"namespace twice", "'" + namespaceUID + "' is in this report twice - 'namespaces.1.uid'", func(d document) { d.again("namespaces") }},

		{"node without uid", "'uid' is a required property - 'nodes.0'", func(d document) { delete(d.first("nodes"), "uid") }},
		{"null arch", "None is not of type 'string' - 'nodes.0.arch'", func(d document) { d.first("nodes")["arch"] = nil }},
		{"node twice", "is in this report twice - 'nodes.1.uid'", func(d document) { d.again("nodes") }},

		{"pod without uid", "'uid' is a required property - 'pods.0'", func(d document) { delete(d.first("pods"), "uid") }},
		{"misspelt uid", "'uid' is a required property - 'pods.0'", func(d document) {
			delete(d.first("pods"), "uid")
			d.first("pods")["UID"] = podUID
		}},
		{"pod without namespace", "'namespace_uid' is a required property - 'pods.0'", func(d document) { delete(d.first("pods"), "namespace_uid") }},
		{"empty node_uid", "does not match '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' - 'pods.0.node_uid'", func(d document) {
			d.first("pods")["node_uid"] = ""
		}},
		{"capital uid", "does not match", func(d document) { d.first("pods")["uid"] = strings.ToUpper(podUID) }},
		{"uid without dashes", "does not match", func(d document) { d.first("pods")["uid"] = strings.ReplaceAll(podUID, "-", "") }},
		{"uid of 37", "does not match", func(d document) { d.first("pods")["uid"] = podUID + "0" }},
		{"uid of no hex", "does not match", func(d document) { d.first("pods")["uid"] = "g" + podUID[1:] }},
		{"pod of no namespace here", "'" + otherUID + "' is not among the namespaces of this report - 'pods.0.namespace_uid'", func(d document) {
			d.first("pods")["namespace_uid"] = otherUID
		}},
		{"pod on no node here", "is not among the nodes of this report - 'pods.0.node_uid'", func(d document) { d["nodes"] = []any{} }},
		{"pod twice", "is in this report twice - 'pods.1.uid'", func(d document) { d.again("pods") }},

		{"container without id", "'id' is a required property - 'containers.0'", func(d document) { delete(d.first("containers"), "id") }},
		{"container of empty id", "'' is too short - 'containers.0.id'", func(d document) { d.first("containers")["id"] = "" }},
		{"container without name", "'name' is a required property - 'containers.0'", func(d document) { delete(d.first("containers"), "name") }},
		{"container without pod", "'pod_uid' is a required property - 'containers.0'", func(d document) { delete(d.first("containers"), "pod_uid") }},
		{"container without tag", "'image_tag' is a required property - 'containers.0'", func(d document) { delete(d.first("containers"), "image_tag") }},
		{"blank tag", `does not match '\S' - 'containers.0.image_tag'`, func(d document) { d.first("containers")["image_tag"] = " \t" }},
		{"null digest", "None is not of type 'string' - 'containers.0.image_digest'", func(d document) { d.first("containers")["image_digest"] = nil }},
		{"container of no pod here", "is not among the pods of this report - 'containers.0.pod_uid'", func(d document) { d["pods"] = []any{} }},
		{"container twice", `"containerd://9f" is in this report twice - 'containers.1.id'`, func(d document) { d.again("containers") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, anchoretest.CheckV2(spoiled(t, goodV2, tt.change)), tt.want)
		})
	}
}

func TestCheckKAINamesTheOffence(t *testing.T) {
	t.Parallel()
	require.NoError(t, anchoretest.CheckKAI([]byte(goodKAI)))
	image := func(d document) map[string]any {
		return d["results"].([]any)[1].(map[string]any)["images"].([]any)[0].(map[string]any)
	}
	tests := []struct {
		name, want string
		change     func(document)
	}{
		{"no cluster", "'cluster_name' is a required property", func(d document) { delete(d, "cluster_name") }},
		{"no type", "'inventory_type' is a required property", func(d document) { delete(d, "inventory_type") }},
		{"other type", "'ecs' is not one of ['kubernetes'] - 'inventory_type'", func(d document) { d["inventory_type"] = "ecs" }},
		{"no timestamp", "'timestamp' is a required property", func(d document) { delete(d, "timestamp") }},
		{"no results", "'results' is a required property", func(d document) { delete(d, "results") }},
		{"null results", "None is not of type 'array' - 'results'", func(d document) { d["results"] = nil }},
		{"no namespace", "'namespace' is a required property - 'results.0'", func(d document) { delete(d.first("results"), "namespace") }},
		{"namespace twice", "'empty' is in this report twice - 'results.2.namespace'", func(d document) { d.again("results") }},
		{"no images", "'images' is a required property - 'results.0'", func(d document) { delete(d.first("results"), "images") }},
		{"null images", "None is not of type 'array' - 'results.0.images'", func(d document) { d.first("results")["images"] = nil }},
		{"no tag", "'tag' is a required property - 'results.1.images.0'", func(d document) { delete(image(d), "tag") }},
		{"blank tag", `does not match '\S' - 'results.1.images.0.tag'`, func(d document) { image(d)["tag"] = " " }},
		{"digest with its repository", "is not a bare digest - 'results.1.images.0.repoDigest'", func(d document) { image(d)["repoDigest"] = "acme/api@sha256:aa" }},
		{"empty digest", "'' is not a bare digest", func(d document) { image(d)["repoDigest"] = "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, anchoretest.CheckKAI(spoiled(t, goodKAI, tt.change)), tt.want)
		})
	}
}

func TestChecksRefuseWhatIsNoJSONObject(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":        "",
		"gzip":           "\x1f\x8b\x08",
		"cut":            goodV2[:len(goodV2)/2],
		"trailing data":  goodV2 + "{}",
		"trailing comma": `{"cluster_name":"a",}`,
		"not UTF-8":      "{\"cluster_name\":\"\xff\"}",
	} {
		require.EqualError(t, anchoretest.CheckV2([]byte(body)), "Request body is not valid JSON", name)
		require.EqualError(t, anchoretest.CheckKAI([]byte(body)), "Request body is not valid JSON", name)
	}
	require.EqualError(t, anchoretest.CheckV2([]byte("[]")), "'[' is not of type 'object'")
	require.EqualError(t, anchoretest.CheckV2([]byte("null")), "None is not of type 'object'")
	require.EqualError(t, anchoretest.CheckV2([]byte(`{"pods":[],"pods":[]}`)), "'pods' is given twice")
}

// FuzzCheck holds that a check never panics and never accepts what a JSON decoder refuses.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(goodV2))
	f.Add([]byte(goodKAI))
	f.Add([]byte(`{"pods":[{"uid":null}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, check := range []func([]byte) error{anchoretest.CheckV2, anchoretest.CheckKAI} {
			if check(body) == nil {
				assert.True(t, json.Valid(body))
			}
		}
	})
}
