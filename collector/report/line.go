package report

import (
	"cmp"
	"slices"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Flag is a remark on an image that somebody should look at.
type Flag string

// The flags, in the order in which they are listed.
const (
	NoDigest      Flag = "no digest"      // nobody can say which content this is
	ConfigIDOnly  Flag = "config id only" // the content is known on its node, and in no registry
	ImpliedLatest Flag = "implied latest" // somebody wrote neither tag nor digest
	NotRunning    Flag = "not running"    // every pod that uses it waits or has ended
	Invalid       Flag = "invalid"        // the text is no reference

	LocalImport   Flag = "local import"                 // loaded from an archive: no registry has this digest
	ForeignDigest Flag = "digest of another repository" // which the node has the image from, too
	OtherDigest   Flag = "digest mismatch"              // the node reports another digest than the one that was written
	ShortName     Flag = "short name resolved"          // the registry is the one that the node chose

	OldStatus      Flag = "status of another image" // which ran before this one, and waits to be replaced
	UnknownRuntime Flag = "unknown runtime"         // so that nobody knows what it makes of a name without a registry
)

// Line is one image with all its uses. Lists are sorted, distinct and never nil.
// The names of its JSON are an interface: they are added to, never changed.
type Line struct {
	// Reference is what the image can be pulled by, NAME:TAG@DIGEST as far as
	// known; the written text of an invalid one. One that was imported cannot be
	// pulled by its digest, and has none there.
	Reference string `json:"reference"`
	// Name is REGISTRY/REPOSITORY in full; empty for an invalid image.
	Name string `json:"name"`
	// Registry is the host, with its port.
	Registry string `json:"registry"`
	// Tag is the one that was written, "latest" if it was implied.
	Tag string `json:"tag"`
	// Digest is "sha256:HEX", or empty when it is unknown.
	Digest string `json:"digest"`
	// ConfigID is the hash of the image's configuration, where no digest is known.
	ConfigID string `json:"config_id"`
	// Flags are remarks.
	Flags []Flag `json:"flags"`
	// Pods counts the pods that use it, Running those of them that run. Both are 0
	// where the inventory does not know of pods.
	Pods    int `json:"pods"`
	Running int `json:"running"`
	// Containers counts its uses.
	Containers int `json:"containers"`
	// Namespaces, Workloads ("NAMESPACE/KIND/NAME") and Nodes use it.
	Namespaces []string `json:"namespaces"`
	Workloads  []string `json:"workloads"`
	Nodes      []string `json:"nodes"`
	// Platforms are those of the nodes, "linux/amd64".
	Platforms []string `json:"platforms"`
	// Kinds are the places in pods that name it.
	Kinds []inventory.Kind `json:"kinds"`
	// DigestRepository is the repository that has the digest, where that is not known
	// of the image's own.
	DigestRepository string `json:"digest_repository,omitempty"`
	// SeenSpan is nil unless it was looked up.
	*SeenSpan
}

// Has reports whether the image has the flag.
func (l *Line) Has(f Flag) bool { return slices.Contains(l.Flags, f) }

// Images returns a line for each image, by name, tag and digest.
func (s *Stock) Images(f Filter) []Line {
	users := make([]users, len(s.images))
	for _, u := range s.uses[:s.whole.uses] {
		users[u.image].add(&u, &s.pods[u.pod])
	}
	lines := make([]Line, 0, len(s.images))
	for i := range s.images {
		if users[i].containers > 0 && f.shows(&s.images[i]) {
			lines = append(lines, s.line(&s.images[i], &users[i]))
		}
	}
	slices.SortFunc(lines, compareLines)

	return lines
}

func compareLines(a, b Line) int {
	return cmp.Or(
		strings.Compare(a.shownName(), b.shownName()), strings.Compare(a.Tag, b.Tag), strings.Compare(a.Digest, b.Digest),
		strings.Compare(a.ConfigID, b.ConfigID), strings.Compare(a.Reference, b.Reference),
	)
}

func (s *Stock) line(e *imageEntry, a *users) Line {
	return Line{
		Reference: e.reference(), Name: e.name(), Registry: e.registry, Tag: e.tag, Digest: e.digest, ConfigID: e.configID,
		Flags: e.flags(a), Pods: a.pods, Running: a.running, Containers: a.containers,
		Namespaces: s.namespaces.named(a.namespaces), Workloads: s.workloadsOf(a.workloads), Nodes: s.nodes.named(a.nodes),
		Platforms: s.platformsOf(a.nodes), Kinds: kindsOf(&a.kinds), DigestRepository: e.elsewhere(), SeenSpan: e.seen,
	}
}

func (e *imageEntry) flags(a *users) []Flag {
	flags := []Flag{}
	for _, remark := range []struct {
		flag Flag
		is   bool
	}{
		{NoDigest, e.digest == ""},
		{ConfigIDOnly, e.configID != ""},
		{ImpliedLatest, e.implied},
		{NotRunning, a.lives[idle] && !a.lives[running] && !a.lives[unknown]},
		{Invalid, e.invalid},
		{LocalImport, e.imported()},
		{ForeignDigest, e.elsewhere() != ""},
		{OtherDigest, e.ever.Has(image.DigestMismatch)},
		{ShortName, e.ever.Has(image.ShortNameResolved)},
		{OldStatus, e.ever.Has(image.OldStatus)},
		{UnknownRuntime, e.ever.Has(image.UnknownRuntime)},
	} {
		if remark.is {
			flags = append(flags, remark.flag)
		}
	}

	return flags
}

func (s *Stock) workloadsOf(pairs [][2]int32) []string {
	slices.SortFunc(pairs, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	pairs = slices.Compact(pairs)
	list := make([]string, len(pairs))
	for i, pair := range pairs {
		list[i] = s.namespaces.all[pair[0]] + "/" + s.workloads.all[pair[1]]
	}

	return distinct(list)
}

func (s *Stock) platformsOf(nodes []int32) []string {
	list := make([]string, 0, 1)
	for _, node := range nodes {
		list = appendNew(list, s.platforms[s.nodes.all[node]])
	}

	return distinct(list)
}

// shownName is the name of an image, or the text of what is none.
func (l *Line) shownName() string {
	if l.Name == "" {
		return l.Reference
	}

	return l.Name
}

// remarks are the flags as tables show them. One that another implies is left
// out there: an image of which only the config id is known has no digest.
func (l *Line) remarks() []string {
	flags := l.Flags
	if l.Has(ConfigIDOnly) {
		flags = slices.DeleteFunc(slices.Clone(flags), func(f Flag) bool { return f == NoDigest })
	}

	return words(flags)
}
