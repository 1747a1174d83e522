//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/nodetest"
)

const (
	receiverAddress = nodetest.NodeIP + ":8228"
	user, password  = "inventory", "correct horse"
)

// receiver is an Anchore Enterprise on the node's address, where pods reach it.
type receiver struct {
	anchore *anchoretest.Receiver
	server  *http.Server
}

// listen starts a receiver that has got nothing yet.
func listen(ctx context.Context) (*receiver, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", receiverAddress)
	if err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	r := &receiver{anchore: anchoretest.New(anchoretest.Options{Users: map[string]string{user: password}})}
	r.server = &http.Server{Handler: r.anchore, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

// stop closes the port.
func (r *receiver) stop() error {
	r.anchore.Close()
	return r.server.Close()
}

// reports says how many reports were sent, whatever became of them.
func (r *receiver) reports() int {
	n := 0
	for _, q := range r.anchore.Requests() {
		if q.Method == http.MethodPost && strings.HasSuffix(q.Path, "/kubernetes-inventory") {
			n++
		}
	}
	return n
}

// inventory is what a v2 report says of pods and their images.
type inventory struct {
	Cluster string `json:"cluster_name"`
	Pods    []struct {
		UID string `json:"uid"`
	} `json:"pods"`
	Containers []container `json:"containers"`
}

// container is one of a report.
type container struct {
	Digest string `json:"image_digest"`
	PodUID string `json:"pod_uid"`
}

// latest returns the last report that was accepted, which must be the nth.
func (r *receiver) latest(nth int) (inventory, error) {
	var got inventory
	accepted := r.anchore.Accepted()
	if len(accepted) != nth {
		return got, fmt.Errorf("the receiver has accepted %d reports, not %d", len(accepted), nth)
	}
	if err := json.Unmarshal(accepted[nth-1].Body, &got); err != nil {
		return got, err
	}
	if got.Cluster != clusterID {
		return got, fmt.Errorf("the report is of cluster %q", got.Cluster)
	}
	return got, nil
}

// holds returns an error unless the pod is there with one of the digests.
func (i inventory) holds(pod *corev1.Pod, digests ...string) error {
	for _, c := range i.Containers {
		if c.PodUID != string(pod.UID) {
			continue
		}
		if !slices.Contains(digests, c.Digest) {
			return fmt.Errorf("pod %s is reported with the digest %q instead of %q", pod.Name, c.Digest, digests)
		}
		return nil
	}
	return fmt.Errorf("pod %s is not in the report: %w", pod.Name, i.describe())
}

func (i inventory) describe() error {
	return fmt.Errorf("it has %d pods and %d containers", len(i.Pods), len(i.Containers))
}
