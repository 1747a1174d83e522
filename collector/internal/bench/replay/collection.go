package main

import (
	"bytes"
	"strings"

	"stocktake/collector/wire"
)

// namespacePrefix is how the namespaces of a recording begin (kubetest.NamespaceName).
// The digit behind it is 0 in all of them, and tells the copies apart: copies come in
// the order of a listing then, after what they were copied from.
const namespacePrefix = "team-"

// mostCopies are as many as one digit tells apart.
const mostCopies = 10

// object is one as it was recorded, and where in it stands what is another in a copy.
type object struct {
	bytes  []byte
	digits []int // of the namespace
	uid    int   // its first letter
}

// collection is all that there is of a resource.
type collection struct {
	kind, revision string
	objects        []object // as recorded
	once           int      // how many of them, the first, are not copied
	total          int      // with copies
}

// add keeps an object. Those without a namespace of a number come once.
func (c *collection) add(o *wire.Object) {
	kept := object{bytes: bytes.Clone(o.Bytes), uid: bytes.Index(o.Bytes, o.UID)}
	namespace := string(o.Namespace)
	if namespace == "" {
		namespace = string(o.Name)
	}
	if strings.HasPrefix(namespace, namespacePrefix+"0") {
		kept.digits = places(kept.bytes, namespace)
	}
	c.objects = append(c.objects, kept)
	if len(kept.digits) == 0 {
		c.once = len(c.objects)
	}
}

// places are where the digit of the namespace stands, wherever the object names it.
func places(in []byte, namespace string) (digits []int) {
	for from := 0; ; {
		at := bytes.Index(in[from:], []byte(namespace))
		if at < 0 {
			return digits
		}
		digits = append(digits, from+at+len(namespacePrefix))
		from += at + len(namespace)
	}
}

// at finds object i of the whole, and which copy it is of which one.
func (c *collection) at(i int) (of *object, copied int) {
	if i < len(c.objects) {
		return &c.objects[i], 0
	}
	again := c.objects[c.once:]
	i -= len(c.objects)
	return &again[i%len(again)], 1 + i/len(again)
}

// copyTo writes a copy behind what is in the buffer. It has the length of the original.
func (o *object) copyTo(buffer []byte, copied int) []byte {
	at := len(buffer)
	buffer = append(buffer, o.bytes...)
	if copied > 0 {
		mine := buffer[at:]
		for _, digit := range o.digits {
			mine[digit] += byte(copied)
		}
		const hex = "0123456789abcdef"
		mine[o.uid] = hex[(strings.IndexByte(hex, mine[o.uid])+copied)%len(hex)]
	}
	return buffer
}

// size is that of the objects from one on and before another, in bytes.
func (c *collection) size(from, to int) (n int) {
	for i := range to - from {
		o, _ := c.at(from + i)
		n += field(len(o.bytes))
	}
	return n
}

// page cuts the part of the whole that a request asks for.
func (c *collection) page(from, limit int) (to int) {
	if limit <= 0 {
		return c.total
	}
	return min(from+limit, c.total)
}
