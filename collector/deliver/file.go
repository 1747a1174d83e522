package deliver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"stocktake/collector/file"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// File delivers into files: for sites without a connection, for a sidecar that carries on, for the next run to compare
// with. Who reads the file at any moment sees the last inventory or the one before, never a part of one.
//
// A run that gives one body writes deliver.file.path. With batches or accounts there are more: the second and all
// that follow, in the order of delivery, carry their number before the first dot of the name ("inventory-2.json.gz"),
// so that none replaces another; chunks of objects stand one after the other in one file, in one gzip member.
// Files of an earlier run that had more bodies stay; the time in a body tells which
// run it belongs to.
type File struct {
	options FileOptions

	mu    sync.Mutex
	count int // of the bodies so far
}

var _ Receiver = (*File)(nil)

// FileOptions are the settings of a receiver that writes files.
type FileOptions struct {
	Path        string `setting:"deliver.file.path" holds:"file" doc:"file to write the inventory to, at once or not at all; further bodies of a run go to NAME-2.json and so on beside it"`
	Kind        string `setting:"deliver.file.kind" choices:"stocktake,anchore,kai,objects,k8s-collector" envDefault:"stocktake" doc:"the body to write: stocktake (everything known), anchore, kai; with objects.enabled also objects (in lines), k8s-collector (in arrays)"`
	Compression string `setting:"deliver.file.compression" choices:"auto,gzip,none" envDefault:"auto" doc:"auto compresses if the name ends in .gz; gzip; none"`
}

// Configured reports whether a file is asked for.
func (o FileOptions) Configured() bool { return o.Path != "" }

// encoding is transport.Gzip or transport.Identity.
func (o FileOptions) encoding() string {
	if o.Compression == compressGzip || o.Compression == auto && strings.HasSuffix(o.Path, ".gz") {
		return transport.Gzip
	}
	return transport.Identity
}

const filePath = "deliver.file.path"

// NewFile checks the settings, but touches nothing.
func NewFile(o FileOptions) (*File, error) {
	err := errors.Join(
		checkKind("deliver.file.kind", o.Kind),
		oneOf("deliver.file.compression", o.Compression, auto, compressGzip, compressNone),
	)
	if base := filepath.Base(o.Path); o.Path == "" || strings.HasSuffix(o.Path, "/") || base == "." || base == ".." {
		err = errors.Join(err, settings.Invalid(filePath, "%q names no file", o.Path))
	}
	if err != nil {
		return nil, err
	}
	return &File{options: o}, nil
}

// Kind is the kind of body that is written.
func (f *File) Kind() payload.Kind { return payload.Kind(f.options.Kind) }

// Preflight finds out whether the file could be written: nothing else may be in its place, and its folder must exist
// and be writable.
func (f *File) Preflight(context.Context) error {
	switch err := file.Probe(f.options.Path); {
	case errors.Is(err, file.ErrOccupied):
		return settings.Invalid(filePath, "%w", err)
	case err != nil:
		return settings.Invalid(filePath, "%w: name a file in a writable folder that exists", err)
	}
	return nil
}

// Deliver implements Receiver.
func (f *File) Deliver(ctx context.Context, body *payload.Body) (Receipt, error) {
	began := time.Now()
	if body.Kind != f.Kind() {
		return Receipt{}, fmt.Errorf("%w: deliver.file.kind is %s, the body is of kind %q", settings.ErrInvalid, f.Kind(), body.Kind)
	}
	r := Receipt{Receiver: f.next(), Account: body.Account, Attempts: 1, Encoding: f.options.encoding()}
	open := body.Plain
	if r.Encoding == transport.Gzip {
		open = body.Gzip
	}
	content := open()
	defer content.Close() //nolint:errcheck // nothing is written to it
	var err error
	r.Bytes, err = file.Replace(ctx, r.Receiver, content, 0o600)
	r.Duration = time.Since(began)
	if err != nil {
		return r, notWritten(r.Receiver, err)
	}
	return r, nil
}

// next is the path of the next body.
func (f *File) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	return numbered(f.options.Path, f.count)
}

// numbered puts a number before the first dot of the name, unless the name begins with it.
func numbered(path string, n int) string {
	if n == 1 {
		return path
	}
	folder, name := filepath.Split(path)
	end := len(name)
	if dot := strings.Index(name[1:], "."); dot >= 0 {
		end = dot + 1
	}
	return folder + name[:end] + "-" + strconv.Itoa(n) + name[end:]
}

// notWritten tells a wrong setting from a disk that is full.
func notWritten(path string, err error) error {
	said := fmt.Errorf("%s: %w", path, err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return said
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, file.ErrOccupied):
		return marked{said, settings.ErrInvalid}
	}
	return marked{said, ErrUnavailable}
}

// Where implements Prober.
func (f *File) Where() string { return f.options.Path }

// Probe implements Prober. Whether a file can be written is known only by making
// one, which is gone again at once.
func (f *File) Probe(ctx context.Context, _ Survey, tell func(transport.Finding)) {
	if err := f.Preflight(ctx); err != nil {
		tell(transport.Finding{Verdict: transport.Fault, Says: err.Error(), Err: err})
		return
	}
	tell(transport.Finding{Verdict: transport.Fine, Says: "can be written"})
}
