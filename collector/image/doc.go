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
//	SCHEME://name@sha256:HEX           others, such as crio://: the same
//	sha256:HEX                         containerd: a config id
//	HEX                                CRI-O: a config id
//	docker://sha256:HEX                dockershim, cri-dockerd: a config id
//	(empty)                            the container has not started
//
// Two more facts decide how far the status can be believed: which runtime it is of,
// and whether the container waits.
//
// # Who resolves short names
//
// containerd and docker read a name without a registry as docker.io's and as nothing
// else. The node may hold the same content under other names too, and they report
// the one that sorts first; it is no reason to rename what was asked for
// (kubernetes/kubernetes#95385). CRI-O looks such a name up in a table of aliases
// and in a list of registries (containers-registries.conf): "podman" is pulled from
// quay.io/podman/stable, and then status.image and imageID agree on that repository,
// and status.image has the tag that was asked for. The runtime is known from the
// scheme of the containerID, else from the node's containerRuntimeVersion. Where
// neither is known the written name stands, and UnknownRuntime says so.
//
// # Whose status it is
//
// When spec.image of a pod is changed in place, kubelet ends the old container and
// pulls. If that fails the status stays that of the old container, image, imageID
// and containerID, and only the state says that something waits
// (kubernetes/kubernetes#92297). The digest of an image that has never run here
// would be another's. So a container that waits for its image, or to be created,
// takes nothing from imageID unless spec and status name the same image; then it is
// that of what ran last. A name that no runtime takes has never run at all.
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
//  2. Of a container that waits, imageID counts only if spec and status name the
//     same image: the pinned digest, else repository and tag. Of one with an invalid
//     name it does not count. OldStatus says that it was left alone.
//  3. imageID without a scheme is split into repository and digest, or read as a
//     config id, or flagged UnknownImageID. Digests are sha256, sha384 or sha512 of
//     the exact length in lower-case hex; anything else is no digest.
//  4. The published digest is the pinned one, else the observed one, else none.
//     If both exist and differ, both are kept and DigestMismatch is set; that is
//     no error: a pinned platform manifest is commonly reported as its index.
//  5. If the spec names no registry and the runtime is CRI-O, the registry and
//     repository of imageID are adopted where status.image has them too, with the
//     tag or digest that was asked for. Where status.image tells nothing, they are
//     adopted if they end like the written name and are not on docker.io. Where
//     imageID is a config id, those of status.image are. Otherwise the spec's name
//     stays, and a differing repository makes the digest foreign.
//  6. Nothing is dropped. What cannot be parsed keeps its text in Image.Written
//     and is flagged Invalid.
//
// # What cannot be known
//
// The pod API does not say which platform of an index runs (ask the node), what
// the sandbox's pause image is, or which image a previous, crashed instance had.
// When spec.image of a running pod is changed in place, the status describes the old
// container until the kubelet has ended it; for these seconds, and for a container
// that has ended for good, nothing reveals that. And that CRI-O reports a name does
// not prove that it pulled by it: the node may hold a copy with the same tag.
package image
