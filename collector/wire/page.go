package wire

import (
	"cmp"
	"errors"
	"fmt"
	"io"
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
