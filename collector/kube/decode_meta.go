package kube

import "google.golang.org/protobuf/encoding/protowire"

// Field numbers of apimachinery's meta/v1 generated.proto. They are part of
// the API's compatibility promise and never change.
const (
	metaName            = 1
	metaNamespace       = 3
	metaUID             = 5
	metaCreated         = 8
	metaLabels          = 11
	metaAnnotations     = 12
	metaOwnerReferences = 13

	ownerKind       = 1
	ownerName       = 3
	ownerController = 6

	timeSeconds = 1

	mapKey   = 1
	mapValue = 2
)

// decode reads an ObjectMeta. managedFields, often the largest part of an
// object, is among what is skipped.
func (m *metaRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case metaName:
			m.Name = f.bytes()
		case metaNamespace:
			m.Namespace = f.bytes()
		case metaUID:
			m.UID = f.bytes()
		case metaCreated:
			f.check(m.Created.decode(f.bytes()))
		case metaLabels:
			f.check(m.Labels.decode(f.bytes(), f.size))
		case metaAnnotations:
			f.check(m.Annotations.decode(f.bytes(), f.size))
		case metaOwnerReferences:
			decodeInto(&f, &m.OwnerReferences, (*ownerRecord).decode)
		}
	}
	return f.err
}

func (t *seconds) decode(message []byte) error {
	if len(message) > 1 && message[0] == timeSeconds<<3 { // seconds alone, as ever
		if v, n := protowire.ConsumeVarint(message[1:]); n == len(message)-1 {
			*t = seconds(v) //nolint:gosec // two's complement, as protobuf writes negative numbers
			return nil
		}
	}
	f := walk(message)
	for f.next() {
		if f.num == timeSeconds {
			*t = seconds(f.int())
		}
	}
	return f.err
}

// decodeNames finds namespace and name in an object of which the rest cannot be
// read. What is not found stays empty.
func (m *metaRecord) decodeNames(object []byte) {
	*m = metaRecord{}
	f := walk(object)
	for f.next() {
		if f.num != objectMetadata || f.typ != protowire.BytesType {
			continue
		}
		meta := walk(f.value)
		for meta.next() {
			switch {
			case meta.typ != protowire.BytesType:
			case meta.num == metaName:
				m.Name = meta.value
			case meta.num == metaNamespace:
				m.Namespace = meta.value
			}
		}
	}
}

func (o *ownerRecord) decode(message []byte) error {
	f := walk(message)
	for f.next() {
		switch f.num {
		case ownerKind:
			o.Kind = f.bytes()
		case ownerName:
			o.Name = f.bytes()
		case ownerController:
			o.Controller = f.bool()
		}
	}
	return f.err
}

// decode adds one entry of a map<string, string>, which is in a message of size
// bytes.
func (p *pairs) decode(message []byte, size int) error {
	entry, err := (*list[pair])(p).add(entriesIn(size, leastPair))
	if err != nil {
		return err
	}
	f := walk(message)
	for f.next() {
		switch f.num {
		case mapKey:
			entry.key = f.bytes()
		case mapValue:
			entry.value = f.bytes()
		}
	}
	return f.err
}

// decodeInto appends the message under f to a repeated field.
func decodeInto[T any](f *fields, l *list[T], decode func(*T, []byte) error) {
	message := f.bytes()
	entry, err := l.add(entriesIn(f.size, leastEntry))
	if err != nil {
		f.fail(err)
		return
	}
	f.check(decode(entry, message))
}
