package wire

import (
	"bufio"
	"bytes"
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Magic starts every protobuf answer of Kubernetes; a runtime.Unknown follows.
const Magic = "k8s\x00"

// Field numbers of runtime.Unknown and of every typed list.
const (
	unknownTypeMeta = 1
	unknownRaw      = 2
	unknownEncoding = 3

	typeMetaKind = 2

	listMetadata = 1
	listItems    = 2

	listMetaResourceVersion = 2
	listMetaContinue        = 3
	listMetaRemaining       = 4
)

var (
	errMagic  = errors.New("protobuf: the answer does not start with the Kubernetes prefix")
	errNested = errors.New("protobuf: the content is encoded once more")
)

// protoScanner walks the envelope and the list in it from the stream: the one
// object at hand is all that is in memory, whatever the size of the page.
type protoScanner struct {
	protoStream
	kind    string
	list    bool // within the list
	pending bool // the tag of an item was read, the item was not
	named   bool // the kind was seen, and right
	known   bool // the metadata was seen
	info    ListMeta
}

func newProtoScanner(r *bufio.Reader, kind string) *protoScanner {
	return &protoScanner{protoStream: protoStream{r: r, left: math.MaxInt64}, kind: kind}
}

func (s *protoScanner) Meta() ListMeta { return s.info }

func (s *protoScanner) Head() (bool, error) {
	if err := s.enter(); err != nil {
		return false, cut(err)
	}
	more, err := s.advance()
	s.pending = more
	return s.known || !more, cut(err)
}

func (s *protoScanner) Next(o *Object) error {
	if !s.pending {
		more, err := s.advance()
		if err != nil {
			return cut(err)
		}
		if !more {
			return s.leave()
		}
	}
	s.pending = false
	size, err := s.length(math.MaxInt64)
	if err != nil {
		return cut(err)
	}
	*o = Object{}
	if size > MaxObject {
		return s.pass(size, o)
	}
	o.Bytes, err = s.content(size)
	if err != nil {
		return cut(err)
	}
	return o.readProto()
}

// pass skips an object that is too large to be held, and reads the names at its
// beginning.
func (s *protoScanner) pass(size int64, o *Object) error {
	start, err := s.r.Peek(s.r.Size())
	if err != nil {
		return cut(err)
	}
	o.namesOfProto(start)
	o.Namespace, o.Name = bytes.Clone(o.Namespace), bytes.Clone(o.Name)
	if err := s.discard(size); err != nil {
		return cut(err)
	}
	return &Unreadable{ErrTooLarge}
}

// enter reads the envelope up to the list.
func (s *protoScanner) enter() error {
	prefix, err := s.r.Peek(len(Magic))
	if len(prefix) == len(Magic) && string(prefix) != Magic {
		return errMagic
	}
	if err != nil {
		return err
	}
	if _, err := s.r.Discard(len(Magic)); err != nil {
		return err
	}
	for !s.list {
		if err := s.envelopeField(); err != nil {
			return err
		}
	}
	return nil
}

// advance moves to the next item of the list.
func (s *protoScanner) advance() (bool, error) {
	for s.left > 0 {
		num, typ, err := s.tag()
		if err != nil {
			return false, err
		}
		switch {
		case num == listItems && typ == protowire.BytesType:
			return true, nil
		case num == listMetadata && typ == protowire.BytesType:
			err = s.readMeta()
		default:
			err = s.skip(typ)
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// leave reads the rest of the envelope; io.EOF is the right end.
func (s *protoScanner) leave() error {
	s.list, s.left = false, math.MaxInt64
	for {
		if _, err := s.r.Peek(1); err != nil {
			return ended(err, s.named && s.known)
		}
		if err := s.envelopeField(); err != nil {
			return cut(err)
		}
		if s.list {
			return errLengths
		}
	}
}

func (s *protoScanner) envelopeField() error {
	num, typ, err := s.tag()
	if err != nil {
		return err
	}
	switch {
	case num == unknownRaw && typ == protowire.BytesType:
		s.left, err = s.length(math.MaxInt64)
		s.list = true
		return err
	case num == unknownTypeMeta && typ == protowire.BytesType:
		return s.readKind()
	case num == unknownEncoding && typ == protowire.BytesType:
		n, err := s.length(math.MaxInt64)
		if err == nil && n > 0 {
			err = errNested
		}
		return err
	}
	return s.skip(typ)
}

func (s *protoScanner) readKind() error {
	message, err := s.message(maxListMeta)
	if err != nil {
		return err
	}
	f := Walk(message)
	for f.Next() {
		if f.Num == typeMetaKind {
			s.named = true
			f.Check(checkKind(string(f.Bytes()), s.kind))
		}
	}
	return f.Err
}

func (s *protoScanner) readMeta() error {
	message, err := s.message(maxListMeta)
	if err != nil {
		return err
	}
	if s.known {
		return errTwice
	}
	s.known = true
	f := Walk(message)
	for f.Next() {
		switch f.Num {
		case listMetaResourceVersion:
			s.info.ResourceVersion = string(f.Bytes())
		case listMetaContinue:
			s.info.Continue = string(f.Bytes())
		case listMetaRemaining:
			s.info.Remaining = int64(f.number) //nolint:gosec // two's complement is how protobuf writes an int64
		}
	}
	return f.Err
}

// Unwrap takes the envelope off a protobuf answer that is held as a whole.
func Unwrap(answer []byte) (raw []byte, ok bool) {
	envelope, ok := bytes.CutPrefix(answer, []byte(Magic))
	if !ok {
		return nil, false
	}
	f := Walk(envelope)
	for f.Next() {
		if f.Num == unknownRaw {
			return f.Bytes(), f.Err == nil
		}
	}
	return nil, false
}
