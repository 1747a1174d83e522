package kubetest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
)

const digest = "sha256:6ddb9b41f1ba4df9d44ba1aa7bd9ce0ca37c47a5cbb0ea4ea3bd9d5b3e1d5c0a"

// everyKind shows each kind, phase and state that the builder knows.
func everyKind() []kubetest.Pod {
	pods := []kubetest.Pod{{
		Namespace: "team-a", Name: "kinds", Node: "node-1", Owner: "ReplicaSet/kinds-5d4f",
		Labels: map[string]string{"app": "kinds"}, Annotations: map[string]string{"note": "über"},
		Containers: []kubetest.Container{
			{Name: "web", Image: "nginx:1.27", ImageID: "docker.io/library/nginx@" + digest},
			{Kind: kubetest.Init, Name: "setup", Image: "busybox", ImageID: digest},
			{Kind: kubetest.Sidecar, Name: "mesh", Image: "envoy:v1", StatusImage: "docker.io/library/envoy:v1"},
			{Kind: kubetest.Ephemeral, Name: "debug", Image: "alpine@" + digest, State: kubetest.Terminated, Reason: "OOMKilled"},
			{Kind: kubetest.Volume, Name: "model", Image: "ghcr.io/models/small:1", ImageID: "ghcr.io/models/small@" + digest},
			{Name: "ghost", Image: "only/in-status:1", MissingInSpec: true},
			{Name: "silent", Image: "only/in-spec:1", State: kubetest.Missing},
		},
	}, {Name: "etcd-node-1", Namespace: "kube-system", Node: "node-1", Mirror: true}, {Name: "bare"}}
	for _, phase := range []corev1.PodPhase{corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed, corev1.PodUnknown} {
		for _, state := range []kubetest.State{kubetest.ByPhase, kubetest.Waiting, kubetest.Running, kubetest.Terminated, kubetest.Missing} {
			pods = append(pods, kubetest.Pod{
				Name: fmt.Sprintf("phase-%.4x-%d", string(phase), state), Phase: phase,
				Containers: []kubetest.Container{{Name: "c", Image: "Not A/Reference", State: state}},
			})
		}
	}
	return pods
}

func TestEveryObjectDecodesAlikeFromProtobufAndJSON(t *testing.T) {
	c := clean(t)
	c.SeedPods(t, everyKind()...)
	c.SeedAll(t, kubetest.Many(200, 4, 4))
	c.SeedNamespaces(t, "team-a", "team-b")
	c.SeedNodes(t, "node-1", "node-2")

	for path, count := range map[string]int{"pods": len(everyKind()) + 200, "nodes": 2, "namespaces": 4 + 2} {
		fromJSON := listAs(t, c, path, "application/json")
		fromProtobuf := listAs(t, c, path, "application/vnd.kubernetes.protobuf")
		assert.Len(t, itemsOf(t, fromJSON), count, path)
		assert.JSONEq(t, string(fromJSON), string(fromProtobuf), path)
	}
}

// listAs lists in one encoding and returns what it decoded as JSON.
func listAs(t *testing.T, c *kubetest.Cluster, resource, contentType string) []byte {
	t.Helper()
	config := c.Config()
	config.ContentConfig = rest.ContentConfig{ContentType: contentType, AcceptContentTypes: contentType}
	var contentSeen string
	client := clientOf(t, config).CoreV1().RESTClient()
	result := client.Get().Resource(resource).Do(t.Context())
	result.ContentType(&contentSeen)
	require.Contains(t, contentSeen, contentType)
	object, err := result.Get()
	require.NoError(t, err)
	data, err := json.Marshal(object)
	require.NoError(t, err)
	return data
}

func itemsOf(t *testing.T, list []byte) []json.RawMessage {
	t.Helper()
	var decoded struct {
		Items []json.RawMessage `json:"items"`
	}
	require.NoError(t, json.Unmarshal(list, &decoded))
	return decoded.Items
}

