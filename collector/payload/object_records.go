package payload

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"

	"stocktake/collector/inventory"
)

// ObjectsFormat names the records of the kind Objects and the version of their schema.
const ObjectsFormat = "stocktake-objects/v1"

//go:embed objects.schema.json
var objectsSchema string

// ObjectsSchema returns the published schema of one record of the kind Objects.
func ObjectsSchema() string { return objectsSchema }

// The words of the member record. The lines of an object have besides it the object, those
// of a release the release.
const (
	RecordHead    = "head"
	RecordType    = "type"
	RecordObject  = "object"
	RecordRelease = "release"
	RecordOwner   = "owner"
	RecordEnd     = "end"
)

// HeadRecord is the first line of a chunk. It says of which run, and how many there are.
type HeadRecord struct {
	Record     string `json:"record"`
	Schema     string `json:"schema"` // ObjectsFormat
	Cluster    string `json:"cluster"`
	ClusterUID string `json:"clusterUID,omitempty"`
	Run        string `json:"run"`
	Chunk      int    `json:"chunk"` // from 1
	Chunks     int    `json:"chunks"`
	Objects    int    `json:"objects"` // in all chunks
	Began      string `json:"began"`
	Ended      string `json:"ended"`
	Complete   bool   `json:"complete"` // no type is forbidden or unavailable
}

// TypeRecord is what every chunk says of every type. The objects that the chunk holds of it
// follow.
type TypeRecord struct {
	Record string `json:"record"`
	Type

	State           TypeState             `json:"state"`
	Level           string                `json:"level,omitempty"`
	Objects         int                   `json:"objects"` // in all chunks
	Part            int                   `json:"part"`    // from 1; 0 where the chunk holds no object of the type
	Parts           int                   `json:"parts"`   // as many chunks hold objects of it
	ResourceVersion string                `json:"resourceVersion,omitempty"`
	Consistency     inventory.Consistency `json:"consistency,omitempty"`
	Redacted        Redacted              `json:"redacted"`
}

// Redacted counts what the objects of a type lack.
type Redacted struct {
	Masked  int `json:"masked"`  // strings that are not there, or not whole
	Unknown int `json:"unknown"` // those among them that no table knows
	Caught  int `json:"caught"`  // those among them that looked like a key or a token
	Dropped int `json:"dropped"` // members that are not there, with their names
}

