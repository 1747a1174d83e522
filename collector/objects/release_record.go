package objects

// ReleaseRecord is what is told of a release of Helm.
type ReleaseRecord struct {
	Namespace string          `json:"namespace"`
	Name      string          `json:"name"`
	Store     string          `json:"store"` // the resource that Helm keeps it in: secrets or configmaps
	Latest    RevisionRecord  `json:"latest"`
	Deployed  *RevisionRecord `json:"deployed,omitempty"` // after a failed upgrade it is not the latest
}

// RevisionRecord is what is told of an installation, an upgrade or a rollback.
type RevisionRecord struct {
	Revision int          `json:"revision"`
	Status   string       `json:"status"`
	Changed  string       `json:"changed,omitempty"` // RFC 3339
	Chart    *ChartRecord `json:"chart,omitempty"`   // with objects.helm=chart, where the record can be read
}

// ChartRecord is what is told of a chart. No values, notes, hooks and templates are.
type ChartRecord struct {
	Name       string           `json:"name"`
	Version    string           `json:"version"`
	AppVersion string           `json:"appVersion,omitempty"`
	Home       string           `json:"home,omitempty"`
	Type       string           `json:"type,omitempty"`
	Objects    []ManifestRecord `json:"objects,omitempty"`
	Unread     int              `json:"unread,omitempty"` // documents of the manifest whose kind or name was not found
}

// ManifestRecord is an object that a chart was rendered to.
type ManifestRecord struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}
