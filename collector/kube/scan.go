package kube

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime"
)

// encoding is how the server wrote a page.
type encoding string

const (
	protobufEncoding encoding = "application/vnd.kubernetes.protobuf"
	jsonEncoding     encoding = "application/json"
)

// accept asks for protobuf and takes JSON, as aggregated and older servers
// have no protobuf.
const accept = string(protobufEncoding) + ", " + string(jsonEncoding)

// maxItem bounds one object, which is held in memory as it is on the wire.
// etcd takes 1.5 MiB by default, and JSON at most a few times that.
const maxItem = 16 << 20

// maxListMeta bounds what comes before the objects; continue tokens have some
// hundred bytes.
const maxListMeta = 64 << 10

var (
	errTooLarge = errors.New("an object of more than 16 MiB")
	errKind     = errors.New("not the list that was asked for")
	errTwice    = errors.New("a list with its metadata twice: which of them names the next page is not known")
)

// oddObject is an object that cannot be read in a page that can. The record holds
// its names as far as they can be read.
type oddObject struct{ cause error }

func (e *oddObject) Error() string { return e.cause.Error() }
func (e *oddObject) Unwrap() error { return e.cause }

// record is an object in the making.
type record interface {
	reset()
	decode(message []byte) error
	meta() *metaRecord
}

// listMeta is the metadata of a page: where it stands and what comes next.
type listMeta struct {
	ResourceVersion string `json:"resourceVersion"`
	Continue        string `json:"continue"`
	Remaining       int64  `json:"remainingItemCount"`
}

// scanner cuts a page into its objects while it arrives.
type scanner interface {
	// head reads up to the first object and tells whether the metadata came
	// before it, as it does from every server written in Go.
	head() (known bool, err error)
	// next fills the record with the next object, and says io.EOF when the
	// page has ended as it should. After an *oddObject the page goes on. What
	// it fills in is valid until the next call.
	next(r record) error
	// meta is final when head said so, else when next said io.EOF.
	meta() listMeta
}

// newScanner reads a page of the given kind ("PodList").
func newScanner(contentType, kind string, r *bufio.Reader) (scanner, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = contentType
	}
	switch encoding(media) {
	case protobufEncoding:
		return newProtoScanner(r, kind), nil
	case jsonEncoding:
		return newJSONScanner(r, kind), nil
	}
	return nil, fmt.Errorf("the answer is of type %.100q, which no Kubernetes API sends for a list: is there a proxy or a login page in between?", contentType)
}

// checkKind refuses a page of something else.
func checkKind(got, want string) error {
	if got != want {
		return fmt.Errorf("%w: %.100q where %q should be", errKind, got, want)
	}
	return nil
}

// ended is the end of a page. One that never said that it is a list, or that
// came without metadata, must not pass for an empty cluster.
func ended(err error, whole bool) error {
	if errors.Is(err, io.EOF) && !whole {
		return fmt.Errorf("%w: no kind or no metadata in it", errKind)
	}
	return err
}

// cut makes the early end of a page an error of its own: only a scanner that
// has seen the last byte may say io.EOF.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