func TestStatusComesOutAsSeeded(t *testing.T) {
	c := clean(t)
	want := everyKind()[0].Object()
	c.SeedPods(t, everyKind()[0])

	got, err := clientOf(t, c.Config()).CoreV1().Pods("team-a").Get(t.Context(), "kinds", metav1.GetOptions{})

	require.NoError(t, err)
	assert.Equal(t, want.UID, got.UID)
	assert.Equal(t, want.Labels, got.Labels)
	assert.Equal(t, want.OwnerReferences, got.OwnerReferences)
	assert.True(t, apiequality.Semantic.DeepEqual(want.Status.InitContainerStatuses, got.Status.InitContainerStatuses))
	assert.True(t, apiequality.Semantic.DeepEqual(want.Status.EphemeralContainerStatuses, got.Status.EphemeralContainerStatuses))
	require.Len(t, got.Status.ContainerStatuses, 2, "web and ghost; silent has no status")
	assert.Equal(t, want.Status.ContainerStatuses[0].ContainerID, got.Status.ContainerStatuses[0].ContainerID)
	assert.Equal(t, "docker.io/library/nginx@"+digest, got.Status.ContainerStatuses[0].ImageID)
	assert.Equal(t, corev1.ContainerRestartPolicyAlways, *got.Spec.InitContainers[1].RestartPolicy)
	assert.Equal(t, "alpine@"+digest, got.Spec.EphemeralContainers[0].Image)
	if c.Minor() < 31 {
		require.Len(t, got.Spec.Volumes, 1)
		assert.Nil(t, got.Spec.Volumes[0].Image, "an API server that knows nothing of volumes that are images drops them")
		return
	}
	assert.Equal(t, "ghcr.io/models/small:1", got.Spec.Volumes[0].Image.Reference)
	require.NotEmpty(t, got.Status.ContainerStatuses[0].VolumeMounts)
	assert.Equal(t, "ghcr.io/models/small@"+digest, got.Status.ContainerStatuses[0].VolumeMounts[0].VolumeStatus.Image.ImageRef)
}

func TestSeedingTwiceReplaces(t *testing.T) {
	c := clean(t)
	c.SeedPods(t, kubetest.Pod{Name: "web", Phase: corev1.PodPending})
	c.SeedPods(t, kubetest.Pod{Name: "web", Phase: corev1.PodFailed})

	list, err := page(t, clientOf(t, c.Config()), 10, "")

	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	assert.Equal(t, corev1.PodFailed, list.Items[0].Status.Phase)
}

func TestLargePodsAreSplitIntoSeveralTransactions(t *testing.T) {
	c := clean(t)
	pods := make([]kubetest.Pod, 40)
	for i := range pods {
		pods[i] = kubetest.Pod{Name: fmt.Sprintf("large-%d", i), Annotations: map[string]string{"blob": string(make([]byte, 100_000))}}
	}
	c.SeedPods(t, pods...)

	seen, _ := everyPod(t, clientOf(t, c.Config()), 10)

	assert.Len(t, seen, 40)
}

// TestManyPodsAreThereAndThenWiped: more than one deletion takes away.
func TestManyPodsAreThereAndThenWiped(t *testing.T) {
	c := clean(t)
	client := clientOf(t, c.Config())
	c.SeedMany(t, 2_050, 30, 10)

	seen, pages := everyPod(t, client, 500)
	assert.Equal(t, 5, pages)
	assert.Len(t, seen, 2_050)
	for pod, times := range seen {
		assert.Equal(t, 1, times, pod)
	}

	c.Wipe(t)

	list, err := client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	var names []string
	for _, namespace := range list.Items {
		names = append(names, namespace.Name)
	}
	assert.Equal(t, []string{"default", "kube-node-lease", "kube-public", "kube-system"}, names)
	nodes, err := client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Empty(t, nodes.Items)
	seen, _ = everyPod(t, client, 500)
	assert.Empty(t, seen)
}
