package image_test

import (
	"strings"

	"stocktake/collector/image"
)

// hazardCases are the corners of the rules.
func hazardCases() []resolveCase {
	status := func(r image.Ref, flags image.Flag) image.Image {
		return image.Image{Ref: r, StatusDigest: r.Digest, DigestSource: image.SourceStatus, Flags: flags}
	}
	foreign := func(r image.Ref, repository string, flags image.Flag) image.Image {
		img := status(r, flags|image.ForeignDigest)
		img.DigestRepository = repository

		return img
	}
	nginx := implied("docker.io", "library/nginx")

	return []resolveCase{
		{
			"a tag that equals the prefix of another image's id (kubernetes#30355)",
			"busybox:" + hexC[:12], "busybox:" + hexC[:12], "docker://" + digC,
			image.Image{Ref: hub("library/busybox", hexC[:12]), ConfigID: digC, Flags: image.ConfigIDOnly},
		},
		{
			"a name that equals the prefix of its own id",
			hexC[:12] + ":1", "", digC,
			image.Image{Ref: hub("library/"+hexC[:12], "1"), ConfigID: digC, Flags: image.ConfigIDOnly},
		},
		{
			"a digest that the spec's registry answers with 404 (container-security-operator PR 1)",
			"quay.io/openshift-release-dev/ocp:4.4", "", "registry.svc.ci.openshift.org/ocp/release@" + digA,
			foreign(ref("quay.io", "openshift-release-dev/ocp", "4.4", digA), "registry.svc.ci.openshift.org/ocp/release", 0),
		},
		{
			"implied latest",
			"nginx", "docker.io/library/nginx:latest", "",
			image.Image{Ref: nginx, Flags: image.TagImplied},
		},
		{
			"latest stays implied beside an observed digest",
			"nginx", "docker.io/library/nginx:latest", "docker.io/library/nginx@" + digA,
			status(image.Ref{Registry: "docker.io", Repository: "library/nginx", Tag: "latest", TagImplied: true, Digest: digA}, image.TagImplied),
		},
		{
			"Docker Hub's other hosts match docker.io",
			"registry-1.docker.io/library/nginx:1", "", "index.docker.io/library/nginx@" + digA,
			status(ref("docker.io", "library/nginx", "1", digA), 0),
		},
		{
			"another team's copy is not the resolution of a short name",
			"team/nginx:1", "", "quay.io/other/nginx@" + digA,
			foreign(ref("docker.io", "team/nginx", "1", digA), "quay.io/other/nginx", 0),
		},
		{
			"part of a path segment is no match",
			"nginx:1", "", "quay.io/my-nginx@" + digA,
			foreign(ref("docker.io", "library/nginx", "1", digA), "quay.io/my-nginx", 0),
		},
		{
			"a short name means one repository on Docker Hub",
			"redis:7", "", "docker.io/bitnami/redis@" + digA,
			foreign(ref("docker.io", "library/redis", "7", digA), "docker.io/bitnami/redis", 0),
		},
		{
			"a written docker.io is not resolved elsewhere",
			"docker.io/ubi9:1", "", "registry.access.redhat.com/ubi9@" + digA,
			foreign(ref("docker.io", "library/ubi9", "1", digA), "registry.access.redhat.com/ubi9", 0),
		},
		{
			"a written registry is not resolved elsewhere",
			"a.io/x:1", "", "b.io/x@" + digA,
			foreign(ref("a.io", "x", "1", digA), "b.io/x", 0),
		},
		{
			"a repository that extends the name is another one",
			"a.io/x:1", "", "a.io/x/y@" + digA,
			foreign(ref("a.io", "x", "1", digA), "a.io/x/y", 0),
		},
		{
			"a repository of equal length is another one",
			"a.io/x:1", "", "a.io/z@" + digA,
			foreign(ref("a.io", "x", "1", digA), "a.io/z", 0),
		},
		{
			"a foreign repository beside a pinned digest",
			"a.io/x@" + digA, "", "b.io/y@" + digA,
			image.Image{
				Ref: ref("a.io", "x", "", digA), SpecDigest: digA, StatusDigest: digA, DigestSource: image.SourceBoth,
				DigestRepository: "b.io/y", Flags: image.NoTag | image.ForeignDigest,
			},
		},
		{
			"import in a real registry can be pulled",
			"a.io/import-2024-01-01:1", "", "a.io/import-2024-01-01@" + digA,
			status(ref("a.io", "import-2024-01-01", "1", digA), 0),
		},
		{
			"import without a date is a name",
			"x:1", "", "docker.io/library/import-2024-01-0a@" + digA,
			foreign(ref("docker.io", "library/x", "1", digA), "docker.io/library/import-2024-01-0a", 0),
		},
		{
			"import without dashes is a name",
			"x:1", "", "docker.io/library/import-2024001001@" + digA,
			foreign(ref("docker.io", "library/x", "1", digA), "docker.io/library/import-2024001001", 0),
		},
		{
			"import with dots is a name",
			"x:1", "", "docker.io/library/import-2024.01.01@" + digA,
			foreign(ref("docker.io", "library/x", "1", digA), "docker.io/library/import-2024.01.01", 0),
		},
		{
			"imageID with a tag as well",
			"a.io/x:1", "", "a.io/x:2@" + digA,
			status(ref("a.io", "x", "1", digA), 0),
		},
		{
			"config id as name",
			digC, digC, digC,
			image.Image{ConfigID: digC, Flags: image.NamedByID | image.ConfigIDOnly},
		},
		{
			"config id as name, not started",
			hexC, hexC, "",
			image.Image{ConfigID: digC, Flags: image.NamedByID | image.ConfigIDOnly},
		},
		{
			"config id as name, digest observed",
			digC, "", "docker.io/library/nginx@" + digA,
			image.Image{
				Ref: image.Ref{Digest: digA}, StatusDigest: digA, DigestSource: image.SourceStatus, ConfigID: digC,
				DigestRepository: "docker.io/library/nginx", Flags: image.NamedByID | image.ForeignDigest,
			},
		},
		{
			"config id with a digest is no reference",
			digC + "@" + digA, "", "",
			image.Image{ConfigID: digC, Flags: image.NamedByID | image.ConfigIDOnly},
		},
		{
			"invalid name is kept",
			"reg.io/Foo/Bar:1", "reg.io/Foo/Bar:1", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"an invalid name has never run, so the digest is another image's",
			"reg.io/Foo/Bar:1", "", "reg.io/foo/bar@" + digA,
			image.Image{Flags: image.Invalid | image.OldStatus},
		},
		{
			"a name that only we take for invalid, and that the runtime repeats",
			"reg.io/Foo/Bar:1", "reg.io/Foo/Bar:1", "reg.io/foo/bar@" + digA,
			foreign(image.Ref{Digest: digA}, "reg.io/foo/bar", image.Invalid),
		},
		{
			"truncated digest is never published",
			"x:v1@sha256:" + hexA[:32], "", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"upper-case digest is never published",
			"x@sha256:" + strings.ToUpper(hexA), "", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"kubelet refuses a transport in the spec",
			"docker://nginx", "", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"white space",
			" nginx", "", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"any bytes",
			"\x00\xff", "\xfe", "\x00@" + digA,
			image.Image{Flags: image.Invalid | image.OldStatus},
		},
		{
			"nothing at all",
			"", "", "",
			image.Image{Flags: image.Invalid},
		},
		{
			"missing in the spec: status names it",
			"", "docker.io/library/nginx:1.27", "docker.io/library/nginx@" + digA,
			image.Image{
				Written: "docker.io/library/nginx:1.27", Ref: ref("docker.io", "library/nginx", "1.27", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus, Flags: image.NameFromStatus,
			},
		},
		{
			"missing in the spec: a digest in status.image is the status's",
			"", "quay.io/a/b@" + digA, hexC,
			image.Image{
				Written: "quay.io/a/b@" + digA, Ref: ref("quay.io", "a/b", "", digA),
				StatusDigest: digA, DigestSource: image.SourceStatus, ConfigID: digC,
				Flags: image.NameFromStatus | image.NoTag,
			},
		},
		{
			"missing in the spec: imageID knows better than status.image",
			"", "quay.io/a/b@" + digA, "quay.io/a/b@" + digB,
			image.Image{
				Written: "quay.io/a/b@" + digA, Ref: ref("quay.io", "a/b", "", digB),
				StatusDigest: digB, DigestSource: image.SourceStatus,
				Flags: image.NameFromStatus | image.NoTag | image.DigestMismatch,
			},
		},
		{
			"missing in the spec: a config id is no name",
			"", digC, digC,
			image.Image{ConfigID: digC, Flags: image.Invalid | image.ConfigIDOnly},
		},
		{
			"missing in the spec: neither is bare hex",
			"", hexC, "docker.io/library/nginx@" + digA,
			foreign(image.Ref{Digest: digA}, "docker.io/library/nginx", image.Invalid),
		},
		{
			"missing in the spec: nor what may be a short id",
			"", hexC[:12], "",
			image.Image{Flags: image.Invalid},
		},
		{
			"missing in the spec: status is no reference",
			"", "Foo", "",
			image.Image{Written: "Foo", Flags: image.NameFromStatus | image.Invalid},
		},
	}
}
