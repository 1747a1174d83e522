// Package image turns the strings by which a pod speaks of an image into one
// comparable value.
//
// # Three strings, three authors
//
// A container in a pod is described by three strings, and each has another
// author, another purpose and another way of being wrong.
//
// spec.image is what a person or a controller wrote. It is the only string that
// says what was asked for, so the name and the tag come from it and from nothing
// else. It is a reference: [registry/]repository[:tag][@algorithm:hex]. What it
// leaves out is filled in the way the kubelet and containerd do it: no registry
// means docker.io, a single word on docker.io lives below library/, and neither
// tag nor digest means "latest". That "latest" is implied, not written, and Ref
// remembers the difference. The first part is a registry only if it has a dot, a
// colon or an upper-case letter, or is "localhost"; so "myreg/foo/bar" lies on
// docker.io, and "example.com" without a slash is a repository. A tag and a
// digest may stand together; the digest decides what is pulled, the tag says
// what was meant, and both are kept.
//
// status.image is what the node's image store calls the image today. Several
// tags may share one digest, and containerd reports the one that sorts first: a
// pod that asked for workloads:2.10 is shown as workloads:2. If the store knows
// no tag the field holds a config id. It is kept for the reader in
// Image.Observed, and is a source of names only for a container that the spec
// does not have.
//
// status.imageID is the runtime's ContainerStatus.image_ref, passed through
// unchanged (kubernetes/kubernetes#123583). It comes in these forms:
//
//	name@sha256:HEX                    containerd, CRI-O: a repository digest
//	docker-pullable://name@sha256:HEX  dockershim, cri-dockerd: the same
//	sha256:HEX                         containerd: a config id
//	HEX                                CRI-O: a config id
//	docker://sha256:HEX                dockershim, cri-dockerd: a config id
//	(empty)                            the container has not started
//
// # Two kinds of hash
//
// A repository digest is the hash of a manifest or of an index of manifests: a
// registry serves it, and a scanner can look it up. A config id is the hash of
// the image's configuration, which no registry serves as an image. The two look
// alike, and a config id published as a digest is wrong data that nobody notices.
// So a digest is only ever taken from a name@algorithm:hex form; a bare hash is a
// config id, kept apart in Image.ConfigID. It is no name either, although a
// reference parser reads "sha256:HEX" as repository "sha256" with a very long
// tag, and so it is caught before parsing.
//
// The digest in imageID may belong to another repository. A node that holds the
// same image under two names reports either, and CRI-O says of its choice that it
// may "have no relationship to the users' requested image name". Images that were
// loaded from an archive carry an invented repository, import-2024-01-01. Such a
// digest says truly what runs, but it may not exist where the name points:
// ForeignDigest and LocalImport say so, Image.DigestRepository names the place.
//
// # Which rule decides
//
// Resolve applies them in this order:
//
//  1. Name, tag and pinned digest come from spec.image; if that is empty, from
//     status.image unless it is, or could be, a config id.
//  2. imageID is split into repository and digest, or read as a config id, or
//     flagged UnknownImageID. Digests are sha256, sha384 or sha512 of the exact
//     length in lower-case hex; anything else is no digest.
//  3. The published digest is the pinned one, else the observed one, else none.
//     If both exist and differ, both are kept and DigestMismatch is set; that is
//     no error: a pinned platform manifest is commonly reported as its index.
//  4. If the spec names no registry and imageID has the same short name in a
//     registry other than docker.io, the runtime has resolved a short name
//     (CRI-O's unqualified-search-registries), and its registry and repository
//     are adopted. Otherwise the spec's name stays, and a differing repository
//     makes the digest foreign. On docker.io a short name has one meaning only,
//     so another repository there is never adopted.
//  5. Nothing is dropped. What cannot be parsed keeps its text in Image.Written
//     and is flagged Invalid.
//
// # What cannot be known
//
// The pod API does not say which platform of an index runs (ask the node), what
// the sandbox's pause image is, or which image a previous, crashed instance had.
// And when spec.image of a running pod is changed in place, the status describes
// the old container until the kubelet has replaced it; nothing in the three
// strings reveals that.
package image
