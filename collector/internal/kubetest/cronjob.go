package kubetest

import (
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// SeedCronJob makes, in a namespace that is there, what a CronJob makes: itself, a Job,
// and a pod of this name. It returns the UID of the CronJob. Unlike pods, CronJobs and
// Jobs stay when the cluster is wiped, so their names are new each time.
func (c *Cluster) SeedCronJob(t testing.TB, namespace, pod string) (uid string) {
	t.Helper()
	client, err := kubernetes.NewForConfig(c.Config())
	require.NoError(t, err)
	batch := client.BatchV1()
	template := corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers:    []corev1.Container{{Name: "stocktake", Image: "stocktake:1"}},
	}}
	cronJob, err := batch.CronJobs(namespace).Create(t.Context(), &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "stocktake-"},
		Spec:       batchv1.CronJobSpec{Schedule: "@hourly", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	job, err := batch.Jobs(namespace).Create(t.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "stocktake-29-", OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(cronJob, batchv1.SchemeGroupVersion.WithKind("CronJob")),
		}},
		Spec: batchv1.JobSpec{Template: template},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	object := Pod{Namespace: namespace, Name: pod}.Object()
	object.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
	c.SeedObjects(t, object)
	return string(cronJob.UID)
}
