// Package object makes whole objects of a cluster fit to leave it: it takes out what may be a
// secret, says which Helm releases there are, and who owns what.
//
// Secrets are everywhere in a cluster, and few of them are in Secrets: in the environment and
// the arguments of containers, in headers of probes, in the copies of itself that a tool keeps
// in an annotation, in whatever a custom resource has. Lists of words to look for miss one a
// year. So it is the other way round here: of Secrets nothing is sent but their metadata, of
// custom resources the structure, numbers and the few strings that are known to be harmless,
// and for the built-in types a table says of every string whether it is sent. A string that
// no table knows, as a newer server has, is masked and counted. Where somebody asks for the
// strings of a type nevertheless, a tripwire remains for keys and tokens that cannot be
// mistaken for anything else.
//
// A [Filter] works on the bytes of an object as they came, and copies what stays: nothing is
// decoded, so that numbers keep their digits, and 4 MiB of objects cost no memory but that of
// the result. It trusts nobody who has read the bytes before it. What is not JSON in the
// strictest sense is an error, because two readings of one text are a way round every filter:
// names that are there twice, also in different spellings, text that is not UTF-8, half
// surrogates.
//
// Helm keeps every revision of a release in a Secret or ConfigMap of its own. [Releases] finds
// the current ones by their labels alone; [ReadChart] opens one. An [Index] of UIDs, and of nothing
// else, answers who owns whom.
package object

// Mask stands in the place of a string that is not sent.
const Mask = "[redacted]"

// Type is a resource of the API as far as it matters to what may be sent of its objects.
type Type struct {
	Group, Version, Kind string

	// BuiltIn is a type of Kubernetes itself, which the table of these may know. The others,
	// of custom resources and aggregated servers, only share names with them.
	BuiltIn bool
}

// apiVersion is the group and version as objects have them.
func (t Type) apiVersion() string {
	if t.Group == "" {
		return t.Version
	}
	return t.Group + "/" + t.Version
}

// Level says how much of the objects of a type is sent.
type Level uint8

// The levels, from little to much.
const (
	Metadata Level = iota // kind, apiVersion and metadata
	Masked                // all, but most strings are masked
	Full                  // all strings but those of annotations and what looks like a key or token
)

// String is the level as bodies name it.
func (l Level) String() string {
	switch l {
	case Metadata:
		return "metadata"
	case Masked:
		return "masked"
	default:
		return "full"
	}
}

// LevelOf is what may be sent of a type if as much as wanted is asked for: of Secrets only
// the metadata, ever.
func LevelOf(t Type, wanted Level) Level {
	if t.Group == "" && t.Kind == "Secret" {
		return Metadata
	}
	return wanted
}

// Counts says what became of the objects of a type.
type Counts struct {
	Masked  int // strings that are not sent, or not whole
	Unknown int // those among them that no table knows
	Caught  int // those among them that the tripwire found
	Dropped int // members that are not sent, with their names
}

// Add adds the counts of another object.
func (c *Counts) Add(more Counts) {
	c.Masked += more.Masked
	c.Unknown += more.Unknown
	c.Caught += more.Caught
	c.Dropped += more.Dropped
}
