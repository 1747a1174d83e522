package image_test

import (
	"strings"

	"stocktake/collector/image"
)

const (
	hexA = "37d8f1b2c3a4e5960718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e"
	hexB = "44a7e0c1b2d3f4a5968778695a4b3c2d1e0f9e8d7c6b5a493827160504f3e2d1"
	hexC = "ac0e1d2c3b4a59687766554433221100ffeeddccbbaa99887766554433221100"
	digA = "sha256:" + hexA
	digB = "sha256:" + hexB
	digC = "sha256:" + hexC
)

// hub returns a reference on Docker Hub.
func hub(repository, tag string) image.Ref {
	return image.Ref{Registry: "docker.io", Repository: repository, Tag: tag}
}

func implied(registry, repository string) image.Ref {
	return image.Ref{Registry: registry, Repository: repository, Tag: "latest", TagImplied: true}
}

type goodRef struct {
	in   string
	want image.Ref
	text string
}

func goodRefs() []goodRef {
	sha384 := "sha384:" + strings.Repeat("a1", 48)
	sha512 := "sha512:" + strings.Repeat("b2", 64)
	path255 := strings.Repeat("a", 255)
	tag128 := strings.Repeat("T", 128)
	short := "e3b0c44298fc"

	return []goodRef{
		{"nginx", implied("docker.io", "library/nginx"), "docker.io/library/nginx"},
		{"nginx:latest", hub("library/nginx", "latest"), "docker.io/library/nginx:latest"},
		{"nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"library/nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"docker.io/nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"docker.io/library/nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"index.docker.io/library/nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"index.docker.io/nginx:1.27", hub("library/nginx", "1.27"), "docker.io/library/nginx:1.27"},
		{"registry-1.docker.io/library/nginx:1", hub("library/nginx", "1"), "docker.io/library/nginx:1"},
		{"registry-1.docker.io/nginx:1", hub("library/nginx", "1"), "docker.io/library/nginx:1"},
		{"registry.hub.docker.com/library/nginx:1", hub("library/nginx", "1"), "docker.io/library/nginx:1"},
		{"docker.io/index.docker.io/x:1", hub("index.docker.io/x", "1"), "docker.io/index.docker.io/x:1"},
		{"bitnami/redis", implied("docker.io", "bitnami/redis"), "docker.io/bitnami/redis"},
		{"myreg/foo/bar:1", hub("myreg/foo/bar", "1"), "docker.io/myreg/foo/bar:1"},
		{"localhost/foo:1", image.Ref{Registry: "localhost", Repository: "foo", Tag: "1"}, "localhost/foo:1"},
		{"localhost:5000/foo", implied("localhost:5000", "foo"), "localhost:5000/foo"},
		{"foo:5000/bar", implied("foo:5000", "bar"), "foo:5000/bar"},
		{"foo:5000", hub("library/foo", "5000"), "docker.io/library/foo:5000"},
		{"example.com", implied("docker.io", "library/example.com"), "docker.io/library/example.com"},
		{"example.com:443", hub("library/example.com", "443"), "docker.io/library/example.com:443"},
		{"index.docker.io", implied("docker.io", "library/index.docker.io"), "docker.io/library/index.docker.io"},
		{"UPPER/foo", implied("UPPER", "foo"), "UPPER/foo"},
		{"[::1]:5000/foo:1", image.Ref{Registry: "[::1]:5000", Repository: "foo", Tag: "1"}, "[::1]:5000/foo:1"},
		{"[fd00::1]/foo", implied("[fd00::1]", "foo"), "[fd00::1]/foo"},
		{"my_registry.local/foo:1", image.Ref{Registry: "my_registry.local", Repository: "foo", Tag: "1"}, "my_registry.local/foo:1"},
		{"192.0.2.7:443/a/b", implied("192.0.2.7:443", "a/b"), "192.0.2.7:443/a/b"},

		{"nginx@" + digA, image.Ref{Registry: "docker.io", Repository: "library/nginx", Digest: digA}, "docker.io/library/nginx@" + digA},
		{"nginx:1.27@" + digA, image.Ref{Registry: "docker.io", Repository: "library/nginx", Tag: "1.27", Digest: digA}, "docker.io/library/nginx:1.27@" + digA},
		{"r.io/x@" + sha384, image.Ref{Registry: "r.io", Repository: "x", Digest: sha384}, "r.io/x@" + sha384},
		{"r.io/x@" + sha512, image.Ref{Registry: "r.io", Repository: "x", Digest: sha512}, "r.io/x@" + sha512},

		// Names that only look like ids.
		{short, implied("docker.io", "library/"+short), "docker.io/library/" + short},
		{"myapp:" + short, hub("library/myapp", short), "docker.io/library/myapp:" + short},
		{"myapp:" + hexA, hub("library/myapp", hexA), "docker.io/library/myapp:" + hexA},
		{"library/sha256:" + hexA, hub("library/sha256", hexA), "docker.io/library/sha256:" + hexA},
		{"sha256:1.0", hub("library/sha256", "1.0"), "docker.io/library/sha256:1.0"},
		{"sha1:" + hexA, hub("library/sha1", hexA), "docker.io/library/sha1:" + hexA},
		{hexA + ":1", hub("library/"+hexA, "1"), "docker.io/library/" + hexA + ":1"},

		{"docker-pullable://nginx@" + digA, image.Ref{Registry: "docker.io", Repository: "library/nginx", Digest: digA}, "docker.io/library/nginx@" + digA},
		{"docker://nginx:1", hub("library/nginx", "1"), "docker.io/library/nginx:1"},

		// A mirror is the registry; nothing is rewritten to what it mirrors.
		{"m.daocloud.io/docker.io/library/nginx:1", image.Ref{Registry: "m.daocloud.io", Repository: "docker.io/library/nginx", Tag: "1"}, "m.daocloud.io/docker.io/library/nginx:1"},
		{
			"123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1",
			image.Ref{Registry: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", Repository: "docker-hub/library/nginx", Tag: "1"},
			"123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1",
		},

		{"r.io/" + path255 + ":" + tag128, image.Ref{Registry: "r.io", Repository: path255, Tag: tag128}, "r.io/" + path255 + ":" + tag128},
	}
}

type badRef struct{ in, cause string }

func badRefs() []badRef {
	return []badRef{
		{"", "invalid reference format"},
		{"reg.io/Foo/Bar:1", "must be lowercase"},
		{"Nginx", "must be lowercase"},
		{"x:v1@sha256:" + hexA[:32], "digest: 32 digits where sha256 has 64"},
		{"x:v1@sha256:2e50", "digest: 4 digits where sha256 has 64"},
		{"x@sha256:" + hexA + "0", "digest: 65 digits where sha256 has 64"},
		{"x@sha256:" + strings.ToUpper(hexA), "digest: not lower-case hex"},
		{"x@sha256:" + strings.Repeat("g", 64), "digest: not lower-case hex"},
		{"x@sha512:" + hexA, "digest: 64 digits where sha512 has 128"},
		{"x@sha384:" + hexA, "digest: 64 digits where sha384 has 96"},
		{"x@md5:" + hexA[:32], `digest: unsupported algorithm "md5"`},
		{"x@sha256+b64:" + hexA, "digest: unsupported algorithm"},
		{"x@" + hexA, "digest: no algorithm"},
		{"x@", "digest: no algorithm"},
		{"x@" + digA + "@" + digA, "digest: 136 digits"},
		{"@" + digA, "invalid reference format"},
		{"<none>@" + digA, "invalid reference format"},
		{"<none>:<none>", "invalid reference format"},
		{"http://r/x", "invalid reference format"},
		{"oci://r/x", "invalid reference format"},
		{"oci:", "invalid reference format"},
		{"containerd://" + hexA, "invalid reference format"},
		{"cri-o://" + hexA, "invalid reference format"},
		{"docker://docker://nginx", "invalid reference format"},
		{"docker-pullable://", "invalid reference format"},
		{" nginx", "byte 0x20 at offset 0"},
		{"nginx ", "byte 0x20 at offset 5"},
		{"nginx\n", "byte 0x0a at offset 5"},
		{"ngi\x00nx", "byte 0x00 at offset 3"},
		{"ngi\xffnx", "byte 0xff at offset 3"},
		{"nginx:\u0661", "byte 0xd9 at offset 6"},
		{"nginx:", "invalid reference format"},
		{"nginx:.1", "invalid reference format"},
		{"nginx:a:b", "invalid reference format"},
		{"foo/bar/", "invalid reference format"},
		{"/foo", "invalid reference format"},
		{"foo//bar", "invalid reference format"},
		{"registry-1.docker.io/", "invalid reference format"},
		{"[::1]", "invalid reference format"},
		{"[fe80::1%25eth0]/foo", "invalid reference format"},
		{"sha256:" + hexA[:40], "damaged config id: 40 digits"},
		{"sha256:" + strings.ToUpper(hexA), "damaged config id: not lower-case hex"},
		{strings.ToUpper(hexA), "must be lowercase"},
		{"r.io/" + strings.Repeat("a", 256), "must not be more than 255"},
		{strings.Repeat("a", 248), "must not be more than 255"}, // with library/ in front
		{"r.io/a:" + strings.Repeat("t", 129), "invalid reference format"},
		{strings.Repeat("a.", 600) + "io/x", "1204 bytes are more than 1024"},
		{strings.Repeat("x", 5<<20), "5242880 bytes are more than 1024"},
	}
}

func configIDs() []string {
	return []string{
		digA, hexA, "docker://" + digA, "docker://" + hexA, "docker-pullable://" + digA,
		"sha384:" + strings.Repeat("a1", 48), "sha512:" + strings.Repeat("b2", 64),
		digA + "@" + digB, hexA + "@" + digB,
	}
}
