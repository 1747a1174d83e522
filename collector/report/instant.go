package report

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// SeenSpan is when the history saw an image first and last.
type SeenSpan struct {
	First Instant `json:"first_seen"`
	Last  Instant `json:"last_seen"`
}

// Spot is where an image was seen.
type Spot struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Workload  string `json:"workload"` // KIND/NAME
	Container string `json:"container"`
	Kind      string `json:"container_kind"`
}

// Pictured is an image as the history tells them apart.
type Pictured struct {
	Name     string `json:"name"` // without tag; what was written, where that is no reference
	Tag      string `json:"tag"`
	Digest   string `json:"digest"`
	ConfigID string `json:"config_id"` // where no digest is known
}

// Instant is a time that may not be known.
type Instant struct{ time.Time }

// MarshalJSON writes UTC, or null.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i.IsZero() {
		return []byte("null"), nil
	}

	return json.Marshal(i.UTC().Format(time.RFC3339))
}

// record is UTC, for programs.
func (i Instant) record() string {
	if i.IsZero() {
		return ""
	}

	return i.UTC().Format(time.RFC3339)
}

// shown is a time in the zone of who looks, to the minute.
func (i Instant) shown() string {
	if i.IsZero() {
		return ""
	}

	return i.Local().Format("2006-01-02 15:04")
}

// whole is the same in full.
func (i Instant) whole() string {
	if i.IsZero() {
		return ""
	}

	return i.Local().Format(time.RFC3339)
}

func (p *Pictured) hash() string {
	if p.Digest == "" && p.ConfigID != "" {
		return "config " + p.ConfigID
	}

	return p.Digest
}

// reference is what the image is called.
func (p *Pictured) reference() string {
	if p.Tag == "" {
		return p.Name
	}

	return p.Name + ":" + p.Tag
}

// CompareSpots orders by where something was seen.
func CompareSpots(a, b Spot) int {
	return cmp.Or(
		strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Workload, b.Workload),
		strings.Compare(a.Kind, b.Kind), strings.Compare(a.Container, b.Container),
	)
}
