package kube

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"hash/maphash"

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

// hash tells an object from others on the same page. The seed makes hashes that nobody
// can foresee. The namespace is most often that of the object before.
func (s *sequence) hash(o *wire.Object) uint64 {
	const prime = 0x9e3779b97f4a7c15
	if s.hashOfNamespace == 0 || !bytes.Equal(s.hashed, o.Namespace) {
		s.hashed = append(s.hashed[:0], o.Namespace...)
		s.hashOfNamespace = maphash.Bytes(s.seed, o.Namespace)
	}
	h := s.hashOfNamespace*prime + maphash.Bytes(s.seed, o.Name)
	return h*prime + maphash.Bytes(s.seed, o.UID)
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
