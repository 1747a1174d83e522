package wire

import (
	"bufio"
	"fmt"
	"mime"
)

// Encoding is how a server wrote an answer.
type Encoding string

// The encodings of a Kubernetes API.
const (
	Protobuf Encoding = "application/vnd.kubernetes.protobuf"
	JSON     Encoding = "application/json"
)

// Scanner cuts a page into its objects while it arrives.
type Scanner interface {
	// Head reads up to the first object and tells whether the metadata came
	// before it, as it does from every server written in Go.
	Head() (known bool, err error)
	// Next reads the next object, and says io.EOF when the page has ended as it
	// should. After an *Unreadable the page goes on. The object is valid until the
	// next call.
	Next(o *Object) error
	// Meta is final when Head said so, else when Next said io.EOF.
	Meta() ListMeta
}

// NewScanner reads a page of the given kind ("PodList"). Without a kind it is one of
// whatever kind but Status, which is what an API server answers with that has no list.
func NewScanner(contentType, kind string, r *bufio.Reader) (Scanner, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = contentType
	}
	switch Encoding(media) {
	case Protobuf:
		return newProtoScanner(r, kind), nil
	case JSON:
		return newJSONScanner(r, kind), nil
	}
	return nil, fmt.Errorf("the answer is of type %.100q, which no Kubernetes API sends for a list: is there a proxy or a login page in between?", contentType)
}