// Type is a type of objects. Version and kind are empty for one that the cluster does not
// serve.
type Type struct {
	Group      string `json:"group"` // empty for the core
	Version    string `json:"version"`
	Resource   string `json:"resource"` // in the plural, as in addresses
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

// String is the type as people name it: deployments.v1.apps, pods.v1.
func (t Type) String() string {
	name := t.Resource
	if t.Version != "" {
		name += "." + t.Version
	}
	if t.Group != "" {
		name += "." + t.Group
	}
	return name
}

// Compare is the order of types: by group, resource and version.
func (t Type) Compare(other Type) int {
	return cmp.Or(cmp.Compare(t.Group, other.Group), cmp.Compare(t.Resource, other.Resource), cmp.Compare(t.Version, other.Version))
}

// APIVersion is that of the objects.
func (t Type) APIVersion() string {
	if t.Group == "" {
		return t.Version
	}
	return t.Group + "/" + t.Version
}

// TypeState says what became of a type.
type TypeState string

const (
	// Complete is a type of which every object is there. Of this one alone a receiver may
	// delete what is missing.
	Complete TypeState = "complete"
	// Absent is a type that the cluster does not serve.
	Absent TypeState = "absent"
	// Excluded is a type that the scope of the run has no place for.
	Excluded TypeState = "excluded"
	// Forbidden is a type that may not be listed.
	Forbidden TypeState = "forbidden"
	// Unavailable is a type that could not be read to its end.
	Unavailable TypeState = "unavailable"
)

// Missing reports whether objects may exist that were asked for and are not there.
func (s TypeState) Missing() bool { return s == Forbidden || s == Unavailable }

// TypeEnd is what is known of a type only once it was read.
type TypeEnd struct {
	State           TypeState
	Level           string // metadata, masked or full
	ResourceVersion string
	Consistency     inventory.Consistency
	Redacted        Redacted
}

// OwnerRecord says who owns an object. All three are UIDs.
type OwnerRecord struct {
	UID   string
	Owner string // that controls it, or else the first; it need not be there
	Root  string // the last one on the way up that was found; empty in a cycle
	State string // found, missing, cycle or foreign
}

// append appends the record. There may be as many as there are objects.
func (r *OwnerRecord) append(dst []byte) []byte {
	dst = appendMember(append(dst, '{'), "record", RecordOwner)
	dst = appendMember(dst, "uid", r.UID)
	dst = appendMember(dst, "owner", r.Owner)
	dst = appendOptional(dst, "root", r.Root)
	dst = appendMember(dst, "state", r.State)
	return append(dst, '}')
}

// EndRecord is the last line of a chunk: one that was cut off has none.
type EndRecord struct {
	Record string `json:"record"`
	Lines  int    `json:"lines"` // of the chunk, with the first and this one
}

// framing is the text around objects in bodies of a kind.
type framing struct {
	before      func(Type) string // an object
	after       string
	between     string // two objects
	lines       bool   // whether each stands in a line, among lines of other records
	some        bool   // whether there is no body without an object
	most        int    // bytes of a body, whatever the setting says; 0 for any number
	contentType string
	head        func(HeadRecord) ([]byte, error)
	typ         func(TypeRecord) ([]byte, error)
	end         func(EndRecord) ([]byte, error)
}

func framingOf(kind Kind) (framing, error) {
	switch kind {
	case Objects:
		return framing{
			before: always(`{"record":"` + RecordObject + `","object":`), after: "}\n", lines: true, contentType: ContentTypeLines,
			head: lineOf[HeadRecord], typ: lineOf[TypeRecord], end: lineOf[EndRecord],
		}, nil
	case K8sCollector:
		f := arrayFraming(func(HeadRecord) []byte { return []byte(`{"objects":[`) })
		f.before = always("")
		return f, nil
	case Infralight:
		f := arrayFraming(fetched("k8sObjects"))
		f.before, f.after = func(t Type) string { return string(appendMember([]byte("{"), "kind", t.Kind)) + `,"object":` }, "}"
		f.some, f.most = true, mostInfralight
		return f, nil
	case InfralightTrees:
		f := arrayFraming(fetched("k8sTrees"))
		f.before, f.some, f.most = always(""), true, mostInfralight
		return f, nil
	default:
		return framing{}, fmt.Errorf("no body of objects is of the kind %q", kind)
	}
}

func always(text string) func(Type) string { return func(Type) string { return text } }

// arrayFraming is that of a document with one array in it.
func arrayFraming(opening func(HeadRecord) []byte) framing {
	return framing{
		between: ",", contentType: ContentType,
		head: func(h HeadRecord) ([]byte, error) { return opening(h), nil },
		typ:  func(TypeRecord) ([]byte, error) { return nil, nil },
		end:  func(EndRecord) ([]byte, error) { return []byte("]}\n"), nil },
	}
}

// mostInfralight is how large the pages are that the service's own collector sends, in bytes.
const mostInfralight = 1200 * 1000

// fetched is the beginning of a page for Infralight, whose name of a run is its FetchingID.
func fetched(array string) func(HeadRecord) []byte {
	return func(h HeadRecord) []byte {
		opening := appendMember([]byte("{"), "fetchingId", h.Run)
		return append(appendKey(opening, array), '[')
	}
}

// lineOf returns a record as a line.
func lineOf[R any](record R) ([]byte, error) {
	line, err := json.Marshal(record)
	return append(line, '\n'), err
}
