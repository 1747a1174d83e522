package object

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// metadata is what an index wants of an object.
type metadata struct {
	uid, namespace, owner string
	adopted               bool // the owner is the claim of a volume
}

// metadataReader reads it from the bytes of one object after the other.
type metadataReader struct {
	in      bytes.Buffer
	decoder jsontext.Decoder
	volume  bool // the object is a PersistentVolume
	meta    metadata
}

// errMetadata says nothing of the object: errors of the parser quote names.
var errMetadata = errors.New("metadata that cannot be read")

func (r *metadataReader) read(object []byte) (metadata, error) {
	r.in.Reset()
	r.in.Write(object)
	r.decoder.Reset(&r.in)
	r.volume, r.meta = false, metadata{}
	err := members(&r.decoder, r.member)
	if err != nil && !errors.Is(err, errEnough) {
		return metadata{}, errMetadata
	}

	return r.meta, nil
}

// errEnough ends the reading of an object of which all is known that is wanted.
var errEnough = errors.New("enough")

func (r *metadataReader) member(name string) error {
	switch {
	case name == "kind":
		kind, err := text(&r.decoder)
		r.volume = kind == "PersistentVolume"
		return err
	case name == "metadata":
		err := members(&r.decoder, r.metadata)
		if err == nil && (!r.volume || r.meta.owner != "") {
			return errEnough
		}
		return err
	case name == "spec" && r.volume && r.meta.owner == "":
		return members(&r.decoder, r.spec)
	default:
		return r.decoder.SkipValue()
	}
}

func (r *metadataReader) metadata(name string) error {
	var err error
	switch name {
	case "uid":
		r.meta.uid, err = text(&r.decoder)
	case "namespace":
		r.meta.namespace, err = text(&r.decoder)
	case "ownerReferences":
		err = elements(&r.decoder, r.reference)
	default:
		err = r.decoder.SkipValue()
	}

	return err
}

// reference reads an owner: the first counts, unless another is the controller.
func (r *metadataReader) reference() error {
	var owner string
	var controller bool
	err := members(&r.decoder, func(name string) error {
		var err error
		switch name {
		case "uid":
			owner, err = text(&r.decoder)
		case "controller":
			var token jsontext.Token
			token, err = r.decoder.ReadToken()
			controller = err == nil && token.Kind() == 't'
		default:
			err = r.decoder.SkipValue()
		}
		return err
	})
	if r.meta.owner == "" || controller {
		r.meta.owner = owner
	}

	return err
}

// spec reads that of a volume: the UID in it is a fact, where names would be a guess.
func (r *metadataReader) spec(name string) error {
	if name != "claimRef" {
		return r.decoder.SkipValue()
	}
	return members(&r.decoder, func(name string) error {
		if name != "uid" {
			return r.decoder.SkipValue()
		}
		var err error
		r.meta.owner, err = text(&r.decoder)
		r.meta.adopted = r.meta.owner != ""
		return err
	})
}
