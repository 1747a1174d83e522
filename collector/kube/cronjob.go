package kube

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// errNotScheduled is a pod that no CronJob started.
var errNotScheduled = errors.New("not started by a CronJob")

// CronJobUID finds the CronJob that started a pod: pod, its Job, the owner of
// that. Unlike the pod, and unlike the Job, the CronJob is the same from run to
// run. It needs the right to get pods and jobs in the namespace.
func (c *Cluster) CronJobUID(ctx context.Context, namespace, pod string) (string, error) {
	job, err := c.controller(ctx, podsPath(namespace)+"/"+url.PathEscape(pod), "Job")
	if err != nil {
		return "", fmt.Errorf("find the CronJob: %w", err)
	}
	jobs := "apis/batch/v1/namespaces/" + url.PathEscape(namespace) + "/jobs/"
	cronJob, err := c.controller(ctx, jobs+url.PathEscape(job.Name), "CronJob")
	if err != nil {
		return "", fmt.Errorf("find the CronJob: %w", err)
	}
	return string(cronJob.UID), nil
}

// controller asks an object for the one that controls it, which must be of the
// given kind of the batch API.
func (c *Cluster) controller(ctx context.Context, path, kind string) (*metav1.OwnerReference, error) {
	var object struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	if err := c.getObject(ctx, c.quick, path, path, &object); err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	owner := metav1.GetControllerOf(&object.Metadata)
	if owner == nil || owner.Kind != kind || !strings.HasPrefix(owner.APIVersion, "batch/") {
		return nil, fmt.Errorf("%s: %w", path, errNotScheduled)
	}
	return owner, nil
}
