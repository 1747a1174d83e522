package object

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
)

// Index knows the objects of a cluster by their UIDs, and of each who owns it: its
// controller, or the first of its owners; of a PersistentVolume without any the claim that
// it is bound to. The zero value is empty.
type Index struct {
	objects    []owned
	namespaces map[string]uint32
	odd        map[uid]string // UIDs that are not 36 lower-case characters
	reader     metadataReader
}

// Add adds an object in JSON. One that a [Filter] has passed is best: its metadata comes
// first, and the rest is not read.
func (x *Index) Add(object []byte) error {
	var err error
	x.objects, err = x.append(x.objects, object)
	return err
}

// append reads an object and appends what is kept of it.
func (x *Index) append(to []owned, object []byte) ([]owned, error) {
	meta, err := x.reader.read(object)
	if err != nil {
		return to, err
	}
	if meta.uid == "" {
		return to, nil // aggregated servers compute objects that have none; nobody can own or be owned
	}
	o := owned{uid: x.key(meta.uid), namespace: x.namespace(meta.namespace)}
	if meta.owner != "" {
		o.owner = x.key(meta.owner)
	}
	if meta.adopted {
		o.namespace = adopted
	}

	return append(to, o), nil
}

// Batch is objects of which it is not known yet whether they are to be in an index. The zero
// value is empty.
type Batch struct {
	objects []owned
	kept    int // of them
}

// Hold adds an object to a batch, which is of this index alone.
func (x *Index) Hold(b *Batch, object []byte) (err error) {
	b.objects, err = x.append(b.objects, object)
	return err
}

// Keep makes the objects that came since the last Keep or Drop part of the batch for good.
func (b *Batch) Keep() { b.kept = len(b.objects) }

// Drop forgets them.
func (b *Batch) Drop() { b.objects = b.objects[:b.kept] }

// Take adds what a batch has kept, and empties it.
func (x *Index) Take(b *Batch) {
	if len(x.objects) == 0 {
		x.objects = b.objects[:b.kept]
	} else {
		x.objects = append(x.objects, b.objects[:b.kept]...)
	}
	*b = Batch{}
}

func (x *Index) key(text string) uid {
	var key uid
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		plain := make([]byte, 0, 32)
		for _, part := range [...]string{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
			plain = append(plain, part...)
		}
		_, err := hex.Decode(key[:], plain)
		if err == nil && !bytes.ContainsAny(plain, "ABCDEF") && key != (uid{}) {
			return key
		}
	}
	sum := sha256.Sum256([]byte(text))
	key = uid(sum[:16])
	if x.odd == nil {
		x.odd = map[uid]string{}
	}
	x.odd[key] = text

	return key
}

// text is the UID as it was.
func (x *Index) text(key uid) string {
	if odd, found := x.odd[key]; found {
		return odd
	}
	text := make([]byte, 0, 36)
	for i, part := range [...][]byte{key[:4], key[4:6], key[6:8], key[8:10], key[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

func (x *Index) namespace(name string) uint32 {
	if name == "" {
		return 0
	}
	number, found := x.namespaces[name]
	if !found {
		if x.namespaces == nil {
			x.namespaces = map[string]uint32{}
		}
		number = uint32(len(x.namespaces) + 1) //nolint:gosec // there are not so many
		x.namespaces[name] = number
	}
	return number
}

// Owned is an object that has an owner. Root is the last of its owners that was found, which
// is the object itself where it is the first that was not, and empty in a cycle.
type Owned struct {
	UID, Owner, Root string
	State            State
}

// Owned returns the objects that have owners, sorted by UID. Nothing is added after it.
func (x *Index) Owned() iter.Seq[Owned] {
	slices.SortFunc(x.objects, func(a, b owned) int { return bytes.Compare(a.uid[:], b.uid[:]) })
	x.objects = slices.CompactFunc(x.objects, func(a, b owned) bool { return a.uid == b.uid })
	f := forest{objects: x.objects, ends: make([]end, len(x.objects))}
	for i := range x.objects {
		f.climb(i)
	}

	return func(yield func(Owned) bool) {
		for i, o := range x.objects {
			if o.owner == (uid{}) {
				continue
			}
			line := Owned{UID: x.text(o.uid), Owner: x.text(o.owner), State: f.ends[i].state}
			if f.ends[i].state != Cycle {
				line.Root = x.text(x.objects[f.ends[i].root].uid)
			}
			if !yield(line) {
				return
			}
		}
	}
}
