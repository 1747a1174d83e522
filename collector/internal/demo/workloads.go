package main

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/kubetest"
)

// The workloads below are named after what the world's clusters have. Image
// names and imageIDs are of the forms that runtimes really report.

type (
	pod       = kubetest.Pod
	container = kubetest.Container
)

func system() []sample {
	static := func(name string) pod {
		return pod{Namespace: "kube-system", Name: name + "-" + controlPlane, Node: controlPlane, Mirror: true,
			Containers: []container{{Name: name, Image: "registry.k8s.io/" + name + ":v1.36.3", ImageID: hash(name)}}}
	}

	return []sample{
		of(1, static("etcd"), ""),
		of(1, static("kube-apiserver"), "a static pod of a preloaded image: the node knows a config id, so no digest is claimed"),
		of(1, static("kube-scheduler"), ""),
		of(2, pod{Namespace: "kube-system", Name: "coredns", Owner: "ReplicaSet/coredns", Containers: []container{
			{Name: "coredns", Image: "registry.k8s.io/coredns/coredns:v1.12.1", ImageID: at("registry.k8s.io/coredns/coredns")},
		}}, ""),
		of(3, pod{Namespace: "kube-system", Name: "kube-proxy", Owner: "DaemonSet/kube-proxy", Containers: []container{
			{Name: "kube-proxy", Image: "registry.k8s.io/kube-proxy:v1.36.3", ImageID: at("registry.k8s.io/kube-proxy")},
		}}, ""),
	}
}

func ingress() []sample {
	const controller = "registry.k8s.io/ingress-nginx/controller"

	return []sample{
		of(2, pod{Namespace: "ingress", Name: "controller", Owner: "ReplicaSet/controller", Containers: []container{{
			Name: "controller", Image: controller + ":v1.13.0@" + hash("pinned"),
			StatusImage: hash("config of controller"), ImageID: controller + "@" + hash("index"),
		}}}, "pinned by tag and digest, and the node reports another digest: the pinned one counts"),
		of(1, pod{Namespace: "ingress", Name: "cert-manager", Owner: "ReplicaSet/cert-manager", Containers: []container{
			{Name: "cert-manager", Image: "quay.io/jetstack/cert-manager-controller:v1.18.2", ImageID: at("quay.io/jetstack/cert-manager-controller")},
		}}, ""),
	}
}

func shop() []sample {
	const web, cart, checkout = "docker.io/library/nginx", "ghcr.io/acme/cart", "ghcr.io/acme/checkout"
	nginx := container{Name: "nginx", Image: "nginx:1.27", StatusImage: web + ":1.27", ImageID: at(web)}

	return []sample{
		of(3, pod{Namespace: "shop", Name: "web", Owner: "ReplicaSet/web", Containers: []container{
			{Kind: kubetest.Init, Name: "wait", Image: "busybox", StatusImage: "docker.io/library/busybox:latest", ImageID: at("docker.io/library/busybox")},
			{Kind: kubetest.Sidecar, Name: "mesh", Image: "envoyproxy/envoy:v1.31.2", ImageID: at("docker.io/envoyproxy/envoy")},
			nginx,
		}}, "short names, an init container without a tag, a sidecar"),
		of(1, pod{Namespace: "shop", Name: "web-debugged", Owner: "ReplicaSet/web", Containers: []container{
			nginx, {Kind: kubetest.Ephemeral, Name: "debugger", Image: "nicolaka/netshoot:v0.13", ImageID: at("docker.io/nicolaka/netshoot")},
		}}, "somebody ran kubectl debug: an ephemeral container"),
		of(1, pod{Namespace: "shop", Name: "assets", Owner: "ReplicaSet/assets", Containers: []container{
			nginx, {Kind: kubetest.Volume, Name: "pictures", Image: "ghcr.io/acme/pictures:2026.11"},
		}}, "an image that is mounted, not run"),
		of(2, pod{Namespace: "shop", Name: "cart", Owner: "ReplicaSet/cart", Containers: []container{
			{Name: "cart", Image: cart + "@" + hash(cart), StatusImage: hash("config of cart"), ImageID: at(cart)},
		}}, "pinned by digest alone: missing-tag-policy gives it a tag"),
		of(2, pod{Namespace: "shop", Name: "checkout", Owner: "ReplicaSet/checkout", Containers: []container{
			{Name: "checkout", Image: checkout + ":2.10", StatusImage: checkout + ":2", ImageID: at(checkout)},
		}}, "the node calls 2.10 by its other name, 2: the spec's name counts"),
		of(1, pod{Namespace: "shop", Name: "payment", Owner: "ReplicaSet/payment", Phase: corev1.PodPending, Node: worker, Containers: []container{
			{Name: "payment", Image: "ghcr.io/acme/payment:typo", Reason: "ImagePullBackOff"},
		}}, "does not start: ImagePullBackOff"),
	}
}

