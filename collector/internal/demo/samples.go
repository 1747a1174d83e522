package main

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/kubetest"
)

// sample is a workload that shows something: its pods are alike.
type sample struct {
	name  string
	shows string // empty when it only fills the picture
	pods  []kubetest.Pod
}

// of makes a sample of so many pods, which are called after it.
func of(count int, pod kubetest.Pod, shows string) sample {
	s := sample{name: pod.Name, shows: shows}
	if pod.Node == "" && pod.Phase != corev1.PodPending {
		pod.Node = worker
	}
	if deployment, ok := strings.CutPrefix(pod.Owner, "ReplicaSet/"); ok {
		const hash = "5d4f8c7b9d"
		pod.Owner, pod.Labels = "ReplicaSet/"+deployment+"-"+hash, map[string]string{"pod-template-hash": hash}
	}
	for i := range count {
		one := pod
		if count > 1 {
			one.Name = fmt.Sprintf("%s-%d", pod.Name, i)
		}
		s.pods = append(s.pods, one)
	}

	return s
}

// The nodes.
const (
	controlPlane = "cp-1"
	worker       = "worker-1"
	crio         = "worker-crio-1"
	windows      = "worker-windows-1"
)

// sampleObjects returns the whole cluster: nodes, namespaces (an empty one too)
// and pods.
func sampleObjects() []kubetest.Object {
	objects := nodes()
	seen := map[string]bool{}
	for _, s := range samples() {
		for _, pod := range s.pods {
			if !seen[pod.Namespace] {
				seen[pod.Namespace] = true
				objects = append(objects, kubetest.Namespace(pod.Namespace))
			}
			objects = append(objects, pod.Object())
		}
	}

	return append(objects, kubetest.Namespace("empty"))
}

func nodes() []kubetest.Object {
	onCRIO, onWindows := kubetest.Node(crio), kubetest.Node(windows)
	onCRIO.Status.NodeInfo.ContainerRuntimeVersion = "cri-o://1.33.1"
	onCRIO.Status.NodeInfo.Architecture = "arm64"
	onWindows.Status.NodeInfo.OperatingSystem = "windows"
	onWindows.Status.NodeInfo.OSImage = "Windows Server 2022 Datacenter"

	return []kubetest.Object{kubetest.Node(controlPlane), kubetest.Node(worker), onCRIO, onWindows}
}

// samples returns all workloads.
func samples() []sample {
	var all []sample
	for _, namespace := range []func() []sample{system, ingress, shop, data, ci, models, sandbox} {
		all = append(all, namespace()...)
	}

	return all
}

// hash is an algorithm and hex digits, always the same for a word: a digest or
// a config id, depending on where it stands.
func hash(word string) string { return "sha256:" + kubetest.Hex(word) }

// at is the imageID of an image that was pulled from a repository.
func at(repository string) string { return repository + "@" + hash(repository) }
