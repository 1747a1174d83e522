package programtest_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/kubetest"
)

// listing is a cluster as other programs read it.
type listing struct {
	namespaces []corev1.Namespace
	pods       []corev1.Pod
	nodes      []corev1.Node
}

// listingOf is a cluster of these pods.
func listingOf(pods []kubetest.Pod, namespaces ...string) *listing {
	l := &listing{nodes: []corev1.Node{*platformNode("linux", "amd64", "6.12"), *platformNode("linux", "arm64", "6.12"), *platformNode("windows", "amd64", "10.0.20348.2762")}}
	for _, name := range namespaces {
		l.namespaces = append(l.namespaces, *kubetest.Namespace(name))
	}
	for _, pod := range pods {
		l.pods = append(l.pods, *pod.Object())
	}
	slices.SortFunc(l.pods, func(a, b corev1.Pod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return l
}

// serve answers as the API server of this cluster does, and returns a kubeconfig.
func (l *listing) serve(t *testing.T) string {
	t.Helper()
	paths := usualPaths(nil)
	of := func(kind string) (metav1.TypeMeta, metav1.ListMeta) {
		return metav1.TypeMeta{Kind: kind, APIVersion: "v1"}, metav1.ListMeta{ResourceVersion: "100"}
	}
	namespaces, pods, nodes := corev1.NamespaceList{Items: l.namespaces}, corev1.PodList{Items: l.pods}, corev1.NodeList{Items: l.nodes}
	namespaces.TypeMeta, namespaces.ListMeta = of("NamespaceList")
	pods.TypeMeta, pods.ListMeta = of("PodList")
	nodes.TypeMeta, nodes.ListMeta = of("NodeList")
	paths["/api/v1/namespaces"], paths["/api/v1/pods"], paths["/api/v1/nodes"] = answers(namespaces), answers(pods), answers(nodes)
	return (&scriptedServer{paths: paths}).serve(t)
}

// in returns the pods of a namespace.
func (l *listing) in(namespace string) []corev1.Pod {
	var pods []corev1.Pod
	for i := range l.pods {
		if l.pods[i].Namespace == namespace {
			pods = append(pods, l.pods[i])
		}
	}
	return pods
}

// texts are what a pod says of the image of a container, by name.
type texts struct{ name, spec, status, imageID, id string }

// textsOf returns init containers and regular ones; other programs know no more.
func textsOf(pod *corev1.Pod) []*texts {
	var all []*texts
	byName := map[string]*texts{}
	named := func(name string) *texts {
		if byName[name] == nil {
			byName[name] = &texts{name: name}
			all = append(all, byName[name])
		}
		return byName[name]
	}
	for _, c := range append(append([]corev1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		named(c.Name).spec = c.Image
	}
	for _, s := range append(append([]corev1.ContainerStatus{}, pod.Status.InitContainerStatuses...), pod.Status.ContainerStatuses...) {
		c := named(s.Name)
		c.status, c.imageID, c.id = s.Image, s.ImageID, s.ContainerID
	}
	return all
}

var (
	tagOf    = regexp.MustCompile(`:[\w][\w.-]{0,127}$`)
	digestOf = regexp.MustCompile(`@(sha[[:digit:]]{3}:[[:alnum:]]{32,})`)
)

func hexOf(digest string) string { return digest[strings.LastIndexByte(digest, ':')+1:] }

// collectorForm is a way in which anchore-k8s-inventory 1.8.4 is set up.
type collectorForm struct {
	policy     string
	all        bool // ignore-not-running is false
	posted     bool // as sent, not as printed: without what Anchore would refuse
	bare       bool // metadata-collection is off
	namespaces int  // in one body; 0: all
}

type member = map[string]any

// write writes bodies as pkg/inventory/containers.go and pkg/reporter do.
func (f collectorForm) write(l *listing) []member {
	size := f.namespaces
	if size == 0 {
		size = len(l.namespaces)
	}
	var bodies []member
	for start := 0; start < len(l.namespaces); start += size {
		body := member{"cluster_name": "prod", "timestamp": "2026-11-27T19:53:21Z", "serverVersionMetadata": nil, "nodes": f.nodes(l)}
		var namespaces, pods, containers []member // nil is null, as in Go
		for _, ns := range l.namespaces[start:min(start+size, len(l.namespaces))] {
			namespaces = append(namespaces, f.described(member{"name": ns.Name, "uid": ns.UID}, &ns.ObjectMeta))
			for _, p := range l.in(ns.Name) {
				pod := member{"name": p.Name, "uid": p.UID, "namespace_uid": ns.UID}
				if p.Spec.NodeName != "" && !f.bare {
					pod["node_uid"] = kubetest.UID("", p.Spec.NodeName)
				}
				pods = append(pods, f.described(pod, &p.ObjectMeta))
				containers = append(containers, f.containers(&p)...)
			}
		}
		body["namespaces"], body["pods"], body["containers"] = namespaces, pods, containers
		bodies = append(bodies, body)
	}
	return bodies
}

func (f collectorForm) described(o member, meta *metav1.ObjectMeta) member {
	if !f.bare && len(meta.Labels) > 0 {
		o["labels"] = meta.Labels
	}
	if !f.bare && len(meta.Annotations) > 0 {
		o["annotations"] = meta.Annotations
	}
	return o
}

func (f collectorForm) nodes(l *listing) []member {
	var nodes []member
	for _, n := range l.nodes {
		node := member{"name": n.Name, "uid": n.UID}
		if !f.bare {
			node["arch"], node["operating_system"] = n.Status.NodeInfo.Architecture, n.Status.NodeInfo.OperatingSystem
		}
		nodes = append(nodes, node)
	}
	return nodes
}

func (f collectorForm) containers(pod *corev1.Pod) []member {
	if !f.all && pod.Status.Phase != corev1.PodRunning {
		return nil
	}
	var all []member
	for _, c := range textsOf(pod) {
		image := c.spec
		if image == "" {
			image = c.status
		}
		tag, _, _ := strings.Cut(image, "@")
		digest := ""
		if found := digestOf.FindStringSubmatch(c.imageID); found != nil {
			digest = found[1]
		}
		if f.posted && c.id == "" {
			continue
		}
		if !tagOf.MatchString(tag) {
			if f.policy == "drop" {
				continue
			}
			if f.policy == "digest" { // insert does nothing
				tag += ":" + hexOf(digest)
			}
		}
		all = append(all, member{"id": c.id, "image_digest": digest, "image_tag": tag, "name": c.name, "pod_uid": pod.UID})
	}
	return all
}

// kaiForm is a way in which KAI 0.3 is set up.
type kaiForm struct {
	policy string
	all    bool
}

// kaiBody has its members in the order in which KAI writes them.
type kaiBody struct {
	Timestamp string   `json:"timestamp,omitempty"`
	Results   []member `json:"results"`
	Server    any      `json:"serverVersionMetadata"`
	Cluster   string   `json:"cluster_name"`
	Type      string   `json:"inventory_type"`
}

// write writes a body as kai/inventory/reportitem.go does.
func (f kaiForm) write(l *listing) kaiBody {
	body := kaiBody{Timestamp: "2026-11-27T19:53:21Z", Cluster: "prod", Type: "kubernetes"}
	for _, ns := range l.namespaces {
		images, known := []member{}, map[[2]string]bool{}
		for _, p := range l.in(ns.Name) {
			if !f.all && p.Status.Phase != corev1.PodRunning {
				continue
			}
			for _, c := range textsOf(&p) {
				name, digest := f.image(c)
				if name == "" || known[[2]string{name, digest}] {
					continue
				}
				known[[2]string{name, digest}] = true
				image := member{"tag": name}
				if digest != "" {
					image["repoDigest"] = digest
				}
				images = append(images, image)
			}
		}
		body.Results = append(body.Results, member{"namespace": ns.Name, "images": images})
	}
	return body
}

// image takes each part from the first of three texts that has one.
func (f kaiForm) image(c *texts) (name, digest string) {
	var repository, tag string
	for _, text := range []string{c.spec, c.status, c.imageID} {
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
	case f.policy == "drop":
		return "", ""
	case f.policy == "insert":
		tag = "UNKNOWN"
	default:
		tag = hexOf(digest)
	}
	return repository + ":" + tag, digest
}

// written writes bodies into a file, one after the other.
func written[T any](t *testing.T, bodies ...T) string {
	t.Helper()
	var all []byte
	for _, body := range bodies {
		text, err := json.MarshalIndent(body, "", "  ")
		require.NoError(t, err)
		all = append(append(all, text...), '\n')
	}
	path := filepath.Join(t.TempDir(), "body.json")
	require.NoError(t, os.WriteFile(path, all, 0o600))
	return path
}