func data() []sample {
	postgres := func(name, word string) pod {
		return pod{Namespace: "data", Name: name, Owner: "StatefulSet/postgres", Containers: []container{
			{Name: "postgres", Image: "postgres:16", ImageID: "docker.io/library/postgres@" + hash(word)},
		}}
	}

	return []sample{
		of(1, postgres("postgres-0", "postgres of monday"), "the same tag as postgres-1, and another digest"),
		of(1, postgres("postgres-1", "postgres of friday"), ""),
		of(1, pod{Namespace: "data", Name: "redis", Owner: "StatefulSet/redis", Containers: []container{
			{Name: "redis", Image: "harbor.acme.example/mirror/redis:7", ImageID: at("docker.io/library/redis")},
		}}, "pulled from a mirror, known to the node by the original: the digest may be unknown there"),
		of(1, pod{Namespace: "data", Name: "minio", Owner: "StatefulSet/minio", Containers: []container{
			{Name: "minio", Image: "minio/minio:RELEASE.2026-10-01", ImageID: "docker-pullable://" + at("minio/minio")},
		}}, "a node that still runs Docker"),
	}
}

func ci() []sample {
	golang := container{Name: "test", Image: "golang:1.26", ImageID: at("docker.io/library/golang")}

	return []sample{
		of(2, pod{Namespace: "ci", Name: "nightly", Phase: corev1.PodSucceeded, Owner: "Job/nightly", Containers: []container{golang}},
			"pods of a Job that has finished"),
		of(1, pod{Namespace: "ci", Name: "nightly-broken", Phase: corev1.PodFailed, Owner: "Job/nightly", Containers: []container{golang}}, ""),
		of(1, pod{Namespace: "ci", Name: "local", Containers: []container{
			{Name: "local", Image: "localhost/build:dev", ImageID: "docker://" + hash("built here")},
		}}, "built on the node, never pushed: no digest anywhere"),
		of(1, pod{Namespace: "ci", Name: "builder", Owner: "StatefulSet/builder", Containers: []container{
			{Name: "builder", Image: "registry.acme.example:5000/builder", ImageID: at("registry.acme.example:5000/builder")},
		}}, "a registry with a port, no tag"),
		of(1, pod{Namespace: "ci", Name: "queued", Phase: corev1.PodPending, Containers: []container{
			{Name: "queued", Image: "golang:1.26", State: kubetest.Missing},
		}}, "not scheduled yet: no status at all"),
	}
}

func models() []sample {
	return []sample{
		of(1, pod{Namespace: "models", Name: "notebook", Owner: "StatefulSet/notebook", Node: crio, Containers: []container{
			{Name: "notebook", Image: "ubi9:9.3", ImageID: at("registry.access.redhat.com/ubi9"), ContainerID: "cri-o://" + kubetest.Hex("notebook")},
		}}, "CRI-O resolved a short name: the registry is known from the node"),
		of(1, pod{Namespace: "models", Name: "trainer", Owner: "Job/trainer", Node: crio, Containers: []container{
			{Name: "trainer", Image: "quay.io/acme/trainer:v1", ImageID: kubetest.Hex("config of trainer"), ContainerID: "cri-o://" + kubetest.Hex("trainer")},
		}}, "CRI-O reports 64 bare hex digits: a config id, not a digest"),
		of(1, pod{Namespace: "models", Name: "imported", Containers: []container{
			{Name: "imported", Image: "myapp:dev", ImageID: "docker.io/library/import-2026-01-01@" + hash("imported")},
		}}, "loaded from an archive: the digest is true, its repository is invented"),
		of(1, pod{Namespace: "models", Name: "inference", Owner: "ReplicaSet/inference", Containers: []container{
			{Name: "inference", Image: "[fd00::1]:5000/inference:3", ImageID: at("[fd00::1]:5000/inference")},
		}}, "a registry with an IPv6 address"),
		of(1, pod{Namespace: "models", Name: "desktop", Node: windows, Containers: []container{
			{Name: "desktop", Image: "mcr.microsoft.com/windows/nanoserver:ltsc2022", ImageID: at("mcr.microsoft.com/windows/nanoserver")},
		}}, "Windows"),
	}
}

func sandbox() []sample {
	broken := func(name, image string) pod {
		return pod{Namespace: "sandbox", Name: name, Containers: []container{
			{Name: "works", Image: "busybox:1.37", ImageID: at("docker.io/library/busybox")},
			{Name: name, Image: image, State: kubetest.Waiting, Reason: "InvalidImageName"},
		}}
	}

	return []sample{
		of(1, broken("capitals", "reg.example/Foo/Bar:1"), "not a valid name: shown as it is written, and named in the summary"),
		of(1, broken("truncated", "nginx:1.27@sha256:2e50"), "not a valid digest: never published as one"),
		of(1, broken("shouting", "nginx@"+strings.ToUpper(hash("shouting"))), ""),
		of(1, broken("escape", "nginx\x1b[2J:1"), "a terminal escape sequence in a name"),
	}
}
