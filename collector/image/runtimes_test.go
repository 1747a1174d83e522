package image_test

import (
	"stocktake/collector/image"
)

type resolveCase struct {
	name                  string
	spec, status, imageID string
	// want leaves out what most cases share: Written is spec, Observed is status
	// if it differs, DigestSource is none.
	want image.Image
}

func (c resolveCase) expected() image.Image {
	want := c.want
	if want.Written == "" {
		want.Written = c.spec
	}
	if c.status != want.Written {
		want.Observed = c.status
	}
	if want.DigestSource == "" {
		want.DigestSource = image.SourceNone
	}

	return want
}

func ref(registry, repository, tag, digest string) image.Ref {
	return image.Ref{Registry: registry, Repository: repository, Tag: tag, Digest: digest}
}

// runtimeCases are the forms in which the runtimes report images, with the places
// where each was seen.
func runtimeCases() []resolveCase {
	return []resolveCase{
		{
			"containerd reports the index digest (kubernetes#115199)",
			"registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.14.0",
			"registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.14.0",
			"registry.k8s.io/kube-state-metrics/kube-state-metrics@" + digA,
			image.Image{
				Ref:          ref("registry.k8s.io", "kube-state-metrics/kube-state-metrics", "v2.14.0", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"kind preloaded image has a config id only (kind#2734)",
			"registry.k8s.io/coredns/coredns:v1.9.3", "registry.k8s.io/coredns/coredns:v1.9.3", digC,
			image.Image{
				Ref:      ref("registry.k8s.io", "coredns/coredns", "v1.9.3", ""),
				ConfigID: digC, Flags: image.ConfigIDOnly,
			},
		},
		{
			"imported archive has an invented repository (kind#3845)",
			"myapp:dev", "docker.io/library/myapp:dev", "docker.io/library/import-2024-01-01@" + digA,
			image.Image{
				Ref:          ref("docker.io", "library/myapp", "dev", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
				DigestRepository: "docker.io/library/import-2024-01-01",
				Flags:            image.ForeignDigest | image.LocalImport,
			},
		},
		{
			"imported archive, name without registry",
			"quay.io/a/b:v1", "quay.io/a/b:v1", "import-2024-01-01@" + digA,
			image.Image{
				Ref:          ref("quay.io", "a/b", "v1", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
				DigestRepository: "docker.io/library/import-2024-01-01",
				Flags:            image.ForeignDigest | image.LocalImport,
			},
		},
		{
			"digest-only spec has no tag (kube-state-metrics#1557)",
			"nginx@" + digA, digC, "docker.io/library/nginx@" + digA,
			image.Image{
				Ref:        ref("docker.io", "library/nginx", "", digA),
				SpecDigest: digA, StatusDigest: digA, DigestSource: image.SourceBoth,
				Flags: image.NoTag,
			},
		},
		{
			"pinned digest wins over the observed one (kube-state-metrics#1557)",
			"k8s.gcr.io/ingress-nginx/controller:v0.48.1@" + digB, digC, "k8s.gcr.io/ingress-nginx/controller@" + digA,
			image.Image{
				Ref:        ref("k8s.gcr.io", "ingress-nginx/controller", "v0.48.1", digB),
				SpecDigest: digB, StatusDigest: digA, DigestSource: image.SourceSpec,
				Flags: image.DigestMismatch,
			},
		},
		{
			"two tags of one digest: the spec's tag counts (kubernetes#51017)",
			"fairwinds/workloads:2.10", "docker.io/fairwinds/workloads:2", "docker.io/fairwinds/workloads@" + digA,
			image.Image{
				Ref:          ref("docker.io", "fairwinds/workloads", "2.10", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"same image from two repositories (stackrox#2998)",
			"quay.io/dhaus/repro:1.23", "quay.io/dhaus/repro:1.23", "docker.io/nginx@" + digA,
			image.Image{
				Ref:          ref("quay.io", "dhaus/repro", "1.23", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
				DigestRepository: "docker.io/library/nginx", Flags: image.ForeignDigest,
			},
		},
		{
			"CRI-O, as it should be",
			"quay.io/a/b:v1", "quay.io/a/b:v1", "quay.io/a/b@" + digA,
			image.Image{
				Ref:          ref("quay.io", "a/b", "v1", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"CRI-O reports bare hex (scylla-operator#1669, cri-o#9925)",
			"docker.io/scylladb/scylla-operator:1.11.1", "docker.io/scylladb/scylla-operator:1.11.1", hexC,
			image.Image{
				Ref:      ref("docker.io", "scylladb/scylla-operator", "1.11.1", ""),
				ConfigID: digC, Flags: image.ConfigIDOnly,
			},
		},
		{
			"CRI-O reports bare hex for a pinned digest",
			"quay.io/a/b@" + digA, "quay.io/a/b@" + digA, hexC,
			image.Image{
				Ref:        ref("quay.io", "a/b", "", digA),
				SpecDigest: digA, DigestSource: image.SourceSpec,
				ConfigID: digC, Flags: image.NoTag,
			},
		},
		{
			"docker (trivy#8358)",
			"nginx:1.27", "nginx:1.27", "docker-pullable://nginx@" + digA,
			image.Image{
				Ref:          ref("docker.io", "library/nginx", "1.27", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"CRI-O behind a shim that names itself",
			"quay.io/a/b:v1", "quay.io/a/b:v1", "crio://quay.io/a/b@" + digA,
			image.Image{
				Ref:          ref("quay.io", "a/b", "v1", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"a runtime that nobody knows yet",
			"quay.io/a/b:v1", "quay.io/a/b:v1", "new-1.x+y://quay.io/a/b@" + digA,
			image.Image{
				Ref:          ref("quay.io", "a/b", "v1", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"its config id",
			"quay.io/a/b:v1", "quay.io/a/b:v1", "crio://" + digC,
			image.Image{Ref: ref("quay.io", "a/b", "v1", ""), ConfigID: digC, Flags: image.ConfigIDOnly},
		},
		{
			"docker, locally built (kubernetes#30355)",
			"myapp:dev", "myapp:dev", "docker://" + digC,
			image.Image{
				Ref:      ref("docker.io", "library/myapp", "dev", ""),
				ConfigID: digC, Flags: image.ConfigIDOnly,
			},
		},
		{
			"not started",
			"bad:tag", "bad:tag", "",
			image.Image{Ref: ref("docker.io", "library/bad", "tag", "")},
		},
		{
			"pinned platform manifest, reported index (kubeblocks#10689)",
			"r/x@" + digB, "", "r/x@" + digA,
			image.Image{
				Ref:        ref("docker.io", "r/x", "", digB),
				SpecDigest: digB, StatusDigest: digA, DigestSource: image.SourceSpec,
				Flags: image.NoTag | image.DigestMismatch,
			},
		},
		{
			"Windows",
			"mcr.microsoft.com/windows/nanoserver:ltsc2022", "mcr.microsoft.com/windows/nanoserver:ltsc2022",
			"mcr.microsoft.com/windows/nanoserver@" + digA,
			image.Image{
				Ref:          ref("mcr.microsoft.com", "windows/nanoserver", "ltsc2022", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
		{
			"image removed from the node's store",
			"r/x:v1", digC, digC,
			image.Image{
				Ref:      ref("docker.io", "r/x", "v1", ""),
				ConfigID: digC, Flags: image.ConfigIDOnly,
			},
		},
		{
			"static pod, preloaded by digest",
			"registry.k8s.io/etcd:3.5.15-0@" + digA, "registry.k8s.io/etcd:3.5.15-0", digC,
			image.Image{
				Ref:        ref("registry.k8s.io", "etcd", "3.5.15-0", digA),
				SpecDigest: digA, DigestSource: image.SourceSpec, ConfigID: digC,
			},
		},
		{
			"image volume with the imageRef of KEP-5365",
			"quay.io/models/llama:3", "", "quay.io/models/llama@" + digA,
			image.Image{
				Ref:          ref("quay.io", "models/llama", "3", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus,
			},
		},
	}
}
