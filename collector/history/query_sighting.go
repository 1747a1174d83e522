package history

import (
	"database/sql"
	"slices"
	"time"
)

// Sighting is an image at a place, from when to when.
type Sighting struct {
	Cluster  string
	Place    Place
	Image    Image
	Times    Times
	Presence Presence
	Why      string // it is closed, in the words of the schema; empty: it is open
	Absences int    // times that it was gone, and came back within history.join
}

// Place is where an image was seen: a container of a workload.
type Place struct {
	Namespace     string
	WorkloadKind  string
	Workload      string
	Derived       bool // the name is a pattern that stands for many: build-*
	ContainerKind string
	Container     string
}

// Image is an image as the history tells them apart.
type Image struct {
	Digest     string // algorithm:hex, or empty
	DigestKind string // registry, or config where only the id of the configuration is known; empty without a digest
	Name       string // canonical, without tag; what was written, where that is no reference
	Tag        string
}

// Times are what is known of when an image was at a place. Between After and First it
// came, between Last and Gone it went.
type Times struct {
	After time.Time // it was looked for and not there, the last time before; zero: nobody had looked
	First time.Time // seen
	Last  time.Time // seen, the last time
	Gone  time.Time // not seen any more; zero: it is open
}

// Presence is what a sighting says of the present.
type Presence string

// The presences.
const (
	IsThere        Presence = "now"            // the last reading of its namespace saw it, and there will be others
	IsIntermittent Presence = "intermittent"   // likewise, or it saw it before: it comes and goes
	IsGone         Presence = "gone"           // it was looked for
	HasDigest      Presence = "digest known"   // it goes on under its digest
	IsUnread       Presence = "not read since" // nobody looks any more: it may be there
)

// presence judges by what is known: that nobody reads a namespace any more does not take
// an image away.
func (s *Sighting) presence(read, forgotten bool) Presence {
	switch {
	case s.Why == NotCovered, s.Why == Forgotten:
		return IsUnread
	case s.Why == DigestKnown:
		return HasDigest
	case !s.Times.Gone.IsZero():
		return IsGone
	case !read, forgotten:
		return IsUnread
	case s.Absences > 0:
		return IsIntermittent
	}
	return IsThere
}

// sightingColumns and sightingTables are read by scanSighting. When an open sighting was seen
// last is what the newest coverage of its namespace says, and whether that goes on.
const (
	sightingColumns = `s.cluster_id, n.name, p.workload_kind, p.workload, p.derived, p.container_kind, p.container,
		i.digest, i.digest_kind, i.name, i.tag, s.after_at, s.first_at, s.last_at, s.gone_at, s.absences, s.why,
		CASE WHEN s.gone_at IS NULL THEN (SELECT COALESCE(v.last_at, f.last_at) FROM coverage v JOIN feed f ON f.id = v.feed_id
			WHERE v.namespace_id = p.namespace_id ORDER BY v.first_at DESC LIMIT 1) END,
		CASE WHEN s.gone_at IS NULL THEN (SELECT CASE WHEN v.last_at IS NULL THEN 1 ELSE 0 END FROM coverage v
			WHERE v.namespace_id = p.namespace_id ORDER BY v.first_at DESC LIMIT 1) END`
	sightingTables = ` FROM sighting s JOIN place p ON p.id = s.place_id JOIN namespace n ON n.id = p.namespace_id JOIN image i ON i.id = s.image_id `
)

// scanSighting reads a row of sightingColumns, and whatever columns follow them.
func (v *View) scanSighting(row scanner, more ...any) (Sighting, error) {
	var s Sighting
	var cluster, first int64
	var after, last, gone, seen, read sql.NullInt64
	err := row.Scan(append([]any{
		&cluster, &s.Place.Namespace, &s.Place.WorkloadKind, &s.Place.Workload, &s.Place.Derived, &s.Place.ContainerKind, &s.Place.Container,
		&s.Image.Digest, &s.Image.DigestKind, &s.Image.Name, &s.Image.Tag, &after, &first, &last, &gone, &s.Absences, &s.Why, &seen, &read,
	}, more...)...)
	if err != nil {
		return s, err
	}
	if !last.Valid {
		last = seen
	}
	s.Times = Times{After: timeOf(after), First: time.UnixMilli(first).UTC(), Last: timeOf(last), Gone: timeOf(gone)}
	at := v.named(cluster)
	s.Cluster, s.Presence = at.name, s.presence(read.Int64 == 1, at.forgotten)
	return s, nil
}

// IsConfig reports whether the digest is the id of a configuration, which no registry
// knows the image by.
func (i Image) IsConfig() bool { return i.DigestKind == "config" }

// WhereQuery says which sightings are looked for. What is zero restricts nothing.
type WhereQuery struct {
	Image    string // a digest, its first digits, a name, with a tag or without, a glob
	Clusters []string
	Since    time.Time // it was there then or later
	Until    time.Time // it was there before
	Now      bool      // it was there when its namespace was read last, and that goes on
}

// Where calls take with every sighting of an image, in no order. One that may have been there in
// the time in question counts: between two readings nobody looked.
func (v *View) Where(q WhereQuery, take func(Sighting) error) error {
	clusters, err := v.chosen(q.Clusters)
	if err != nil {
		return err
	}
	ids, err := v.imagesOf(q.Image)
	if err != nil {
		return err
	}
	condition := ""
	if len(q.Clusters) > 0 {
		condition += ` AND s.cluster_id IN ` + numbers(idsOf(clusters))
	}
	if q.Now {
		condition += ` AND s.gone_at IS NULL`
	}
	for some := range slices.Chunk(ids, maxRows) {
		query := `SELECT ` + sightingColumns + sightingTables + `WHERE s.image_id IN ` + numbers(some) + condition
		err := v.each(query, nil, func(row scanner) error {
			s, err := v.scanSighting(row)
			if err != nil || !q.counts(&s) {
				return err
			}
			return take(s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (q WhereQuery) counts(s *Sighting) bool {
	began := s.Times.After
	if began.IsZero() {
		began = s.Times.First
	}
	switch {
	case q.Now && s.Presence != IsThere && s.Presence != IsIntermittent:
		return false
	case !q.Until.IsZero() && !began.Before(q.Until):
		return false
	}
	return q.Since.IsZero() || s.Times.Gone.IsZero() || s.Times.Gone.After(q.Since)
}
