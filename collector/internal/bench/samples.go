package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/kubetest"
)

// How many there are of what people keep beside pods.
const (
	definitions = 100 // of custom resources, five in a group
	fields      = 110 // of a custom resource at most
	configMaps  = 500
	workloads   = 250 // deployments, each with a service and two replica sets
	revisions   = 40  // of Helm releases, four of each
)

// customDomain ends the groups of custom resources.
const customDomain = ".example.com"

// allDefinitions are those of the custom resources. Every fifth type has no namespaces.
func allDefinitions() iter.Seq[newObject] {
	properties := map[string]any{}
	for i := range fields {
		properties[fieldName(i)] = map[string]any{"type": "string", "description": text("description", i)}
	}
	schema, err := json.Marshal(properties)
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return func(yield func(newObject) bool) {
		for i := range definitions {
			scope := "Namespaced"
			if !customNamespaced(i) {
				scope = "Cluster"
			}
			definition := fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%[1]s.%[2]s"},
				"spec":{"group":%[2]q,"scope":%[3]q,"names":{"plural":%[1]q,"singular":%[4]q,"kind":%[5]q},"versions":[{"name":"v1","served":true,"storage":true,"schema":{
				"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":%[6]s}}}}}]}}`,
				customPlural(i), customGroup(i), scope, strings.ToLower(customKind(i)), customKind(i), schema)
			if !yield(newObject{"/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json.RawMessage(definition)}) {
				return
			}
		}
	}
}

func customGroup(i int) string       { return fmt.Sprintf("group-%02d", i/5) + customDomain }
func customPlural(i int) string      { return fmt.Sprintf("gadgets%03d", i) }
func customKind(i int) string        { return fmt.Sprintf("Gadget%03d", i) }
func customNamespaced(i int) bool    { return i%5 != 4 }
func customPath(i int) string        { return "/apis/" + customGroup(i) + "/v1/" + customPlural(i) }
func fieldName(i int) string         { return fmt.Sprintf("field%03d", i) }
func text(what string, i int) string { return what + " " + kubetest.Hex(what, strconv.Itoa(i)) }

// allObjects are those of the custom resources and of what Kubernetes itself has.
func allObjects() iter.Seq[newObject] {
	return func(yield func(newObject) bool) {
		for _, all := range []iter.Seq[newObject]{customObjects(), configurations(), applications(), releases()} {
			for one := range all {
				if !yield(one) {
					return
				}
			}
		}
	}
}

// in is the address of the list of a type in one of the namespaces.
func in(group, plural string, i int) string {
	return group + "/namespaces/" + kubetest.NamespaceName(i%namespaces) + "/" + plural
}

// customObjects are from one to fifty of a type, of 300 bytes to 8 KB.
func customObjects() iter.Seq[newObject] {
	return func(yield func(newObject) bool) {
		for i := range definitions {
			size, count := []int{4, 14, 40, fields}[i%4], []int{1, 5, 20, 50}[i/4%4]
			for n := range count {
				path := customPath(i)
				if customNamespaced(i) {
					path = in("/apis/"+customGroup(i)+"/v1", customPlural(i), n)
				}
				spec := map[string]string{}
				for f := range size {
					spec[fieldName(f)] = text(customPlural(i), n*fields+f)
				}
				if !yield(newObject{path, map[string]any{
					"apiVersion": customGroup(i) + "/v1", "kind": customKind(i),
					"metadata": map[string]any{"name": fmt.Sprintf("gadget-%03d", n)}, "spec": spec,
				}}) {
					return
				}
			}
		}
	}
}

// configurations are ConfigMaps of 0.6 to 6 KB.
func configurations() iter.Seq[newObject] {
	return func(yield func(newObject) bool) {
		for i := range configMaps {
			lines := make([]string, 8*(1+i%10))
			for n := range lines {
				lines[n] = text("setting", i*100+n)
			}
			if !yield(newObject{in("/api/v1", "configmaps", i), corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("config-%03d", i)},
				Data:       map[string]string{"config.yaml": strings.Join(lines, "\n")},
			}}) {
				return
			}
		}
	}
}

// applications are Deployments of pods as there are in the cluster, with what belongs
// to them.
func applications() iter.Seq[newObject] {
	return func(yield func(newObject) bool) {
		i := 0
		for pod := range kubetest.Many(workloads, namespaces, nodes) {
			meta := metav1.ObjectMeta{Name: pod.Name, Labels: pod.Labels}
			selector := &metav1.LabelSelector{MatchLabels: pod.Labels}
			template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: pod.Labels, Annotations: pod.Annotations}, Spec: pod.Spec}
			template.Spec.NodeName, template.Spec.RestartPolicy = "", corev1.RestartPolicyAlways
			all := []newObject{
				{in("/apis/apps/v1", "deployments", i), appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Selector: selector, Template: template}}},
				// Without an address of its own: there are 254 of them.
				{in("/api/v1", "services", i), corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone, Selector: pod.Labels}}},
			}
			for _, suffix := range []string{"-1", "-2"} {
				of := meta
				of.Name += suffix
				all = append(all, newObject{in("/apis/apps/v1", "replicasets", i), appsv1.ReplicaSet{ObjectMeta: of, Spec: appsv1.ReplicaSetSpec{Selector: selector, Template: template}}})
			}
			for _, one := range all {
				if !yield(one) {
					return
				}
			}
			i++
		}
	}
}

// releases are Secrets in which Helm keeps the revisions of its releases.
func releases() iter.Seq[newObject] {
	return func(yield func(newObject) bool) {
		for i := range revisions {
			if !yield(newObject{in("/api/v1", "secrets", i/4), release(fmt.Sprintf("release-%02d", i/4), 1+i%4, releaseBytes)}) {
				return
			}
		}
	}
}

// releaseBytes makes a Secret of 0.9 MB in JSON: etcd takes 1.5 MB, in base64 once.
const releaseBytes = 500_000

// release is a revision as Helm keeps it (pkg/storage/driver of helm.sh/helm/v3): JSON in
// gzip in base64, and as part of a Secret in base64 again. The templates of its chart are
// so many bytes that cannot be compressed.
func release(name string, revision, size int) corev1.Secret {
	status := "superseded"
	if revision == 4 {
		status = "deployed"
	}
	templates := make([]byte, size)
	noise := rand.NewChaCha8([32]byte([]byte(kubetest.Hex(name))[:32]))
	_, _ = noise.Read(templates) // never fails
	record, err := json.Marshal(map[string]any{
		"name": name, "version": revision, "namespace": "default", "manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n",
		"info":   map[string]any{"status": status, "first_deployed": "2026-01-02T03:04:05Z", "last_deployed": "2026-01-02T03:04:05Z", "notes": text("notes", revision)},
		"config": map[string]any{"password": text("password", revision)},
		"chart": map[string]any{
			"metadata":  map[string]any{"apiVersion": "v2", "name": name, "version": "1.2.3", "appVersion": "4.5.6"},
			"templates": []any{map[string]any{"name": "templates/all.yaml", "data": templates}},
		},
	})
	if err != nil {
		panic(err) // maps of strings always encode
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(record) // into memory
	_ = w.Close()
	labels := map[string]string{"owner": "helm", "name": name, "status": status, "version": strconv.Itoa(revision)}
	return corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, revision), Labels: labels},
		Type:       "helm.sh/release.v1",
		Data:       map[string][]byte{"release": []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))},
	}
}
