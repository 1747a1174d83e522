package wire

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
)

// Encoding is how a server wrote an answer.
type Encoding string

// The encodings of a Kubernetes API.
const (
	Protobuf Encoding = "application/vnd.kubernetes.protobuf"
	JSON     Encoding = "application/json"
)

// MaxObject bounds one object, which is held in memory as it is on the wire.
// etcd takes 1.5 MiB by default, and JSON at most a few times that.
const MaxObject = 16 << 20

// maxListMeta bounds what comes before the objects; continue tokens have some
// hundred bytes.
const maxListMeta = 64 << 10

var (
	// ErrTooLarge is an object of more than MaxObject bytes.
	ErrTooLarge = errors.New("an object of more than 16 MiB")
	errKind     = errors.New("not the list that was asked for")
	errTwice    = errors.New("a list with its metadata twice: which of them names the next page is not known")
)

// ListMeta is the metadata of a page: where it stands and what comes next.
type ListMeta struct {
	ResourceVersion string `json:"resourceVersion"`
	Continue        string `json:"continue"`
	Remaining       int64  `json:"remainingItemCount"`
}

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

// checkKind refuses a page of something else.
func checkKind(got, want string) error {
	if got != want && (want != "" || got == "" || got == "Status") {
		return fmt.Errorf("%w: %.100q where %q should be", errKind, got, cmp.Or(want, "a list"))
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
