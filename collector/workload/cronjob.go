package workload

import (
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/kube"
)

// errNotScheduled is a pod that no CronJob started.
var errNotScheduled = errors.New("not started by a CronJob")

// CronJobUID finds the CronJob that started a pod: pod, its Job, the owner of
// that. Unlike the pod, and unlike the Job, the CronJob is the same from run to
// run. It needs the right to get pods and jobs in the namespace.
func CronJobUID(ctx context.Context, c *kube.Cluster, namespace, pod string) (string, error) {
	job, err := startedBy(ctx, c, Pods().Path(namespace, pod), isJob)
	if err != nil {
		return "", fmt.Errorf("find the CronJob: %w", err)
	}
	cronJob, err := startedBy(ctx, c, jobs().Path(namespace, job.Name), isCronJob)
	if err != nil {
		return "", fmt.Errorf("find the CronJob: %w", err)
	}
	return string(cronJob.UID), nil
}

// CronJobRights are those that CronJobUID needs.
func CronJobRights(namespace string) []kube.Right {
	return []kube.Right{
		{Verb: "get", Resource: Pods().Plural, Namespace: namespace},
		{Verb: "get", Group: jobs().Group, Resource: jobs().Plural, Namespace: namespace},
	}
}

// startedBy asks an object for the owner of the wanted kind that it was started by.
func startedBy(ctx context.Context, c *kube.Cluster, path string, wanted func(*metav1.OwnerReference) bool) (*metav1.OwnerReference, error) {
	var object struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	if err := c.Get(ctx, path, &object); err != nil {
		return nil, err
	}
	owner := starter(&object.Metadata, wanted)
	if owner == nil {
		return nil, fmt.Errorf("%s: %w", path, errNotScheduled)
	}
	return owner, nil
}

// starter is the controlling owner where there is one, and else the only owner of
// the wanted kind: what makes a Job of a CronJob by hand (Argo CD, the console of
// Google Cloud, kubernetes#110430) does not always mark the CronJob as its
// controller. It is nil where that leaves none, or more than one.
func starter(object *metav1.ObjectMeta, wanted func(*metav1.OwnerReference) bool) *metav1.OwnerReference {
	if controller := metav1.GetControllerOf(object); controller != nil {
		if wanted(controller) {
			return controller
		}
		return nil
	}
	var only *metav1.OwnerReference
	for i := range object.OwnerReferences {
		owner := &object.OwnerReferences[i]
		switch {
		case !wanted(owner):
		case only != nil:
			return nil
		default:
			only = owner
		}
	}
	return only
}

func isJob(o *metav1.OwnerReference) bool {
	return o.Kind == "Job" && strings.HasPrefix(o.APIVersion, "batch/")
}

// isCronJob takes the group apps too: older releases of kubectl create job --from wrote that.
func isCronJob(o *metav1.OwnerReference) bool {
	return o.Kind == "CronJob" && (strings.HasPrefix(o.APIVersion, "batch/") || o.APIVersion == "apps/v1")
}
