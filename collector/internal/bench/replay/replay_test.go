package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/kubetest"
)

// write records a list as an API server sends it.
func write(t *testing.T, folder, name string, list runtime.Object) {
	t.Helper()
	codec := scheme.Codecs.EncoderForVersion(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), corev1.SchemeGroupVersion)
	data, err := runtime.Encode(codec, list)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
}

// recording is one of eight pods in four namespaces, with two pages of pods.
func recording(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	namespaces := corev1.NamespaceList{Items: []corev1.Namespace{*kubetest.Namespace("default")}}
	var pods []corev1.Pod
	for i := range 4 {
		namespaces.Items = append(namespaces.Items, *kubetest.Namespace(kubetest.NamespaceName(i)))
		for j := range 2 {
			pod := kubetest.Pod{Namespace: kubetest.NamespaceName(i), Name: fmt.Sprintf("web-%d", j), Labels: map[string]string{"team": kubetest.NamespaceName(i)}}
			pods = append(pods, *pod.Object())
		}
	}
	meta := metav1.ListMeta{ResourceVersion: "77"}
	namespaces.ListMeta = meta
	write(t, folder, "namespaces-000.pb", &namespaces)
	write(t, folder, "nodes-000.pb", &corev1.NodeList{ListMeta: meta, Items: []corev1.Node{*kubetest.Node("node-1")}})
	write(t, folder, "pods-000.pb", &corev1.PodList{ListMeta: meta, Items: pods[:5]})
	write(t, folder, "pods-001.pb", &corev1.PodList{ListMeta: meta, Items: pods[5:]})
	require.NoError(t, os.WriteFile(filepath.Join(folder, "version.json"), []byte(`{"major":"1","minor":"36","gitVersion":"v1.36.3"}`), 0o600))
	return folder
}

// client reads what is replayed as everybody does, in protobuf.
func client(t *testing.T, folder string, pods int) kubernetes.Interface {
	t.Helper()
	handler, err := load(folder, pods)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.StartTLS()
	t.Cleanup(server.Close)
	path := filepath.Join(folder, "kubeconfig")
	require.NoError(t, writeKubeconfig(server, path))
	config, err := clientcmd.BuildConfigFromFlags("", path)
	require.NoError(t, err)
	config.ContentType = runtime.ContentTypeProtobuf
	client, err := kubernetes.NewForConfig(rest.AddUserAgent(config, "test"))
	require.NoError(t, err)
	return client
}

// TestCopiesAreOtherPodsInOrder reads 21 pods of a recording of eight.
func TestCopiesAreOtherPodsInOrder(t *testing.T) {
	t.Parallel()
	c := client(t, recording(t), 21)
	var last string
	uids := map[types.UID]struct{}{}
	in := map[string]int{}
	pages := 0
	for token := ""; pages == 0 || token != ""; pages++ {
		list, err := c.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{Limit: 4, Continue: token})
		require.NoError(t, err)
		for _, pod := range list.Items {
			key := pod.Namespace + "/" + pod.Name
			require.Less(t, last, key)
			last = key
			uids[pod.UID] = struct{}{}
			in[pod.Namespace]++
			assert.Equal(t, pod.Namespace, pod.Labels["team"])
		}
		assert.Equal(t, "77", list.ResourceVersion)
		if token = list.Continue; token != "" {
			require.NotNil(t, list.RemainingItemCount)
			assert.EqualValues(t, 21-4*(pages+1), *list.RemainingItemCount)
		}
	}
	assert.Equal(t, 6, pages)
	assert.Len(t, uids, 21)

	namespaces, err := c.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Len(t, namespaces.Items, 1+3*4)
	uids = map[types.UID]struct{}{}
	for _, namespace := range namespaces.Items {
		uids[namespace.UID] = struct{}{}
		delete(in, namespace.Name)
	}
	assert.Len(t, uids, 1+3*4)
	assert.Empty(t, in, "namespaces of pods that are not listed")
	nodes, err := c.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Len(t, nodes.Items, 1)
	version, err := c.Discovery().ServerVersion()
	require.NoError(t, err)
	assert.Equal(t, "v1.36.3", version.GitVersion)
}

func TestMoreCopiesThanADigitTellsApart(t *testing.T) {
	t.Parallel()
	_, err := load(recording(t), 81)
	require.ErrorContains(t, err, "81 pods of a recording of 8")
	_, err = load(t.TempDir(), 1)
	require.ErrorContains(t, err, "no pages of ")
}
