package kube

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"hash/maphash"
	"slices"

	"stocktake/collector/wire"
)

// keyHash stands for the key of an object: 16 bytes, whatever the name.
type keyHash [16]byte

// key is the place of an object in a listing.
type key struct{ namespace, name []byte }

// set copies the key of an object, into the memory that the key has.
func (k *key) set(o *wire.Object) {
	k.namespace = append(k.namespace[:0], o.Namespace...)
	k.name = append(k.name[:0], o.Name...)
}

// hasher makes hashes that nobody can foresee.
type hasher struct {
	seed            maphash.Seed
	hashed          []byte // the namespace that was hashed last
	hashOfNamespace uint64
}

// hash tells an object from others on the same page. The namespace is most often that
// of the object before.
func (h *hasher) hash(o *wire.Object) uint64 {
	const prime = 0x9e3779b97f4a7c15
	if h.hashOfNamespace == 0 || !bytes.Equal(h.hashed, o.Namespace) {
		h.hashed = append(h.hashed[:0], o.Namespace...)
		h.hashOfNamespace = maphash.Bytes(h.seed, o.Namespace)
	}
	hash := h.hashOfNamespace*prime + maphash.Bytes(h.seed, o.Name)
	return hash*prime + maphash.Bytes(h.seed, o.UID)
}

// digestOf tells an object from all others.
func digestOf(o *wire.Object) keyHash {
	var room [512]byte
	text := append(append(append(room[:0], o.Namespace...), '/'), o.Name...)
	sum := sha256.Sum256(text)
	return keyHash(sum[:len(keyHash{})])
}

// compareKeys compares two keys as the API server does: by the bytes of the whole
// of them, so that "a-b/x" comes before "a/x".
func compareKeys(a, b key) int {
	if bytes.Equal(a.namespace, b.namespace) {
		return bytes.Compare(a.name, b.name)
	}
	n := min(len(a.namespace), len(b.namespace))
	if order := bytes.Compare(a.namespace[:n], b.namespace[:n]); order != 0 {
		return order
	}
	// One is the beginning of the other, and ends with a slash there.
	if len(a.namespace) == n {
		return cmp.Compare('/', b.namespace[n])
	}
	return cmp.Compare(a.namespace[n], '/')
}

func (k key) letters() []byte { return append(letters(k.namespace), letters(k.name)...) }

// letters are the letters and digits of a name.
func letters(name []byte) []byte {
	return slices.DeleteFunc(slices.Clone(name), func(b byte) bool { return b == '-' || b == '.' })
}
