package objects

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/settings"
)

// OpenSaved opens a saved body, of a file or of something that can be read but once, which is
// copied to a temporary file in the folder. Nothing is known of it before [Plan.Narrow]. Call
// discard in any case.
func OpenSaved(in io.ReadCloser, folder string) (r *Reading, discard func(), err error) {
	file, err := reread(in, folder)
	if err != nil {
		return nil, func() {}, err
	}
	r = &Reading{Open: func() io.Reader { return io.NewSectionReader(file, 0, math.MaxInt64) }}
	return r, func() { _ = file.Close() }, nil // it was only read
}

// reread returns a file that can be read more than once.
func reread(in io.ReadCloser, folder string) (*os.File, error) {
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file, nil
		}
	}
	defer in.Close() //nolint:errcheck // it was only read
	file, err := os.CreateTemp(folder, "stocktake-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // so that nothing stays behind; where that is not possible it does
	if _, err := io.Copy(file, in); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// Narrow checks a saved body to its end, and leaves out of it what reading the cluster in this
// scope would, and unless all types are meant those that the settings do not name. Names that
// are not in it are refused.
func (p *Plan) Narrow(r *Reading, s kube.Scope, onlyNamed bool) error {
	known, err := r.check()
	if err != nil {
		return err
	}
	for _, name := range s.Namespaces {
		if !known[name] && r.knowsNamespaces() {
			return fmt.Errorf("%w: namespace %s: it is not in it", settings.ErrInvalid, name)
		}
	}
	if onlyNamed {
		var unknown []string
		if r.picked, unknown = p.pick(r.Types); len(unknown) > 0 {
			return fmt.Errorf("%w: type %s: it is not in it, at least not by that name: a saved body knows no short names", settings.ErrInvalid, unknown[0])
		}
	}
	r.narrow(s)
	return nil
}

// check reads the body to its end, and returns the names of the namespaces in it.
func (r *Reading) check() (known map[string]bool, err error) {
	known = map[string]bool{}
	all, err := r.read(func(of payload.Type, text []byte) error {
		if !isNamespaces(of) {
			return nil
		}
		o, err := newObject(of, text)
		known[o.Name] = true
		return err
	})
	switch {
	case errors.Is(err, saved.ErrPartial):
		return nil, fmt.Errorf("%w: %w: give all chunks of the run, behind one another", settings.ErrInvalid, err)
	case err != nil:
		return nil, err
	}
	r.Types = all.Types
	return known, nil
}

// knowsNamespaces reports whether all namespaces are among the objects.
func (r *Reading) knowsNamespaces() bool {
	for _, t := range r.Types {
		if isNamespaces(t.Type) {
			return t.State == payload.Complete
		}
	}
	return false
}

func (r *Reading) narrow(s kube.Scope) {
	r.scope, r.Narrowed = s, s.ByName || s.Matters != nil || !s.Labels.All()
	var types []payload.TypeRecord
	for _, t := range r.Types {
		if s.ByName && !t.Namespaced && t.State == payload.Complete {
			t.State, t.Objects, t.Redacted = payload.Excluded, 0, payload.Redacted{}
		}
		if r.picked == nil || r.picked[t.Type] {
			types = append(types, t)
		}
	}
	r.Types = types
}

// pick returns those of the types of a body that the settings name, and the names that mean
// none of them.
func (p *Plan) pick(types []payload.TypeRecord) (picked map[payload.Type]bool, unknown []string) {
	var found kube.Discovered
	of := map[kube.Resource]payload.Type{}
	for _, t := range types {
		r := kube.Resource{Group: t.Group, Version: t.Version, Plural: t.Resource, Kind: t.Kind, Namespaced: t.Namespaced}
		of[r] = t.Type
		found.Versions = append(found.Versions, kube.GroupVersion{Group: t.Group, Version: t.Version, Types: []kube.ObjectType{
			{Resource: r, Singular: strings.ToLower(t.Kind), Verbs: []string{"list"}},
		}})
	}
	picked = map[payload.Type]bool{}
	for _, choice := range p.types.Choose(found, false).Types {
		switch choice.State {
		case objecttype.Chosen:
			picked[of[choice.Resource]] = true
		case objecttype.Absent:
			unknown = append(unknown, choice.FullName())
		case objecttype.Excluded, objecttype.Unavailable, objecttype.Unselected:
		}
	}
	return picked, unknown
}

// Gaps are the types of which objects may be missing in a saved body.
func (r *Reading) Gaps() (gaps []inventory.Gap) {
	for _, t := range r.Types {
		if t.State.Missing() {
			gaps = append(gaps, inventory.Gap{Source: t.String(), Reason: fmt.Sprintf("%s was saved as %s", t.Type, t.State)})
		}
	}
	return gaps
}
