// Package wire takes the answers of a Kubernetes API apart while they arrive, in both of
// its encodings, and decodes nothing but what tells one object from another.
//
// A list is cut into its objects straight from the stream: the one object at hand is all
// that is in memory, whatever the size of the page. An answer starts with its metadata,
// from most servers, so that the token of the next page is known with the first bytes of
// this one. Fields walks over a protobuf message and Members over JSON without copying:
// whoever wants more of an object takes that from its bytes.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Object is one object of a page as the server wrote it, with what tells it from
// others. All of it is valid until the next object is read.
type Object struct {
	JSON    bool   // how Bytes are encoded; else it is protobuf
	Bytes   []byte // empty when the object is too large to be held
	Created int64  // seconds since 1970, 0 when it is not known

	Namespace, Name, UID []byte // as they were sent: not all protobuf is UTF-8
}

// Unreadable is an object that cannot be read in a page that can.
type Unreadable struct{ Cause error }

// Error is that of the cause.
func (e *Unreadable) Error() string { return e.Cause.Error() }

// Unwrap is the cause.
func (e *Unreadable) Unwrap() error { return e.Cause }

// Unmarshal fills in what is wanted of an object in JSON. Where the content is not that
// of its kind, the object alone is [Unreadable]; where it is no JSON, nothing around it
// can be read.
func Unmarshal(object []byte, into any) error {
	err := json.Unmarshal(object, into)
	if err == nil || IsSyntax(err) {
		return err
	}
	return &Unreadable{err}
}

// IsSyntax reports text that is no JSON.
func IsSyntax(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	return syntax
}

// Field numbers of every object, and of apimachinery's meta/v1 generated.proto. They
// are part of the API's compatibility promise and never change.
const (
	objectMetadata = 1

	metaName      = 1
	metaNamespace = 3
	metaUID       = 5
	metaCreated   = 8

	timeSeconds = 1
)

// readProto finds the names of an object. Of one that cannot be read it finds those
// that can.
func (o *Object) readProto() error {
	f := Walk(o.Bytes)
	for f.Next() {
		if f.Num == objectMetadata {
			f.Check(o.readMeta(f.Bytes()))
		}
	}
	if f.Err != nil {
		o.namesOfProto(o.Bytes)
		return &Unreadable{f.Err}
	}
	return nil
}

func (o *Object) readMeta(message []byte) error {
	f := Walk(message)
	for f.Next() {
		switch f.Num {
		case metaName:
			o.Name = f.Bytes()
		case metaNamespace:
			o.Namespace = f.Bytes()
		case metaUID:
			o.UID = f.Bytes()
		case metaCreated:
			f.Check(o.readCreated(f.Bytes()))
		}
	}
	return f.Err
}

func (o *Object) readCreated(message []byte) error {
	if len(message) > 1 && message[0] == timeSeconds<<3 { // seconds alone, as ever
		if v, n := protowire.ConsumeVarint(message[1:]); n == len(message)-1 {
			o.Created = int64(v) //nolint:gosec // two's complement, as protobuf writes negative numbers
			return nil
		}
	}
	f := Walk(message)
	for f.Next() {
		if f.Num == timeSeconds {
			o.Created = f.Int()
		}
	}
	return f.Err
}

// namesOfProto finds namespace and name in an object of which the rest cannot be
// read. What is not found stays empty.
func (o *Object) namesOfProto(object []byte) {
	o.Namespace, o.Name = nil, nil
	f := Walk(object)
	for f.Next() {
		if f.Num != objectMetadata || f.typ != protowire.BytesType {
			continue
		}
		meta := Walk(f.value)
		for meta.Next() {
			switch {
			case meta.typ != protowire.BytesType:
			case meta.Num == metaName:
				o.Name = meta.value
			case meta.Num == metaNamespace:
				o.Namespace = meta.value
			}
		}
	}
}

// readJSON finds the names of an object, where they are written as usual without
// decoding it.
func (o *Object) readJSON() error {
	if o.usualJSON() {
		return nil
	}
	var object struct {
		Metadata struct {
			Namespace string          `json:"namespace"`
			Name      string          `json:"name"`
			UID       string          `json:"uid"`
			Created   json.RawMessage `json:"creationTimestamp"`
		} `json:"metadata"`
	}
	if err := Unmarshal(o.Bytes, &object); err != nil {
		o.UID, o.Created = nil, 0
		o.Namespace, o.Name = namesOfJSON(o.Bytes)
		return err
	}
	meta := &object.Metadata
	o.Namespace, o.Name, o.UID, o.Created = []byte(meta.Namespace), []byte(meta.Name), []byte(meta.UID), timeOf(meta.Created)
	return nil
}

// usualJSON finds the names in an object whose metadata is written as every server
// does: once, in the usual letters, and the names without escapes.
func (o *Object) usualJSON() bool {
	if len(o.Bytes) == 0 || o.Bytes[0] != '{' {
		return false
	}
	var metadata []byte
	usual := true
	err := Members(o.Bytes, func(key, value []byte) error {
		switch {
		case string(key) == `"metadata"` && metadata == nil && value[0] == '{':
			metadata = value
		case bytes.EqualFold(key, []byte(`"metadata"`)) || bytes.IndexByte(key, '\\') >= 0:
			usual = false
		}
		return nil
	})
	return err == nil && usual && metadata != nil && o.usualMeta(metadata)
}

func (o *Object) usualMeta(metadata []byte) bool {
	usual := true
	err := Members(metadata, func(key, value []byte) error {
		switch string(key) {
		case `"namespace"`:
			usual = usual && plain(value, &o.Namespace)
		case `"name"`:
			usual = usual && plain(value, &o.Name)
		case `"uid"`:
			usual = usual && plain(value, &o.UID)
		case `"creationTimestamp"`:
			o.Created = timeOf(value)
		default:
			usual = usual && bytes.IndexByte(key, '\\') < 0
		}
		return nil
	})
	return err == nil && usual && o.Name != nil
}

// plain is a string of ASCII without escapes, the first of its key.
func plain(value []byte, into *[]byte) bool {
	if *into != nil || len(value) < 2 || value[0] != '"' {
		return false
	}
	content := value[1 : len(value)-1]
	for _, b := range content {
		if b < ' ' || b > '~' || b == '\\' {
			return false
		}
	}
	*into = content
	return true
}

// timeOf reads a time. One that is none is not worth an object.
func timeOf(value []byte) int64 {
	at, err := time.Parse(`"`+time.RFC3339+`"`, string(value))
	if err != nil {
		return 0
	}
	return at.Unix()
}

// namesOfJSON finds namespace and name in an object of which the rest cannot be read,
// or is not there. What is not found stays empty.
func namesOfJSON(object []byte) (namespace, name []byte) {
	if len(object) == 0 || object[0] != '{' {
		return nil, nil
	}
	_ = Members(object, func(key, value []byte) error {
		if string(key) != `"metadata"` || value[0] != '{' {
			return nil
		}
		return Members(value, func(key, value []byte) error {
			switch string(key) {
			case `"namespace"`:
				namespace, _ = Unquoted(value)
			case `"name"`:
				name, _ = Unquoted(value)
			}
			return nil
		})
	})
	return namespace, name
}

// Text is b as a string of its own. What is not UTF-8 is replaced: the API promises
// UTF-8 and protobuf does not check it, so that done here, once, everybody may rely on it.
func Text(b []byte) string {
	s := string(b)
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// NewObject is an object that is at hand as a whole, in JSON.
func NewObject(text []byte) (Object, error) {
	o := Object{JSON: true, Bytes: text}
	return o, o.readJSON()
}
