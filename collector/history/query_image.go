package history

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/settings"
)

// minDigits is how much of a digest is asked for: docker shows as many.
const minDigits = 12

// wanted is which images somebody means by a word: by digest or by name, and where the
// word may be both, by either.
type wanted struct {
	digests []string // each as algorithm:hex, of which the end may be missing
	name    func(string) bool
	tag     string // empty: any
}

// want understands an image as people write it: a digest or the first 12 digits of one
// (also of a configuration), a name in any registry, with a tag or without, a glob. A digest
// decides alone: the same content may be known by another name.
func want(text string) (wanted, error) {
	text = clean(strings.TrimSpace(text)) // as it was recorded
	if text == "" {
		return wanted{}, errors.New("it is empty: give an image, a name or a digest")
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		digests, err := digestsOf(text[at+1:], true)
		return wanted{digests: digests}, err
	}
	digests, err := digestsOf(text, false)
	if err != nil || len(digests) > 0 && strings.Contains(text, ":") {
		return wanted{digests: digests}, err
	}
	w := wanted{digests: digests, name: func(name string) bool { return name == text }}
	if strings.ContainsAny(text, "*?[") {
		if _, err := path.Match(text, ""); err != nil {
			return w, fmt.Errorf("%q is not a glob: %w", text, err)
		}
		w.name = func(name string) bool { return matches(text, name) }
		return w, nil
	}
	ref, err := image.Parse(text)
	if err != nil {
		return w, nil //nolint:nilerr // people run what is no reference, and may look for it
	}
	written := text
	if !ref.TagImplied {
		w.tag, written = ref.Tag, strings.TrimSuffix(text, ":"+ref.Tag)
	}
	w.name = func(name string) bool {
		return name == ref.Name() || name == text || strings.HasSuffix(name, "/"+written)
	}
	return w, nil
}

// matches reports whether a glob fits a name or its end, from a slash on.
func matches(glob, name string) bool {
	for {
		if ok, _ := path.Match(glob, name); ok {
			return true
		}
		_, rest, more := strings.Cut(name, "/")
		if !more {
			return false
		}
		name = rest
	}
}

// digestsOf reads a digest, or returns none where the text is a name.
func digestsOf(text string, must bool) ([]string, error) {
	algorithm, hex, pair := strings.Cut(strings.ToLower(text), ":")
	if !pair {
		algorithm, hex = "", algorithm
	}
	sizes := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}
	isHex := strings.Trim(hex, "0123456789abcdef") == ""
	switch size := sizes[algorithm]; {
	case pair && size == 0 && !must, !pair && !must && (!isHex || len(hex) < minDigits || len(hex) > sizes["sha512"]):
		return nil, nil
	case pair && size == 0:
		return nil, fmt.Errorf("%q is not a digest: those begin with sha256: or another algorithm of OCI", text)
	case !isHex, len(hex) < minDigits, pair && len(hex) > size:
		return nil, fmt.Errorf("%q is not a digest: give at least %d of its hexadecimal digits, and at most all", text, minDigits)
	case pair:
		return []string{algorithm + ":" + hex}, nil
	}
	var all []string
	for _, known := range slices.Sorted(maps.Keys(sizes)) {
		if len(hex) <= sizes[known] {
			all = append(all, known+":"+hex)
		}
	}
	return all, nil
}

// imagesOf returns the numbers of the images that a word means.
func (v *View) imagesOf(text string) ([]int64, error) {
	w, err := want(text)
	if err != nil {
		return nil, settings.Invalid("image", "%w", err)
	}
	var ids []int64
	take := func(row scanner) error {
		var id int64
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	}
	for _, digest := range w.digests {
		// What begins with the digits lies between them and what comes after all of these.
		if err := v.each(`SELECT id FROM image WHERE digest >= $1 AND digest < $2`, []any{digest, digest + "g"}, take); err != nil {
			return nil, err
		}
	}
	names, err := v.namesOf(w)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(names, maxRows) {
		var args arguments
		query := `SELECT id FROM image WHERE name IN ` + args.list(some)
		if w.tag != "" {
			query += ` AND tag = ` + args.add(w.tag)
		}
		if err := v.each(query, args, take); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// namesOf looks at all names, and there are few: SQL's LIKE took twenty times as long.
func (v *View) namesOf(w wanted) ([]string, error) {
	if w.name == nil {
		return nil, nil
	}
	var names []string
	err := v.each(`SELECT DISTINCT name FROM image`, nil, func(row scanner) error {
		var name string
		err := row.Scan(&name)
		if err == nil && w.name(name) {
			names = append(names, name)
		}
		return err
	})
	return names, err
}
