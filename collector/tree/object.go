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
type object struct {
	Kind   string `json:"kind"`
	Object struct {
		Metadata struct {
			UID       string `json:"uid"`
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
		} `json:"metadata"`
	} `json:"object"`
}

var errObject = errors.New("an object that cannot be read")

func readObject(item []byte) (object, error) {
	var o object
	if json.Unmarshal(item, &o) != nil { // its errors quote
		return o, errObject
	}
	return o, nil
}

// standsAlone reports whether one object is a tree.
func standsAlone(kind string) bool { return kind == "Ingress" || kind == "Provisioner" }
