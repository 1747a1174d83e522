package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// object is a piece of a saved inventory of the kind stocktake, as JSON has it.
type object map[string]any

// inventory is a saved inventory while it is made up.
type inventory struct {
	cluster    string
	gaps       []object
	namespaces []string
	images     []object
	pods       []object
}

// add lets a pod of a Deployment use an image.
func (i *inventory) add(namespace, workload, node, phase string, image object) {
	i.images = append(i.images, image)
	i.use(namespace, workload, node, phase, len(i.images)-1)
}

func (i *inventory) use(namespace, workload, node, phase string, image int) {
	if !contains(i.namespaces, namespace) {
		i.namespaces = append(i.namespaces, namespace)
	}
	used := i.images[image]
	used["pods"] = used["pods"].(int) + 1
	used["containers"] = used["pods"]
	pod := object{
		"namespace": namespace, "name": fmt.Sprintf("%s-%d", workload, len(i.pods)), "uid": fmt.Sprintf("00000000-0000-4000-8000-%012d", len(i.pods)),
		"phase": phase, "static": false, "owner": object{"kind": "StatefulSet", "name": workload},
		"containers": []object{{"kind": "container", "name": "main", "image": image}},
	}
	if node != "" {
		pod["node"] = node
	}
	i.pods = append(i.pods, pod)
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

// text is the inventory as the program saves it: pods stand namespace by namespace.
func (i *inventory) text(t *testing.T) []byte {
	t.Helper()
	namespaces, pods := []object{}, []object{}
	for n, name := range i.namespaces {
		count := 0
		for _, pod := range i.pods {
			if pod["namespace"] == name {
				pods = append(pods, pod)
				count++
			}
		}
		namespaces = append(namespaces, object{"name": name, "uid": fmt.Sprintf("11111111-0000-4000-8000-%012d", n), "pods": count, "containers": count})
	}
	nodes := []object{}
	for n := range 12 {
		arch := "amd64"
		if n%4 == 3 {
			arch = "arm64"
		}
		nodes = append(nodes, object{"name": node(n), "uid": fmt.Sprintf("22222222-0000-4000-8000-%012d", n), "os": "linux", "arch": arch})
	}
	text, err := json.Marshal(object{
		"format":  "stocktake/v1",
		"cluster": object{"name": i.cluster, "uid": "33333333-0000-4000-8000-000000000000", "version": version()},
		"run": object{
			"id": "1", "tool_version": "1.2.3", "started": "2026-11-21T11:50:00Z", "finished": "2026-11-21T11:50:04Z",
			"complete": len(i.gaps) == 0, "consistency": "snapshot", "resource_version": "1", "pages": 4,
		},
		"gaps": append([]object{}, i.gaps...), "nodes": nodes, "namespaces": namespaces, "images": i.images, "pods": pods,
	})
	require.NoError(t, err)
	return text
}

func version() object {
	return object{
		"major": "1", "minor": "36", "gitVersion": "v1.36.3", "gitCommit": "", "gitTreeState": "clean",
		"buildDate": "2026-02-03T04:05:06Z", "goVersion": "go1.26.0", "compiler": "gc", "platform": "linux/amd64",
	}
}

// save writes the inventory to a file.
func (i *inventory) save(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "saved.json")
	require.NoError(t, os.WriteFile(path, i.text(t), 0o600))
	return path
}

func node(n int) string { return fmt.Sprintf("node-%02d.eu-central-1.example.com", n) }

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// image is one as it should be.
func image(name, tag string) object {
	return object{
		"pods": 0, "containers": 0, "platforms": []object{}, "written": name + ":" + tag, "name": name, "tag": tag, "tag_implied": false,
		"digest": digestOf(name + tag), "digest_source": "status", "status_digest": digestOf(name + tag), "flags": []string{},
	}
}

// undigested is one of which nobody knows the content.
func undigested(name, tag string) object {
	return object{"pods": 0, "containers": 0, "platforms": []object{}, "written": name + ":" + tag, "name": name, "tag": tag, "tag_implied": false, "digest_source": "none", "flags": []string{}}
}

// loaded is one that came from no registry.
func loaded(name, tag string) object {
	return object{
		"pods": 0, "containers": 0, "platforms": []object{}, "written": name + ":" + tag, "name": name, "tag": tag, "tag_implied": false,
		"digest_source": "none", "config_id": digestOf(name), "flags": []string{"config-id-only"},
	}
}

// implied is one whose tag nobody wrote.
func implied(name string) object {
	i := image(name, "latest")
	i["written"], i["tag_implied"], i["flags"] = name, true, []string{"tag-implied"}
	return i
}

// invalid is a text that is no image.
func invalid(text string) object {
	return object{"pods": 0, "containers": 0, "platforms": []object{}, "written": text, "tag_implied": false, "digest_source": "none", "flags": []string{"invalid"}}
}

// ordinary is a cluster as there are many, with as many images as asked for.
func ordinary(images int) *inventory {
	random := rand.New(rand.NewPCG(1, 2))
	registries := []string{
		"docker.io", "docker.io", "docker.io", "ghcr.io", "ghcr.io", "quay.io", "registry.k8s.io", "harbor.acme.example", "harbor.acme.example", "harbor.acme.example",
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "registry.internal.example.com:5000", "mcr.microsoft.com", "public.ecr.aws", "docker.elastic.co", "gcr.io", "nvcr.io", "cr.l5d.io",
	}
	owners := []string{"library", "acme", "platform", "prometheus", "grafana", "argoproj", "istio", "bitnami", "team-payments", "external-secrets/provider", "team-search"}
	names := []string{"nginx", "redis", "postgres", "api", "worker", "checkout", "search-indexer", "mailer", "billing", "node-exporter", "proxyv2", "controller", "operator", "session-store", "reporting-batch", "image-resizer", "gateway", "ledger"}
	namespaces := []string{"kube-system", "monitoring", "argocd", "istio-system", "shop", "payments", "search", "batch", "ingress-nginx", "cert-manager", "logging"}
	for n := range max(3, min(60, images/20)) {
		namespaces = append(namespaces, fmt.Sprintf("tenant-%02d", n))
	}
	i := &inventory{cluster: "prod-eu-1"}
	for n := range images {
		pick := func(list []string) string { return list[random.IntN(len(list))] }
		name, app := pick(registries)+"/"+pick(owners), pick(names)
		tag := fmt.Sprintf("%d.%d.%d", 1+random.IntN(4), n/40, n%40)
		one := image(name+"/"+app, tag)
		switch n % 29 {
		case 5:
			one = undigested(name+"/"+app, tag)
		case 11:
			one = implied(name + "/" + fmt.Sprintf("%s-%d", app, n))
		case 17:
			one = loaded(name+"/"+app, tag)
		}
		phase := "Running"
		if n%37 == 20 {
			phase = "Succeeded"
		}
		i.add(pick(namespaces), app, node(random.IntN(12)), phase, one)
		for random.IntN(3) > 0 {
			i.use(pick(namespaces), app, node(random.IntN(12)), phase, len(i.images)-1)
		}
	}
	i.add("batch", "broken", "", "Pending", invalid("Registry.example.com/Not A Reference"))
	for n := range 12 {
		i.use("kube-system", "kube-proxy", node(n), "Running", 0)
	}
	return i
}
