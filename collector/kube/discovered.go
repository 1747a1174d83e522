package kube

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"stocktake/collector/plaintext"
	"stocktake/collector/wire"
)

// Discovered is what an API server serves, in its own order: groups by priority, and the
// versions of a group with the preferred one first.
type Discovered struct {
	Versions []GroupVersion
}

// GroupVersion is a version of an API group, with its types.
type GroupVersion struct {
	Group, Version string
	// Stale is why its types are not known, nil when they are. It wraps [ErrUnavailable]
	// when the server behind an APIService does not answer.
	Stale error
	// Aggregated says that another server serves it. It is known only of a Discovered
	// that was made with it.
	Aggregated bool
	Types      []ObjectType
}

// Name is the group and version as apiVersion spells them: "apps/v1", "v1".
func (v GroupVersion) Name() string {
	if v.Group == "" {
		return v.Version
	}
	return v.Group + "/" + v.Version
}

// ObjectType is a type of objects, as the API server describes it.
type ObjectType struct {
	Resource
	Singular   string
	ShortNames []string
	Verbs      []string
	// Invalid is why no address or right can be made of what the server says of it, nil
	// when one can. Its names are then only for people.
	Invalid error
}

// Listable reports whether the server lists objects of the type.
func (t ObjectType) Listable() bool { return slices.Contains(t.Verbs, "list") }

// Serves reports whether the server lists the objects of a resource.
func (d Discovered) Serves(r Resource) bool {
	return slices.ContainsFunc(d.Versions, func(v GroupVersion) bool {
		return v.Group == r.Group && v.Version == r.Version && slices.ContainsFunc(v.Types, func(t ObjectType) bool { return t.Plural == r.Plural && t.Listable() })
	})
}

// BuiltIn reports whether a group is one of Kubernetes itself. No CRD can have one that
// has no dot; the others are kept for Kubernetes by an annotation (KEP-1111).
func BuiltIn(group string) bool {
	switch group {
	case "", "apps", "autoscaling", "batch", "extensions", "policy",
		"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "authentication.k8s.io", "authorization.k8s.io",
		"certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io",
		"internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io",
		"scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io":
		return true
	}
	return false
}

// staleError is ErrUnavailable without its words: the API server itself answered.
type staleError string

func (e staleError) Error() string { return string(e) }
func (e staleError) Unwrap() error { return ErrUnavailable }

// The kinds of documents that tell what is served.
const (
	aggregatedKind = "APIGroupDiscoveryList" // groups with their types, v2 and v2beta1 alike (KEP-3352)
	coreKind       = "APIVersions"           // versions of the group without a name
	groupsKind     = "APIGroupList"          // the other groups, without their types
	typesKind      = "APIResourceList"       // the types of one group version
)

// groupsDocument is an answer to GET /api or /apis, in any of its forms.
type groupsDocument struct {
	Kind     string              `json:"kind"`
	Items    []aggregatedGroup   `json:"items"`    // of an APIGroupDiscoveryList
	Versions []string            `json:"versions"` // of APIVersions
	Groups   []groupWithoutTypes `json:"groups"`   // of an APIGroupList
}

type aggregatedGroup struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Versions []struct {
		Version   string           `json:"version"`
		Freshness string           `json:"freshness"`
		Resources []aggregatedType `json:"resources"`
	} `json:"versions"`
}

type aggregatedType struct {
	Resource     string `json:"resource"`
	ResponseKind struct {
		Kind string `json:"kind"`
	} `json:"responseKind"`
	Scope    string   `json:"scope"`
	Singular string   `json:"singularResource"`
	Verbs    []string `json:"verbs"`
	Short    []string `json:"shortNames"`
}

type groupWithoutTypes struct {
	Name     string `json:"name"`
	Versions []struct {
		Version string `json:"version"`
	} `json:"versions"`
	Preferred struct {
		Version string `json:"version"`
	} `json:"preferredVersion"`
}

// typesDocument is an answer to GET /apis/GROUP/VERSION.
type typesDocument struct {
	Kind      string `json:"kind"`
	Resources []struct {
		Name       string   `json:"name"`
		Singular   string   `json:"singularName"`
		Namespaced bool     `json:"namespaced"`
		Kind       string   `json:"kind"`
		Verbs      []string `json:"verbs"`
		Short      []string `json:"shortNames"`
	} `json:"resources"`
}

// Bounds of a document. One of 2,000 CRDs with three versions each has 4 MB, 46,000
// objects and 196,000 commas; beyond these a short text would take a lot of memory.
const (
	maxDiscoveryObjects = 1 << 18
	maxDiscoveryCommas  = 1 << 20
)

// readDocument decodes a document and refuses one that is too large.
func readDocument(answer []byte, into any) error {
	if len(answer) >= wire.MaxObject || bytes.Count(answer, []byte("{")) > maxDiscoveryObjects || bytes.Count(answer, []byte(",")) > maxDiscoveryCommas {
		return malformed(fmt.Errorf("%d bytes are more types than a cluster can have", len(answer)))
	}
	if err := wire.Unmarshal(answer, into); err != nil {
		return malformed(err)
	}
	return nil
}

