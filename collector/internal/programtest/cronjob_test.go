package programtest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// startedByCronJob makes, in the namespace inventory, what a CronJob makes:
// itself, a Job, and the pod stocktake-29-x. It returns the UID of the CronJob.
func startedByCronJob(t *testing.T, cluster *kubetest.Cluster, client kubernetes.Interface) string {
	t.Helper()
	batch := client.BatchV1()
	template := corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers:    []corev1.Container{{Name: "stocktake", Image: "stocktake:1"}},
	}}
	cronJob, err := batch.CronJobs("inventory").Create(t.Context(), &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "stocktake-"},
		Spec:       batchv1.CronJobSpec{Schedule: "@hourly", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	job, err := batch.Jobs("inventory").Create(t.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "stocktake-29-", OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(cronJob, batchv1.SchemeGroupVersion.WithKind("CronJob")),
		}},
		Spec: batchv1.JobSpec{Template: template},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	object := kubetest.Pod{Namespace: "inventory", Name: "stocktake-29-x"}.Object()
	object.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
	cluster.SeedObjects(t, object)
	return string(cronJob.UID)
}

// lastRegistration is the body in which the program introduced itself last.
func lastRegistration(receiver *anchoretest.Receiver) string {
	body := ""
	for _, r := range receiver.Requests() {
		if strings.HasSuffix(r.Path, "/integrations/registration") {
			body = string(r.Body)
		}
	}
	return body
}
