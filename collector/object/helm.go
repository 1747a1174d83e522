package object

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Store is where Helm keeps releases, as a list is asked for: of metadata alone, since the
// labels say all that is needed. What Helm keeps in a database is not seen.
type Store struct {
	Resource      string // of the core group
	LabelSelector string
	FieldSelector string
}

// Stores are those that Helm has in a cluster, by the values of HELM_DRIVER.
func Stores() []Store {
	return []Store{
		{Resource: "secrets", LabelSelector: "owner=helm", FieldSelector: "type=helm.sh/release.v1"},
		{Resource: "configmaps", LabelSelector: "owner=helm"},
	}
}

// Revision is an installation, an upgrade or a rollback of a release.
type Revision struct {
	Number  int
	Status  string // deployed, failed, superseded, …
	Changed int64  // seconds since 1970, 0 when it is not known
	Stored  string // the name of its Secret or ConfigMap
}

// FieldSelector selects the object of a revision in a list, so that nobody needs the right
// to get Secrets.
func (r Revision) FieldSelector() string { return "metadata.name=" + r.Stored }

// Release is what Helm calls by one name in one namespace.
type Release struct {
	Namespace, Name string
	Resource        string    // of the Store that it was found in
	Latest          Revision  // that with the greatest number
	Deployed        *Revision // the greatest that is deployed: after a failed upgrade it is not the latest
}

// ErrRelease is an object of Helm whose labels do not say what they should.
var ErrRelease = errors.New("labels of Helm that cannot be read")

// Releases collects the revisions of releases.
type Releases struct{ found map[releaseKey]*Release }

type releaseKey struct{ namespace, name, resource string }

// Add adds an object of a store, of which the metadata is enough.
func (r *Releases) Add(resource string, object []byte) error {
	var o struct {
		Metadata struct {
			Namespace string            `json:"namespace"`
			Name      string            `json:"name"`
			Created   time.Time         `json:"creationTimestamp"`
			Labels    map[string]string `json:"labels"`
		} `json:"metadata"`
	}
	if json.Unmarshal(object, &o) != nil { // its errors quote
		return ErrRelease
	}
	meta := &o.Metadata
	number, err := strconv.Atoi(meta.Labels["version"])
	if err != nil || number < 1 || meta.Labels["name"] == "" || meta.Name == "" {
		return fmt.Errorf("%s %s/%s: %w", resource, meta.Namespace, meta.Name, ErrRelease)
	}
	revision := Revision{Number: number, Status: meta.Labels["status"], Stored: meta.Name}
	for _, at := range []string{meta.Labels["modifiedAt"], meta.Labels["createdAt"]} {
		if seconds, err := strconv.ParseInt(at, 10, 64); err == nil && revision.Changed == 0 {
			revision.Changed = seconds
		}
	}
	if revision.Changed == 0 && !meta.Created.IsZero() {
		revision.Changed = meta.Created.Unix()
	}
	r.add(releaseKey{meta.Namespace, meta.Labels["name"], resource}, revision)

	return nil
}

func (r *Releases) add(key releaseKey, revision Revision) {
	release := r.found[key]
	if release == nil {
		if r.found == nil {
			r.found = map[releaseKey]*Release{}
		}
		release = &Release{Namespace: key.namespace, Name: key.name, Resource: key.resource, Latest: revision}
		r.found[key] = release
	}
	if revision.Number > release.Latest.Number {
		release.Latest = revision
	}
	if revision.Status == "deployed" && (release.Deployed == nil || revision.Number > release.Deployed.Number) {
		release.Deployed = &revision
	}
}

// All returns the releases, sorted by namespace, name and store.
func (r *Releases) All() []Release {
	all := make([]Release, 0, len(r.found))
	for _, release := range r.found {
		all = append(all, *release)
	}
	slices.SortFunc(all, func(a, b Release) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Resource, b.Resource))
	})

	return all
}
