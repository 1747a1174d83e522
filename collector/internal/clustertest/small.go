package clustertest

import (
	"iter"
	"slices"
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// The UIDs of the small cluster.
const (
	UIDA     = "aaaaaaaa-0000-4000-8000-000000000001"
	UIDB     = "bbbbbbbb-0000-4000-8000-000000000002"
	UIDEmpty = "eeeeeeee-0000-4000-8000-000000000003"
	UIDNode1 = "11111111-0000-4000-8000-000000000001"
	UIDNode2 = "22222222-0000-4000-8000-000000000002"
	UIDPod1  = "0a0a0a0a-0000-4000-8000-000000000001"
	UIDPod2  = "0a0a0a0a-0000-4000-8000-000000000002"
	UIDPod3  = "0a0a0a0a-0000-4000-8000-000000000003"
	UIDPod4  = "0a0a0a0a-0000-4000-8000-000000000004"
)

// Digests without their algorithm.
const (
	HexA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	HexB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// Server returns the version of all clusters.
func Server() inventory.ServerVersion {
	return inventory.ServerVersion{
		Major: "1", Minor: "36", GitVersion: "v1.36.3", GitCommit: "0123456789abcdef0123456789abcdef01234567", GitTreeState: "clean",
		BuildDate: "2026-02-03T04:05:06Z", GoVersion: "go1.26.0", Compiler: "gc", Platform: "linux/amd64",
	}
}

// SmallNamespaces are those of the small cluster, in the order of the API.
func SmallNamespaces() []inventory.Namespace {
	return []inventory.Namespace{
		{Name: "empty", UID: UIDEmpty},
		{Name: "team-a", UID: UIDA, Labels: []inventory.Label{{Key: "tier", Value: "<b> & \"c\""}}, Annotations: []inventory.Label{{Key: "owner", Value: "Zoë"}}},
		{Name: "team-b", UID: UIDB},
		{Name: "no-uid"},
	}
}

// SmallNodes are its nodes.
func SmallNodes() []inventory.Node {
	return []inventory.Node{
		{Name: "n1", UID: UIDNode1, Architecture: "amd64", OperatingSystem: "linux", OSImage: "Debian", KernelVersion: "6.1", ContainerRuntimeVersion: "containerd://2.2.1", KubeletVersion: "v1.36.3", Labels: []inventory.Label{{Key: "zone", Value: "a"}}},
		{Name: "bare", UID: UIDNode2},
		{Name: "no-uid", UID: "mirror"},
	}
}

// NativeNodes are those, and one that only the native body tells apart.
func NativeNodes() []inventory.Node {
	return append(SmallNodes(), inventory.Node{
		Name: "win", UID: UIDNode2, Architecture: "amd64", OperatingSystem: "windows", OSImage: "Windows Server 2022 Datacenter", KernelVersion: "10.0.20348.2762",
	})
}

// Container is a container with what its spec and its status say of the image.
func Container(kind inventory.Kind, name, spec, imageID string) inventory.Container {
	c := inventory.Container{Kind: kind, Name: name, ID: "containerd://" + name, Image: image.Resolve(spec, "", imageID)}
	if kind == inventory.Volume {
		c.ID = ""
	}
	return c
}

// SmallPods are its pods, in the order of their namespaces.
func SmallPods() []inventory.Pod {
	waiting := Container(inventory.Regular, "waiting", "acme/later:1", "")
	waiting.ID = ""
	return []inventory.Pod{
		{
			Namespace: "team-a", Name: "kinds", UID: UIDPod1, Node: "n1", Phase: inventory.Running,
			Labels: []inventory.Label{{Key: "app", Value: "kinds"}, {Key: "empty", Value: ""}}, Annotations: []inventory.Label{{Key: "note", Value: "line\nbreak"}},
			Containers: []inventory.Container{
				Container(inventory.Init, "init", "docker.io/acme/init:1.2", "docker.io/acme/init@sha256:"+HexA),
				Container(inventory.Sidecar, "sidecar", "nginx", "docker.io/library/nginx@sha256:"+HexB),
				Container(inventory.Regular, "port", "foo:5000/bar", ""),
				Container(inventory.Regular, "pinned", "nginx@sha256:"+HexA, "docker.io/library/nginx@sha256:"+HexA),
				Container(inventory.Regular, "both", "nginx:1.27@sha256:"+HexA, "docker.io/library/nginx@sha256:"+HexB),
				Container(inventory.Regular, "local", "myapp:dev", "sha256:"+HexB),
				Container(inventory.Regular, "invalid", "reg.io/Foo/Bar:1", ""),
				Container(inventory.Regular, "short-digest", "x:v1@sha256:2e50", ""),
				Container(inventory.Regular, "id", "sha256:"+HexA, ""),
				Container(inventory.Regular, "blank", "  ", ""),
				Container(inventory.Ephemeral, "debug", "busybox:1", "docker.io/library/busybox@sha256:"+HexB),
				Container(inventory.Volume, "model", "acme/model:7", ""),
				waiting,
			},
		},
		{Namespace: "team-a", Name: "again", UID: UIDPod2, Node: "gone", Phase: inventory.Running, Containers: []inventory.Container{
			Container(inventory.Regular, "same", "nginx", "docker.io/library/nginx@sha256:"+HexB),
			Container(inventory.Regular, "other-digest", "nginx", "docker.io/library/nginx@sha256:"+HexA),
		}},
		{Namespace: "team-a", Name: "done", UID: UIDPod3, Node: "n1", Phase: inventory.Succeeded, Containers: []inventory.Container{Container(inventory.Regular, "job", "acme/job:1", "")}},
		{Namespace: "team-a", Name: "by-hand", UID: "ABC", Node: "n1", Phase: inventory.Running, Containers: []inventory.Container{Container(inventory.Regular, "hand", "acme/hand:1", "")}},
		{Namespace: "team-b", Name: "unscheduled", UID: UIDPod4, Phase: inventory.Running, Containers: []inventory.Container{
			Container(inventory.Regular, "same", "nginx", "docker.io/library/nginx@sha256:"+HexB),
		}},
		{Namespace: "late", Name: "unknown", UID: UIDPod3, Phase: inventory.Running},
		{Namespace: "no-uid", Name: "unknown", UID: UIDPod3, Phase: inventory.Running, Containers: []inventory.Container{Container(inventory.Regular, "x", "acme/x:1", "")}},
	}
}

// NativePods are those, and some that only the native body tells apart.
func NativePods() []inventory.Pod {
	crashing := Container(inventory.Regular, "crash", "nginx", "docker.io/library/nginx@sha256:"+HexB)
	crashing.State, crashing.Reason = inventory.StateTerminated, "OOMKilled"
	return slices.Insert(SmallPods(), 4,
		inventory.Pod{
			Namespace: "team-a", Name: "web-5d4f8c7b9-x2x4z", UID: UIDPod3, Node: "n1", Phase: inventory.Running,
			Owner:    inventory.Owner{Kind: "ReplicaSet", Name: "web-5d4f8c7b9"},
			Workload: inventory.Owner{Kind: "Deployment", Name: "web"}, Derived: true,
			Labels:     []inventory.Label{{Key: "pod-template-hash", Value: "5d4f8c7b9"}},
			Containers: []inventory.Container{crashing, crashing},
		},
		inventory.Pod{
			Namespace: "team-a", Name: "nightly-29530566-abcde", UID: UIDPod3, Node: "win", Phase: inventory.Failed,
			Owner:    inventory.Owner{Kind: "Job", Name: "nightly-29530566"},
			Workload: inventory.Owner{Kind: "CronJob", Name: "nightly"}, Derived: true,
			Containers: []inventory.Container{Container(inventory.Regular, "job", "nginx", "docker.io/library/nginx@sha256:"+HexB)},
		},
		inventory.Pod{
			Namespace: "team-a", Name: "etcd-n1", UID: UIDPod3, Node: "n1", Phase: inventory.Running, Static: true,
			Owner:      inventory.Owner{Kind: "Node", Name: "n1"},
			Workload:   inventory.Owner{Kind: "Node", Name: "n1"},
			Containers: []inventory.Container{Container(inventory.Regular, "etcd", "registry.k8s.io/etcd:3.6", "sha256:"+HexA)},
		},
	)
}

// Outcome is that of a run that read the small cluster.
func Outcome() inventory.Outcome {
	return inventory.Outcome{
		Complete: true,
		Listing:  inventory.Listing{ResourceVersion: "4711", Consistency: inventory.Mixed, Pages: 3},
		Finished: time.Date(2026, 3, 4, 5, 6, 30, 0, time.UTC),
	}
}

// Visit shows pods, namespace by namespace, and the ends of their namespaces.
func Visit(v inventory.Visitor, pods iter.Seq[*inventory.Pod]) error {
	namespace, begun := "", false
	for pod := range pods {
		if begun && pod.Namespace != namespace {
			if err := v.End(namespace, nil); err != nil {
				return err
			}
		}
		namespace, begun = pod.Namespace, true
		if err := v.Pod(pod); err != nil {
			return err
		}
	}
	if !begun {
		return nil
	}
	return v.End(namespace, nil)
}

// Each yields the pods of a list.
func Each(pods []inventory.Pod) iter.Seq[*inventory.Pod] {
	return func(yield func(*inventory.Pod) bool) {
		for i := range pods {
			if !yield(&pods[i]) {
				return
			}
		}
	}
}
