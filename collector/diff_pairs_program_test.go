package collector_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
)

// seen is a container as the API shows it, for those who write other programs' bodies.
type seen struct{ pod, spec, status, id string }

// seenBy is the cluster of which all bodies of TestDiffOfEveryPairOfOthersBodies are made:
// tags, digests, both, neither, two digests, a copy that knows no registry, a pod that
// has not started.
func seenBy() []seen {
	hex := func(digits string) string { return strings.Repeat(digits, 16) }
	return []seen{
		{"api", "quay.io/acme/api:1.2", "quay.io/acme/api:1.2", "quay.io/acme/api@sha256:" + hex("0001")},
		{"web", "nginx", "docker.io/library/nginx:latest", "docker.io/library/nginx@sha256:" + hex("0001")},
		{"web-7", "nginx", "docker.io/library/nginx:1.27", "docker.io/library/nginx@sha256:" + hex("0007")},
		{"mine", "myapp", "docker.io/library/myapp:latest", "sha256:" + hex("00c0")},
		{"loaded", "loaded:dev", "docker.io/library/loaded:dev", "sha256:" + hex("00c1")},
		{"redis", "redis@sha256:" + hex("0002"), "sha256:" + hex("00c2"), "docker.io/library/redis@sha256:" + hex("0002")},
		{"valkey", "valkey@sha256:" + hex("0003"), "valkey@sha256:" + hex("0003"), "docker.io/library/valkey@sha256:" + hex("0003")},
		{"ingress", "registry.k8s.io/c:v1@sha256:" + hex("0004"), "sha256:" + hex("00c4"), "registry.k8s.io/c@sha256:" + hex("0005")},
		{"pinned", "quay.io/acme/pinned:1@sha256:" + hex("0008"), "quay.io/acme/pinned:1", "sha256:" + hex("00c8")},
		{"port", "localhost:5000/team/app", "localhost:5000/team/app:latest", "localhost:5000/team/app@sha256:" + hex("0006")},
		{"late", "quay.io/acme/late:1", "quay.io/acme/late:1", ""},
	}
}

var (
	tagOf    = regexp.MustCompile(`:[\w][\w.-]{0,127}$`)
	digestOf = regexp.MustCompile(`@(sha[[:digit:]]{3}:[[:alnum:]]{32,})`)
)

// asCollector writes the body of anchore-k8s-inventory 1.8.4, as its
// pkg/inventory/containers.go does.
func asCollector(t *testing.T, policy string, ignoreNotRunning bool) string {
	t.Helper()
	var pods, containers []map[string]any
	for _, s := range seenBy() {
		pods = append(pods, map[string]any{"name": s.pod, "uid": kubetest.UID("shop", s.pod), "namespace_uid": kubetest.UID("", "shop")})
		tag, _, _ := strings.Cut(s.spec, "@")
		digest, id := "", ""
		if found := digestOf.FindStringSubmatch(s.id); found != nil {
			digest = found[1]
		}
		if s.id != "" {
			id = "containerd://" + kubetest.Hex("shop", s.pod, "c")
		} else if ignoreNotRunning {
			continue
		}
		if !tagOf.MatchString(tag) {
			if policy == "drop" {
				continue
			}
			if policy == "digest" {
				tag += ":" + digest[strings.LastIndexByte(digest, ':')+1:]
			}
		}
		containers = append(containers, map[string]any{"id": id, "image_digest": digest, "image_tag": tag, "name": "c", "pod_uid": kubetest.UID("shop", s.pod)})
	}
	return written(t, map[string]any{
		"cluster_name": "prod", "containers": containers, "pods": pods, "timestamp": "2026-11-27T19:53:21Z", "serverVersionMetadata": nil,
		"namespaces": []any{map[string]any{"name": "shop", "uid": kubetest.UID("", "shop")}},
	})
}

// asKAI writes the body of KAI 0.3, as its kai/inventory/reportitem.go does: the first
// of three texts that has a part gives it.
func asKAI(t *testing.T, policy string, ignoreNotRunning bool) string {
	t.Helper()
	var images []map[string]any
	for _, s := range seenBy() {
		if s.id == "" && ignoreNotRunning {
			continue
		}
		var repository, tag, digest string
		for _, text := range []string{s.spec, s.status, s.id} {
			if found := digestOf.FindStringSubmatchIndex(text); found != nil {
				if digest == "" {
					digest = text[found[0]+1:]
				}
				text = text[:found[0]]
			}
			if found := tagOf.FindStringIndex(text); found != nil {
				if tag == "" {
					tag = text[found[0]+1:]
				}
				text = text[:found[0]]
			}
			if repository == "" {
				repository = text
			}
		}
		switch {
		case tag != "":
		case policy == "drop":
			continue
		case policy == "insert":
			tag = "UNKNOWN"
		default:
			tag = digest[strings.LastIndexByte(digest, ':')+1:]
		}
		image := map[string]any{"tag": repository + ":" + tag}
		if digest != "" {
			image["repoDigest"] = digest
		}
		images = append(images, image)
	}
	return written(t, map[string]any{
		"cluster_name": "prod", "inventory_type": "kubernetes", "timestamp": "2026-11-27T19:53:21Z",
		"results": []any{map[string]any{"namespace": "shop", "images": images}}, "serverVersionMetadata": nil,
	})
}

func written(t *testing.T, body any) string {
	t.Helper()
	text, err := json.MarshalIndent(body, "", "  ")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "body.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// Whoever made them, with whatever settings: bodies of the same pods are the same. What
// nobody can tell is left out: KAI's bodies do not say what waits, nor that a tag was
// inserted.
func TestDiffOfEveryPairOfOthersBodies(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{}
	for _, policy := range []string{"digest", "insert", "drop"} {
		bodies["collector "+policy], bodies["collector all "+policy] = asCollector(t, policy, true), asCollector(t, policy, false)
		if policy != "insert" {
			bodies["KAI "+policy] = asKAI(t, policy, true)
		}
	}
	for one, old := range bodies {
		for other, after := range bodies {
			got := run(t, call{args: []string{"diff", old, after, "-o", "json"}})
			var rows []string
			for _, c := range readDiff(t, got).Changes {
				rows = append(rows, c.Change+" "+c.Name+":"+c.Tag)
			}
			assert.Equal(t, 0, got.code, "%s and %s: %v", one, other, rows)
		}
	}
}
