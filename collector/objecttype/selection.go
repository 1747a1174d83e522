package objecttype

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

// Options say which types are read.
type Options struct {
	Types      []string `setting:"objects.types" envSeparator:"\n" envDefault:"default" doc:"types of objects: default, names, plural.group, plural.version.group, *.group, *"`
	Add        []string `setting:"objects.add-types" envSeparator:"\n" doc:"types besides those of objects.types"`
	Remove     []string `setting:"objects.remove-types" envSeparator:"\n" doc:"types that are never read, whatever adds them"`
	Aggregated bool     `setting:"objects.aggregated" envDefault:"false" doc:"let * reach the APIs of other servers too"`
}

// Selection is what the settings say about types, before a cluster is asked.
type Selection struct {
	Warnings   []string // what of the settings has no meaning
	wanted     []selector
	removed    []selector
	aggregated bool // * reaches other servers
}

// Selection reads the settings. Its error names what is no type.
func (o Options) Selection() (Selection, error) {
	s := Selection{aggregated: o.Aggregated}
	var types, add, remove error
	s.wanted, types = s.read("objects.types", o.Types)
	added, add := s.read("objects.add-types", o.Add)
	s.wanted = append(s.wanted, added...)
	s.removed, remove = s.read("objects.remove-types", o.Remove)
	return s, errors.Join(types, add, remove)
}

// Read reads the types that another setting names.
func Read(setting string, entries []string) (s Selection, err error) {
	s.wanted, err = s.read(setting, entries)
	return s, err
}

// read reads the entries of a setting. Subresources, which lists of types contain that
// were taken from roles, have no objects of their own.
func (s *Selection) read(setting string, entries []string) (all []selector, _ error) {
	var errs []error
	for _, entry := range entries {
		text := strings.ToLower(strings.TrimSpace(entry))
		if strings.Contains(text, "/") && isName(strings.ReplaceAll(text, "/", ".")) {
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s is a subresource, which has no objects of its own: it is ignored", setting, text))
			continue
		}
		one, ok := parse(text)
		if !ok {
			errs = append(errs, settings.Invalid(setting, "%q names no type: give a plural, singular, short name or kind, deployments.apps, widgets.v1.example.com, *.example.com, default or *", entry))
			continue
		}
		one.setting = setting
		all = append(all, one)
	}
	return all, errors.Join(errs...)
}

// AsksWhoServes reports whether types of other servers must be told from those of the API
// server, because * reaches only these: [kube.Cluster.Discover] is asked to find out.
func (s Selection) AsksWhoServes() bool {
	for _, one := range s.wanted {
		if one.form == everything && !s.aggregated {
			return true
		}
	}
	return false
}

// selector is one entry.
type selector struct {
	setting string // that it is an entry of
	text    string // as it is written, in lower case
	form    form
	name    string // of a type: plural, singular, short name or kind
	rest    string // what follows the name: a group, or a version and a group
}

// form is what a selector can be.
type form int

const (
	byName      form = iota // deployments
	qualified               // deployments.apps, widgets.v1.example.com
	wholeGroup              // *.example.com
	defaultList             // default
	everything              // *
)

// name is what names consist of that are part of an address.
var name = regexp.MustCompile(`^[a-z0-9]([-_a-z0-9.]*[a-z0-9])?$`)

func isName(s string) bool {
	return len(s) <= 2*253 && name.MatchString(s) && !strings.Contains(s, "..")
}

func parse(text string) (s selector, ok bool) {
	s.text = text
	switch text {
	case "*":
		s.form = everything
		return s, true
	case "default":
		s.form = defaultList
		return s, true
	}
	if group, ok := strings.CutPrefix(text, "*."); ok {
		s.form, s.rest = wholeGroup, group
		return s, isName(group)
	}
	s.name, s.rest, _ = strings.Cut(text, ".")
	if s.rest != "" {
		s.form = qualified
	}
	return s, isName(strings.TrimSuffix(text, "."))
}

// likeVersion matches what versions of Kubernetes' own scheme look like. Others may be
// called whatever they like.
var likeVersion = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)

// place is a group that a qualified selector can mean, and the version that it pins.
type place struct{ group, version string }

// places are what can be meant, the likelier first: widgets.v1.example.com is a version
// of example.com, or the group v1.example.com. The group of pods is written pods.v1.
func (s selector) places() []place {
	rest := strings.TrimSuffix(s.rest, ".")
	first, group, _ := strings.Cut(rest, ".")
	group1, pinned := place{group: rest}, place{group: group, version: first}
	switch {
	case likeVersion.MatchString(first):
		return []place{pinned, group1}
	case group == "":
		return []place{group1}
	}
	return []place{group1, pinned}
}

// full is the name of a type with its group.
func full(r kube.Resource) string {
	if r.Group == "" {
		return r.Plural
	}
	return r.Plural + "." + r.Group
}
