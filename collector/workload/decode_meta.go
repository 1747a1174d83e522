package workload

import "stocktake/collector/wire"

// Field numbers of apimachinery's meta/v1 generated.proto. They are part of
// the API's compatibility promise and never change.
const (
	metaLabels          = 11
	metaAnnotations     = 12
	metaOwnerReferences = 13

	ownerKind       = 1
	ownerName       = 3
	ownerController = 6

	mapKey   = 1
	mapValue = 2
)

// decode reads an ObjectMeta but for what wire.Object has of it. managedFields, often the largest part of an
// object, is among what is skipped.
func (m *metaRecord) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case metaLabels:
			f.Check(m.Labels.decode(f.Bytes(), f.Size))
		case metaAnnotations:
			f.Check(m.Annotations.decode(f.Bytes(), f.Size))
		case metaOwnerReferences:
			decodeInto(&f, &m.OwnerReferences, (*ownerRecord).decode)
		}
	}
	return f.Err
}

func (o *ownerRecord) decode(message []byte) error {
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case ownerKind:
			o.Kind = f.Bytes()
		case ownerName:
			o.Name = f.Bytes()
		case ownerController:
			o.Controller = f.Bool()
		}
	}
	return f.Err
}

// decode adds one entry of a map<string, string>, which is in a message of size
// bytes.
func (p *pairs) decode(message []byte, size int) error {
	entry, err := (*list[pair])(p).add(entriesIn(size, leastPair))
	if err != nil {
		return err
	}
	f := wire.Walk(message)
	for f.Next() {
		switch f.Num {
		case mapKey:
			entry.key = f.Bytes()
		case mapValue:
			entry.value = f.Bytes()
		}
	}
	return f.Err
}

// decodeInto appends the message under f to a repeated field.
func decodeInto[T any](f *wire.Fields, l *list[T], decode func(*T, []byte) error) {
	message := f.Bytes()
	entry, err := l.add(entriesIn(f.Size, leastEntry))
	if err != nil {
		f.Fail(err)
		return
	}
	f.Check(decode(entry, message))
}
