package deliver

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"stocktake/collector/payload"
)

// HelmRelease is a release of Helm that is deployed.
type HelmRelease struct {
	Namespace, Name string
	Revision        int
	Status          string
	Changed         int64      // seconds since 1970, 0 when it is not known
	Chart           *HelmChart // nil when it was not read
}

// HelmChart is what was installed, without all that may hold a secret.
type HelmChart struct {
	Name, Version, AppVersion string
	Home                      string
	Type                      string
	Objects                   []HelmObject // of the manifest
}

// HelmObject is an object that a manifest has.
type HelmObject struct{ APIVersion, Kind, Namespace, Name string }

// The form of a release is that of Helm's own package release, of which only this is there.
type (
	releaseDocument struct {
		Name      string         `json:"name"`
		Namespace string         `json:"namespace"`
		Version   int            `json:"version"`
		Info      releaseInfo    `json:"info"`
		Chart     *chartDocument `json:"chart,omitempty"`
		Manifest  string         `json:"manifest,omitempty"`
	}
	releaseInfo struct {
		LastDeployed string `json:"last_deployed"` // empty when it is not known, as with Helm
		Status       string `json:"status"`
	}
	chartDocument struct {
		Metadata chartMetadata `json:"metadata"`
	}
	chartMetadata struct {
		Name       string `json:"name"`
		Version    string `json:"version"`
		AppVersion string `json:"appVersion,omitempty"`
		Home       string `json:"home,omitempty"`
		Type       string `json:"type,omitempty"`
	}
)

func (r HelmRelease) document() releaseDocument {
	d := releaseDocument{Name: r.Name, Namespace: r.Namespace, Version: r.Revision, Info: releaseInfo{Status: r.Status}}
	if r.Changed != 0 {
		d.Info.LastDeployed = time.Unix(r.Changed, 0).UTC().Format(time.RFC3339)
	}
	if c := r.Chart; c != nil {
		d.Chart = &chartDocument{chartMetadata{Name: c.Name, Version: c.Version, AppVersion: c.AppVersion, Home: c.Home, Type: c.Type}}
		d.Manifest = manifestOf(c.Objects)
	}
	return d
}

// manifestOf is a manifest of the kinds and names of objects, as the service's own collector makes one for applications of
// Argo CD. A string of JSON is one of YAML.
func manifestOf(objects []HelmObject) string {
	var b strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&b, "---\napiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", quoted(o.APIVersion), quoted(o.Kind), quoted(o.Name))
		if o.Namespace != "" {
			fmt.Fprintf(&b, "  namespace: %s\n", quoted(o.Namespace))
		}
	}
	return b.String()
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // of a string there is no error
	return string(text)
}

// helmPage is a body of the step helm.
type helmPage struct {
	Fetching string            `json:"fetchingId"`
	Releases []json.RawMessage `json:"helmReleases"`
	Types    []typeDocument    `json:"k8sTypes"`
}

// typeDocument is a type that the cluster serves.
type typeDocument struct {
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
	APIVersion string `json:"apiVersion"`
}

func typeDocuments(types []payload.Type) []typeDocument {
	all := make([]typeDocument, 0, len(types))
	for _, t := range types {
		all = append(all, typeDocument{Kind: t.Kind, Namespaced: t.Namespaced, APIVersion: t.APIVersion()})
	}
	return all
}

// mostReleases is how many bytes of releases a page has, unless one alone has more.
const mostReleases = 1 << 20

// bringReleases brings the types, on every page, and the releases. Without a release there is one page, for the types.
func (f *Fetching) bringReleases(ctx context.Context, types []payload.Type, releases iter.Seq[HelmRelease], t *tally) error {
	page := helmPage{Fetching: f.head.FetchingID(), Releases: []json.RawMessage{}, Types: typeDocuments(types)}
	size := 0
	bring := func() error {
		content, err := document(page)
		if err != nil {
			return err
		}
		page.Releases, size = page.Releases[:0], 0
		return f.send(ctx, http.MethodPost, "helm", content, t)
	}
	for r := range releases {
		text, err := json.Marshal(r.document())
		if err != nil {
			return err
		}
		if size > 0 && size+len(text) > mostReleases {
			if err := bring(); err != nil {
				return err
			}
		}
		page.Releases, size = append(page.Releases, text), size+len(text)
	}
	return bring()
}
