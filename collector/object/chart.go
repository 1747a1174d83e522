package object

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxRelease bounds what the record of a release is unpacked to. Helm packs what has to fit
// into a Secret of 1 MiB.
const MaxRelease = 64 << 20

var (
	// ErrRecord is the record of a release that cannot be read. What is wrong is not said:
	// there are values of charts in it.
	ErrRecord = errors.New("a record of Helm that cannot be read")
	// ErrRecordTooLarge is one of more than MaxRelease bytes.
	ErrRecordTooLarge = errors.New("a record of Helm that unpacks to more than 64 MiB")
)

// Chart is what was installed by a revision, without all that may hold a secret: no values,
// notes, templates, hooks or files.
type Chart struct {
	Name, Version, AppVersion string
	Home                      string // without userinfo, query and fragment
	Type                      string // application or library
	Manifest
}

// ReadChart reads the record of a release in an object of a store, which came in a list by
// [Revision.FieldSelector].
func ReadChart(resource string, object []byte) (Chart, error) {
	release, err := releaseOf(object)
	if err != nil {
		return Chart{}, ErrRecord
	}
	var record io.Reader = strings.NewReader(release)
	if resource == "secrets" { // the API writes what is in a Secret in base64, whatever it is
		record = base64.NewDecoder(base64.StdEncoding, record)
	}
	limited := &limitedReader{r: unpacked(base64.NewDecoder(base64.StdEncoding, record)), left: MaxRelease}
	decoder := jsontext.NewDecoder(limited)
	chart, err := readRecord(decoder)
	switch {
	case limited.left < 0:
		return Chart{}, ErrRecordTooLarge
	case err != nil:
		return Chart{}, ErrRecord
	default:
		return chart, nil
	}
}

// releaseOf finds data.release in an object.
func releaseOf(object []byte) (string, error) {
	var reader metadataReader
	reader.in.Write(object)
	d := &reader.decoder
	d.Reset(&reader.in)
	var release string
	err := members(d, func(name string) error {
		if name != "data" {
			return d.SkipValue()
		}
		return members(d, func(name string) error {
			if name != "release" {
				return d.SkipValue()
			}
			var err error
			release, err = text(d)
			return err
		})
	})
	if err == nil && release == "" {
		err = ErrRecord
	}

	return release, err
}

// unpacked reads a record, which Helm before 2.8 did not compress.
func unpacked(packed io.Reader) io.Reader {
	buffered := bufio.NewReader(packed)
	if magic, err := buffered.Peek(3); err != nil || string(magic) != "\x1f\x8b\x08" {
		return buffered
	}
	plain, err := gzip.NewReader(buffered)
	if err != nil {
		return failing{err}
	}

	return plain
}

// failing is a reader that cannot.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

// limitedReader fails where more is read than it may be; nothing is left below zero then.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, ErrRecordTooLarge
	}

	return n, err
}

// readRecord keeps of a record what a Chart has, and reads it to its end.
func readRecord(d *jsontext.Decoder) (Chart, error) {
	var chart Chart
	err := members(d, func(name string) error {
		switch name {
		case "chart":
			return members(d, func(name string) error {
				if name != "metadata" {
					return d.SkipValue()
				}
				return chart.readMetadata(d)
			})
		case "manifest":
			manifest, err := text(d)
			chart.Manifest = readManifest(manifest)
			return err
		default:
			return d.SkipValue()
		}
	})
	if err != nil {
		return Chart{}, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return Chart{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	if chart.Name == "" {
		return Chart{}, ErrRecord
	}

	return chart, nil
}

func (c *Chart) readMetadata(d *jsontext.Decoder) error {
	fields := map[string]*string{"name": &c.Name, "version": &c.Version, "appVersion": &c.AppVersion, "home": &c.Home, "type": &c.Type}
	err := members(d, func(name string) error {
		field := fields[name]
		if field == nil {
			return d.SkipValue()
		}
		var err error
		*field, err = text(d)
		return err
	})
	c.Home = cleanLink(c.Home)

	return err
}

// cleanLink is a URL without userinfo, query and fragment.
func cleanLink(link string) string {
	before, host, after, clean := splitLink([]byte(link))
	if clean {
		return link
	}

	return link[:before] + link[host:after]
}
