package tree

import (
	"crypto/sha256"
	"encoding/json"
	"errors"

	"stocktake/collector/payload"
)

// key stands for a UID.
type key [16]byte

func keyOf(uid string) key {
	sum := sha256.Sum256([]byte(uid))
	return key(sum[:16])
}

// eachItem reads what is in the one array of a body.
func eachItem(body *payload.Body, each func(item json.RawMessage) error) error {
	plain := body.Plain()
	defer plain.Close() //nolint:errcheck // it is only read
	d := json.NewDecoder(plain)
	for begun := false; !begun; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		begun = token == json.Delim('[')
	}
	for d.More() {
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return err
		}
		if err := each(item); err != nil {
			return err
		}
	}
	return nil
}

// object is what is to be known of an object in a page.
type object struct{ kind, uid, namespace, name string }

var errObject = errors.New("an object that cannot be read")

// readObject reads it. Names count as they are written, which those of structs would not.
func readObject(item []byte) (object, error) {
	var page struct {
		Kind   string                     `json:"kind"`
		Object map[string]json.RawMessage `json:"object"`
	}
	var metadata map[string]json.RawMessage
	if json.Unmarshal(item, &page) != nil || json.Unmarshal(page.Object["metadata"], &metadata) != nil { // their errors quote
		return object{}, errObject
	}
	o := object{kind: page.Kind}
	for name, field := range map[string]*string{"uid": &o.uid, "namespace": &o.namespace, "name": &o.name} {
		if text, there := metadata[name]; there && json.Unmarshal(text, field) != nil {
			return object{}, errObject
		}
	}
	return o, nil
}

// standsAlone reports whether one object is a tree.
func standsAlone(kind string) bool { return kind == "Ingress" || kind == "Provisioner" }
