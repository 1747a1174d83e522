package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// errWireType is a field of the right number in the wrong encoding.
var errWireType = errors.New("protobuf: unexpected wire type")

// errField is a tag or a value that cannot be read. It does not wrap what
// protowire says of it, io.ErrUnexpectedEOF among others: a message at hand was
// never cut by the network.
var errField = errors.New("protobuf: malformed field")

// errGroup is the one encoding that can nest without a length. Kubernetes
// never uses it, so refusing it bounds the depth of every message.
var errGroup = errors.New("protobuf: groups are not part of the Kubernetes API")

// Fields walks over the fields of one protobuf message, whatever their order,
// and allocates nothing: values are slices of the message.
//
//	for f := Walk(message); f.Next(); {
//		switch f.Num { ... f.Bytes() ... }
//	}
//
// An error ends the walk and stays in err. The zero-length message is valid.
type Fields struct {
	Num    protowire.Number // of the field at hand
	Err    error            // why the walk ended early
	Size   int              // of the message, in bytes
	rest   []byte
	typ    protowire.Type
	value  []byte // of a length-delimited field
	number uint64 // of a varint field
}

// Walk begins a walk over the fields of a message.
func Walk(message []byte) Fields { return Fields{Size: len(message), rest: message} }

// Next moves to the next field, skipping nothing: unknown fields are simply
// not asked for.
func (f *Fields) Next() bool {
	if f.Err != nil || len(f.rest) == 0 {
		return false
	}
	if f.short() {
		return true
	}
	num, typ, n := protowire.ConsumeTag(f.rest)
	if n < 0 {
		return f.Fail(fmt.Errorf("%w after field %d", errField, f.Num))
	}
	f.Num, f.typ = num, typ
	f.rest = f.rest[n:]
	n = f.consume()
	if n < 0 {
		return f.Fail(fmt.Errorf("%w %d", errField, num))
	}
	f.rest = f.rest[n:]
	return f.Err == nil
}

// short reads the most frequent field by far, a length-delimited one with a
// number below 16 and at most 127 bytes: tag and length are a byte each. It
// saves a quarter of the time of a page.
func (f *Fields) short() bool {
	b := f.rest
	if len(b) < 2 || b[0]&0x87 != byte(protowire.BytesType) || b[0] < 1<<3 || b[1] > 0x7f {
		return false
	}
	end := 2 + int(b[1])
	if len(b) < end {
		return false
	}
	f.Num, f.typ = protowire.Number(b[0]>>3), protowire.BytesType
	f.value, f.rest = b[2:end], b[end:]
	return true
}

// consume reads the value of the current field and returns its length.
func (f *Fields) consume() (n int) {
	switch f.typ {
	case protowire.BytesType:
		f.value, n = protowire.ConsumeBytes(f.rest)
	case protowire.VarintType:
		f.number, n = protowire.ConsumeVarint(f.rest)
	case protowire.Fixed32Type:
		_, n = protowire.ConsumeFixed32(f.rest)
	case protowire.Fixed64Type:
		_, n = protowire.ConsumeFixed64(f.rest)
	default:
		f.Fail(errGroup)
	}
	return n
}

// Bytes is the value of a string, bytes or message field.
func (f *Fields) Bytes() []byte {
	if f.typ != protowire.BytesType {
		f.Fail(fmt.Errorf("%w: field %d", errWireType, f.Num))
		return nil
	}
	return f.value
}

// Bool is the value of a bool field.
func (f *Fields) Bool() bool {
	if f.typ != protowire.VarintType {
		f.Fail(fmt.Errorf("%w: field %d", errWireType, f.Num))
		return false
	}
	return f.number != 0
}

// Int is the value of an int64 field.
func (f *Fields) Int() int64 {
	if f.typ != protowire.VarintType {
		f.Fail(fmt.Errorf("%w: field %d", errWireType, f.Num))
		return 0
	}
	return int64(f.number) //nolint:gosec // two's complement, as protobuf writes negative numbers
}

// Check ends the walk when what was made of the current field is in error.
func (f *Fields) Check(err error) {
	if err != nil {
		f.Fail(err)
	}
}

// Fail ends the walk; the first error stays.
func (f *Fields) Fail(err error) bool {
	if f.Err == nil {
		f.Err = err
	}
	return false
}