// readGroups reads an answer to GET /api or /apis. The versions of a plain one have no
// types yet.
func readGroups(answer []byte) (versions []GroupVersion, plain bool, err error) {
	var d groupsDocument
	if err := readDocument(answer, &d); err != nil {
		return nil, false, err
	}
	switch d.Kind {
	case aggregatedKind:
		versions, err = d.aggregated()
		return versions, false, err
	case coreKind, groupsKind:
		versions, err = d.plain()
		return versions, true, err
	}
	return nil, false, malformed(fmt.Errorf("%.100q in the place of %s", plaintext.Flat(d.Kind), aggregatedKind))
}

func (d groupsDocument) aggregated() (all []GroupVersion, _ error) {
	for _, group := range d.Items {
		for _, version := range group.Versions {
			v, err := newGroupVersion(group.Metadata.Name, version.Version)
			if err != nil {
				return nil, err
			}
			if version.Freshness != "" && version.Freshness != "Current" {
				v.Stale = staleError(fmt.Sprintf("the server behind the APIService %s.%s does not answer, so its types are not known", v.Version, v.Group))
				all = append(all, v)
				continue
			}
			types := make([]ObjectType, len(version.Resources))
			for i, t := range version.Resources {
				types[i] = ObjectType{
					Resource: Resource{Plural: t.Resource, Kind: t.ResponseKind.Kind, Namespaced: t.Scope == "Namespaced"},
					Singular: t.Singular, ShortNames: t.Short, Verbs: t.Verbs,
				}
			}
			v.setTypes(types)
			all = append(all, v)
		}
	}
	return all, nil
}

func (d groupsDocument) plain() (all []GroupVersion, _ error) {
	groups := d.Groups
	if d.Kind == coreKind {
		groups = []groupWithoutTypes{{}}
		for _, version := range d.Versions {
			groups[0].Versions = append(groups[0].Versions, struct {
				Version string `json:"version"`
			}{version})
		}
	}
	for _, group := range groups {
		first := len(all)
		for _, version := range group.Versions {
			v, err := newGroupVersion(group.Name, version.Version)
			if err != nil {
				return nil, err
			}
			if v.Version == group.Preferred.Version {
				all = slices.Insert(all, first, v)
				continue
			}
			all = append(all, v)
		}
	}
	return all, nil
}

// readTypes adds what an answer to GET /apis/GROUP/VERSION tells. Subresources are no
// types.
func (v *GroupVersion) readTypes(answer []byte) error {
	var d typesDocument
	if err := readDocument(answer, &d); err != nil {
		return err
	}
	if d.Kind != typesKind {
		return malformed(fmt.Errorf("%.100q in the place of %s", plaintext.Flat(d.Kind), typesKind))
	}
	var types []ObjectType
	for _, t := range d.Resources {
		if !strings.Contains(t.Name, "/") {
			types = append(types, ObjectType{
				Resource: Resource{Plural: t.Name, Kind: t.Kind, Namespaced: t.Namespaced},
				Singular: t.Singular, ShortNames: t.Short, Verbs: t.Verbs,
			})
		}
	}
	v.setTypes(types)
	return nil
}

// The names of the API. A server behind an APIService chooses those of its types freely.
var (
	groupName   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$`)
	versionName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	typeName    = regexp.MustCompile(`^[A-Za-z0-9]([-_A-Za-z0-9]*[A-Za-z0-9])?$`)
)

const maxName = 253 // bytes of a DNS name, which the longest of them is

func isName(of *regexp.Regexp, name string) bool { return len(name) <= maxName && of.MatchString(name) }

func newGroupVersion(group, version string) (GroupVersion, error) {
	if !isName(groupName, group) || !isName(versionName, version) {
		return GroupVersion{}, malformed(fmt.Errorf("a group %.100q with a version %.100q", plaintext.Flat(group), plaintext.Flat(version)))
	}
	return GroupVersion{Group: group, Version: version}, nil
}

// setTypes takes the types that have objects. Of a name that comes twice the first
// counts, as addresses have no room for two.
func (v *GroupVersion) setTypes(types []ObjectType) {
	seen := make(map[string]struct{}, len(types))
	for _, t := range types {
		if _, twice := seen[t.Plural]; twice || len(t.Verbs) == 0 {
			continue
		}
		seen[t.Plural] = struct{}{}
		t.Group, t.Version = v.Group, v.Version
		t.checkNames()
		if BuiltIn(t.Group) {
			t.List = t.Kind + "List"
		}
		v.Types = append(v.Types, t)
	}
}

// checkNames marks a type of which no address can be made, and drops what else is no
// name.
func (t *ObjectType) checkNames() {
	if !isName(typeName, t.Plural) || !isName(typeName, t.Kind) {
		t.Invalid = staleError(fmt.Sprintf("%s/%s has a type that is named %.100q, of the kind %.100q, and no address is made of that", t.Group, t.Version, plaintext.Flat(t.Plural), plaintext.Flat(t.Kind)))
		t.Plural, t.Kind = plaintext.Cut(plaintext.Flat(t.Plural), maxName), plaintext.Cut(plaintext.Flat(t.Kind), maxName)
	}
	if t.Singular == "" {
		t.Singular = strings.ToLower(t.Kind)
	}
	noName := func(name string) bool { return !isName(typeName, name) }
	if noName(t.Singular) {
		t.Singular = ""
	}
	t.ShortNames, t.Verbs = slices.DeleteFunc(t.ShortNames, noName), slices.DeleteFunc(t.Verbs, noName)
}

// check refuses what no API server serves: nothing.
func (d Discovered) check() error {
	for _, v := range d.Versions {
		if len(v.Types) > 0 {
			return nil
		}
	}
	return malformed(errors.New("not one type is served"))
}
