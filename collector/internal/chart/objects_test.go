package chart

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// objects are what a release consists of, in the order of installation.
type objects []*unstructured.Unstructured

func parse(t *testing.T, text []byte) objects {
	t.Helper()
	var all objects
	for docs := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		var o map[string]any
		require.NoError(t, yaml.UnmarshalStrict(doc, &o), "%s", doc)
		if len(o) > 0 {
			all = append(all, &unstructured.Unstructured{Object: o})
		}
	}
}

// kinds lists the kinds of all objects.
func (all objects) kinds() []string {
	var kinds []string
	for _, o := range all {
		kinds = append(kinds, o.GetKind())
	}
	return kinds
}

// ofKind returns the objects of a kind.
func (all objects) ofKind(kind string) objects {
	var some objects
	for _, o := range all {
		if o.GetKind() == kind {
			some = append(some, o)
		}
	}
	return some
}

// typed decodes an object strictly: a field that its type does not have, or that
// is there twice, fails the test.
func typed(t *testing.T, o *unstructured.Unstructured) runtime.Object {
	t.Helper()
	raw, err := o.MarshalJSON()
	require.NoError(t, err)
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Strict: true})
	decoded, _, err := strict.Decode(raw, nil, nil)
	require.NoError(t, err, "%s", raw)
	return decoded
}

// the returns the only object of type T among those of a kind.
func the[T runtime.Object](t *testing.T, all objects, kind string) T {
	t.Helper()
	some := all.ofKind(kind)
	require.Len(t, some, 1, "objects of kind %s", kind)
	decoded, ok := typed(t, some[0]).(T)
	require.True(t, ok, "%T", decoded)
	return decoded
}

// cronJob, jobSpec, pod and container look at the same thing, ever closer.
func cronJob(t *testing.T, all objects) *batchv1.CronJob {
	t.Helper()
	return the[*batchv1.CronJob](t, all, "CronJob")
}

func jobSpec(t *testing.T, all objects) batchv1.JobSpec {
	t.Helper()
	return cronJob(t, all).Spec.JobTemplate.Spec
}

func pod(t *testing.T, all objects) corev1.PodTemplateSpec {
	t.Helper()
	return jobSpec(t, all).Template
}

func container(t *testing.T, all objects) corev1.Container {
	t.Helper()
	containers := pod(t, all).Spec.Containers
	require.Len(t, containers, 1)
	return containers[0]
}

func configMap(t *testing.T, all objects) map[string]string {
	t.Helper()
	return the[*corev1.ConfigMap](t, all, "ConfigMap").Data
}
