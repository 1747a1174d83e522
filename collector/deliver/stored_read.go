package deliver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"stocktake/collector/transport"
)

// Stored is an image of a namespace that Anchore holds, in the words of its API.
type Stored struct {
	Account   string `json:"account,omitempty"` // whose it is
	Namespace string `json:"namespace"`
	Image     string `json:"image_tag"`
	Digest    string `json:"image_digest"` // empty if none was reported
	Type      string `json:"inventory_type"`
	Context   string `json:"context"` // cluster/namespace
	Created   string `json:"created_at,omitempty"`
	Updated   string `json:"last_updated,omitempty"`
	Seen      string `json:"last_seen,omitempty"`
}

// listing gathers the items of one cluster while the answer streams by.
type listing struct {
	cluster, account string
	found            []Stored
	known            map[Stored]bool // of found
	kept             int             // bytes of found, about
	repeated         int             // items that came again
}

// Bounds of an answer, in bytes: of one item, of all of them, of which those of other clusters only pass by, and of what
// is kept. A hostile service must not fill the memory: an answer that goes on to repeat itself is refused, and so is one
// that unpacks to absurdly much (maxRatio). Items of other clusters cost time only, which the deadline bounds: the
// account of a fleet of a thousand clusters holds some gigabytes.
const (
	maxItem     = 1 << 20
	maxItems    = 4 << 30
	maxKept     = 64 << 20
	maxRepeated = 10_000
)

// errNoList marks an answer that is no list of inventories.
var errNoList = errors.New("not the answer of the API but of a login page or a proxy in between, or of an API that is not known: not a list of inventories")

// errTooLarge marks an answer that may be one, but that nobody means to be read.
var errTooLarge = errors.New("the answer is too large")

// take reads an answer. It starts anew each time.
func (l *listing) take(body io.Reader) error {
	l.found, l.known, l.kept, l.repeated = nil, map[Stored]bool{}, 0, 0
	limited := &limited{reader: body, all: maxItems}
	d := json.NewDecoder(limited)
	limited.item = maxItem
	open, err := d.Token()
	if err != nil {
		return noList(err)
	}
	switch open {
	case json.Delim('['):
		err = l.items(d, limited)
	case json.Delim('{'):
		err = l.envelope(d, limited)
	default:
		err = errNoList
	}
	if err != nil {
		return noList(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return noList(fmt.Errorf("something follows the list: %w", err))
	}
	return nil
}

// noList is an error about the answer, unless the answer did not arrive.
func noList(err error) error {
	switch {
	case err == nil, errors.Is(err, errNoList), errors.Is(err, errTooLarge):
		return err
	case errors.Is(err, transport.ErrRatio):
		return fmt.Errorf("%w: %w", errTooLarge, err)
	}
	return fmt.Errorf("%w: %w", errNoList, err)
}

// envelope reads {"items": [ ]}. Other members do not matter, but those that speak of another page do.
func (l *listing) envelope(d *json.Decoder, limited *limited) error {
	seen := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if name == "items" {
			if open, err := d.Token(); err != nil || open != json.Delim('[') {
				return fmt.Errorf("%w: items is no array", errNoList)
			}
			seen = true
			if err := l.items(d, limited); err != nil {
				return err
			}
			continue
		}
		limited.item = maxItem
		var value any
		if err := d.Decode(&value); err != nil {
			return err
		}
		if promises(name, value) {
			return fmt.Errorf("%w: it has more pages (%.40q), which this version cannot follow", errNoList, name)
		}
	}
	if !seen {
		return fmt.Errorf("%w: it has no items", errNoList)
	}
	_, err := d.Token()
	return err
}

// promises reports whether a member says that the answer is not all there is.
func promises(name string, value any) bool {
	switch value {
	case nil, false, "", 0.0:
		return false
	}
	return strings.HasPrefix(name, "next") || name == "has_more"
}

// items reads the rest of an array.
func (l *listing) items(d *json.Decoder, limited *limited) error {
	for d.More() {
		limited.item = maxItem
		var s Stored
		if err := d.Decode(&s); err != nil {
			return err
		}
		namespace, ours := strings.CutPrefix(s.Context, l.cluster+"/")
		if !ours || strings.Contains(namespace, "/") || s.Type != "" && s.Type != "kubernetes" {
			continue
		}
		s.Namespace, s.Account = namespace, l.account
		if err := l.keep(s); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// keep adds an item, once.
func (l *listing) keep(s Stored) error {
	if l.known[s] {
		if l.repeated++; l.repeated > maxRepeated+len(l.found) {
			return fmt.Errorf("%w: it repeats the same items", errNoList)
		}
		return nil
	}
	const fields = 400 // of an item in found and in known, without texts
	l.kept += fields + len(s.Image) + len(s.Digest) + len(s.Type) + len(s.Context) + len(s.Created) + len(s.Updated) + len(s.Seen)
	if l.kept > maxKept {
		return fmt.Errorf("%w: it is more than %d MiB for one cluster and account", errTooLarge, maxKept>>20)
	}
	l.known[s] = true
	l.found = append(l.found, s)
	return nil
}

// limited ends an answer that is too long. What the connection says is kept apart from what the answer says.
type limited struct {
	reader    io.Reader
	item, all int64 // bytes left
}

// Read implements io.Reader.
func (r *limited) Read(p []byte) (int, error) {
	switch {
	case r.all <= 0:
		return 0, fmt.Errorf("%w: it is larger than %d GiB", errTooLarge, maxItems>>30)
	case r.item <= 0:
		return 0, fmt.Errorf("%w: one item is larger than %d MiB", errTooLarge, maxItem>>20)
	}
	n, err := r.reader.Read(p[:min(int64(len(p)), r.item)])
	r.item -= int64(n)
	r.all -= int64(n)
	return n, err
}
