package payload

import (
	"cmp"
	"errors"
	"os"
	"regexp"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/settings"
)

// Options are the settings of this package. The zero value is usable: it holds
// nothing in memory, sets no limits and reports pods in every phase.
type Options struct {
	// TagPolicy says what becomes of an image that was pinned by digest and has
	// no tag, where a receiver asks for one. Empty means digest.
	TagPolicy TagPolicy `setting:"missing-tag-policy.policy" choices:"digest,insert,drop,dummy" envDefault:"digest" doc:"what to report for an image with a digest and no tag: digest (its hex digits as the tag), insert (missing-tag-policy.tag) or drop (nothing)"`
	// Tag is the tag of the policy insert. Empty means UNKNOWN.
	Tag string `setting:"missing-tag-policy.tag" envDefault:"UNKNOWN" doc:"tag that the policy insert gives"`
	// Registry is put before the names of images that name no registry, in bodies
	// for Anchore: host[:port][/path]. Empty means that they stay as written.
	Registry string `setting:"missing-registry-override" doc:"registry to report for images that name none, as host[:port][/path], for clusters whose runtime pulls them from a mirror"`
	// IgnoreNotRunning leaves out pods in any phase but Running, whole.
	IgnoreNotRunning bool `setting:"ignore-not-running" envDefault:"true" doc:"leave out pods that are not in the phase Running"`
	// IgnoreEmpty leaves out namespaces that have no pod in any phase.
	IgnoreEmpty bool `setting:"namespace-selectors.ignore-empty" envDefault:"false" doc:"leave out namespaces without pods; a receiver then keeps what it knew of them"`
	// MaxNamespaces is how many namespaces one body may name. 0 means any number.
	MaxNamespaces int `setting:"inventory-report-limits.namespaces" envDefault:"0" doc:"namespaces in one body, 0 = no limit; a namespace is never split"`
	// MaxBytes is the size in bytes of the JSON of one body. Only a namespace
	// that is larger by itself goes beyond. 0 means any size.
	MaxBytes int64 `setting:"inventory-report-limits.payload-threshold-bytes" envDefault:"0" doc:"bytes of JSON in one body, 0 = no limit; only a single namespace that is larger goes beyond"`
	// SpoolMemory is how much compressed text is held in memory, all bodies
	// together.
	SpoolMemory Bytes `setting:"spool.memory" envDefault:"16MiB" doc:"compressed text to hold in memory before a temporary file is used"`
	// SpoolDir is where the temporary file is made. Empty means the default of
	// the system.
	SpoolDir string `setting:"spool.dir" doc:"folder of the temporary file; by default that of the system ($TMPDIR or /tmp)"`
}

// TagPolicy says what becomes of an image with a digest and no tag.
type TagPolicy string

const (
	// PolicyDigest reports the hex digits of the digest as the tag.
	PolicyDigest TagPolicy = "digest"
	// PolicyInsert reports the tag of Options.Tag.
	PolicyInsert TagPolicy = "insert"
	// PolicyDrop leaves the image out.
	PolicyDrop TagPolicy = "drop"

	// policyDummy is what the code of anchore-k8s-inventory reads where its
	// documentation says insert.
	policyDummy TagPolicy = "dummy"
)

const defaultTag = "UNKNOWN"

// isTag reports whether a text keeps to the grammar of tags (distribution/reference).
func isTag(text string) bool { return len(text) <= 128 && tagPattern.MatchString(text) }

var tagPattern = regexp.MustCompile(`^\w[\w.-]*$`) // of any length: a bound makes it 120 KB

// checked returns the options with defaults filled in, or what is wrong with them.
func (o Options) checked() (Options, error) {
	o.TagPolicy = cmp.Or(o.TagPolicy, PolicyDigest)
	o.Tag = cmp.Or(o.Tag, defaultTag)
	if o.TagPolicy == policyDummy {
		o.TagPolicy = PolicyInsert
	}
	o.Registry = strings.TrimSuffix(o.Registry, "/")
	return o, errors.Join(o.checkTags(), o.checkRegistry(), o.checkLimits(), o.checkSpool())
}

// checkRegistry tries the registry on an image: what comes out must be a reference
// with a registry, and not with one more part of a path on Docker Hub.
func (o Options) checkRegistry() error {
	if o.Registry == "" {
		return nil
	}
	example := o.Registry + "/image"
	if _, err := image.Parse(example); err != nil {
		return settings.Invalid("missing-registry-override", "%q is not a registry: use host[:port][/path] without a scheme, like registry.example.com/mirror: %w", o.Registry, err)
	}
	if !hasRegistry(example) {
		return settings.Invalid("missing-registry-override", "%q is not a registry but a path on docker.io: the host needs a dot or a port, like registry.example.com or registry:5000", o.Registry)
	}
	return nil
}

// hasRegistry reports whether a name says where it is hosted. The first of several
// parts is a host if it could be nothing else, by the rule of distribution/reference:
// it has a dot, a port or an upper-case letter, or is localhost.
func hasRegistry(name string) bool {
	first, _, several := strings.Cut(name, "/")
	return several && (first == "localhost" || strings.ContainsAny(first, ".:") || strings.ToLower(first) != first)
}

func (o Options) checkTags() error {
	switch o.TagPolicy {
	case PolicyDigest, PolicyDrop:
		return nil
	case PolicyInsert:
		if !isTag(o.Tag) {
			return settings.Invalid("missing-tag-policy.tag", "%q is not a tag: use at most 128 letters, digits, dots, dashes and underscores", o.Tag)
		}
		return nil
	default:
		return settings.Invalid("missing-tag-policy.policy", "%q is not a policy: use digest, insert or drop", o.TagPolicy)
	}
}

func (o Options) checkLimits() error {
	if o.MaxNamespaces < 0 {
		return settings.Invalid("inventory-report-limits.namespaces", "%d is not a limit: use 0 for none, or a positive number", o.MaxNamespaces)
	}
	if o.MaxBytes < 0 {
		return settings.Invalid("inventory-report-limits.payload-threshold-bytes", "%d is not a limit: use 0 for none, or a positive number of bytes", o.MaxBytes)
	}
	return nil
}

// checkSpool finds a wrong folder before the cluster is read, not in the middle
// of it. The default folder is not checked: a read-only container may have none,
// and most runs never spill.
func (o Options) checkSpool() error {
	if o.SpoolMemory < 0 {
		return settings.Invalid("spool.memory", "%d is not a size: use 0 to hold nothing in memory, or a size like 16MiB", int64(o.SpoolMemory))
	}
	if o.SpoolDir == "" {
		return nil
	}
	info, err := os.Stat(o.SpoolDir)
	if err != nil {
		return settings.Invalid("spool.dir", "%w: name a writable folder that exists, or leave it unset", err)
	}
	if !info.IsDir() {
		return settings.Invalid("spool.dir", "%s is not a folder: name a writable folder, or leave it unset", o.SpoolDir)
	}
	return nil
}

// splits reports whether a run may give more than one body.
func (o Options) splits() bool {
	return o.MaxNamespaces > 0 || o.MaxBytes > 0
}

// whole returns the options for a body that holds everything.
func (o Options) whole() Options {
	o.IgnoreNotRunning, o.MaxNamespaces, o.MaxBytes = false, 0, 0
	return o
}
