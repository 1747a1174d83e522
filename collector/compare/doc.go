// Package compare tells what became of the images between two inventories.
//
// # What is compared
//
// Not pods, which come and go while nothing changes, but which images each
// namespace uses. An image is told by its canonical name and tag, so that nginx
// and docker.io/library/nginx:latest are one, and its content by the digest.
// Where no digest is known the config id serves, if both inventories know it.
//
// The change that matters most is the one that nobody sees: the tag is the same
// and the content is not. It comes first, as ReTagged. A rollout that was caught
// half way has two contents under one tag, and is such a change too. An image
// that was pinned by its digest alone has no tag that could change its meaning;
// with another digest it is another image, added or removed.
//
// A pinned digest and one that the node reports are two facts of one content: a
// manifest of an index, and the index. Two contents are the same if they have one
// digest in common. Config ids are compared within a platform, for a configuration
// is of one platform by its nature. A container that has not started runs nothing,
// and so says nothing of the content of its image.
//
// # What is not known is no change
//
// An image whose digest was known and is not any more may be the same or not: it
// is a category of its own, and so is its reverse. A namespace that one of the
// inventories did not read in full is not compared at all, and is listed as such:
// that its images are missing says nothing.
//
// Other programs write less than this one, and something else where they know no
// tag: KAI the first thing behind a colon, Anchore's collector the digest or nothing
// (missing-tag-policy). Such a tag is in doubt, and an image is the same as another
// of its repository with the same content. Where one of the inventories tells of
// images that the other has no room for, those that only the first names are
// Uncertain, with the Doubt; they do not make a difference. An image that has another
// version of itself in its place was replaced, and counts in any case.
//
// No body says whether pods that do not run were left out (ignore-not-running). Where
// one names such pods and the other none, what only the first names is Uncertain, but
// for pods of controllers that always start them again.
//
// Where an image is pinned to one digest and the node reports another, KAI gives the
// pinned one and Anchore's collector the reported one, and neither says which it is. A
// tag with another content looks the same, byte for byte. So between a body of KAI and
// one of Anchore's collector another digest under one tag is Uncertain. Each of them
// beside a body of its own kind, or of ours, tells it for certain.
package compare
