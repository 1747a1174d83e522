package workload

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/kube"
)

func TestCronJobIsFoundThroughItsJob(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedNamespaces(t, "inventory")
	uid := cluster.SeedCronJob(t, "inventory", "stocktake-29-x")
	cluster.SeedPods(t,
		kubetest.Pod{Namespace: "inventory", Name: "alone"},
		kubetest.Pod{Namespace: "inventory", Name: "by-hand", Owner: "Job/stocktake-by-hand"},
		kubetest.Pod{Namespace: "inventory", Name: "deployed", Owner: "ReplicaSet/stocktake-5d"},
	)
	path := cluster.KubeconfigFor(t, "stocktake",
		kubetest.Grant{Namespace: "inventory", Resources: []string{"pods"}, Verbs: []string{"get"}},
		kubetest.Grant{Namespace: "inventory", Group: "batch", Resources: []string{"jobs"}, Verbs: []string{"get"}})
	config, err := clientcmd.BuildConfigFromFlags("", path)
	require.NoError(t, err)
	c := dial(t, config, 500)

	got, err := CronJobUID(t.Context(), c, "inventory", "stocktake-29-x")
	require.NoError(t, err)
	assert.Equal(t, uid, got)

	for pod, words := range map[string]string{
		"alone":    "api/v1/namespaces/inventory/pods/alone: not started by a CronJob",
		"by-hand":  "jobs/stocktake-by-hand: 404 Not Found",
		"deployed": "not started by a CronJob",
		"missing":  "404 Not Found",
	} {
		got, err := CronJobUID(t.Context(), c, "inventory", pod)
		require.ErrorContains(t, err, "find the CronJob: ")
		require.ErrorContains(t, err, words)
		assert.Empty(t, got)
	}
	got, err = CronJobUID(t.Context(), c, "team-001", "any")
	require.ErrorIs(t, err, kube.ErrRefused)
	assert.Empty(t, got)
}

// TestCronJobIsFoundWhateverMadeItsJob: what starts a Job by hand does not always
// mark the CronJob as the controller, as the CronJob's own controller does.
func TestCronJobIsFoundWhateverMadeItsJob(t *testing.T) {
	cluster := shared.Cluster(t)
	cluster.Wipe(t)
	cluster.SeedNamespaces(t, "inventory")
	uid := cluster.SeedCronJob(t, "inventory", "stocktake-29-x")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	c := dial(t, cluster.Config(), 500)
	for file, found := range map[string]bool{
		"by-argo":            true,
		"by-old-kubectl":     true,
		"with-a-config":      true,
		"of-two-cronjobs":    false,
		"of-a-workflow":      false,
		"of-another-cronjob": false,
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("testdata/jobs/" + file + ".yaml")
			require.NoError(t, err)
			job := &batchv1.Job{}
			require.NoError(t, yaml.UnmarshalStrict([]byte(strings.ReplaceAll(string(text), "UID-OF-THE-CRONJOB", uid)), job))
			job, err = client.BatchV1().Jobs("inventory").Create(t.Context(), job, metav1.CreateOptions{})
			require.NoError(t, err)
			pod := kubetest.Pod{Namespace: "inventory", Name: job.Name + "-x"}.Object()
			pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
			cluster.SeedObjects(t, pod)

			got, err := CronJobUID(t.Context(), c, "inventory", pod.Name)
			if !found {
				require.ErrorIs(t, err, errNotScheduled)
				require.ErrorContains(t, err, "jobs/"+job.Name)
				assert.Empty(t, got)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, uid, got)
		})
	}
}
