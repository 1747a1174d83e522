package history

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// ChangeKind is what became of an image at a place.
type ChangeKind string

// The kinds, in the order in which those of one run are told: first the change that
// nobody sees in the tag.
const (
	ChangeReTagged      ChangeKind = "re-tagged"      // the same tag, another digest
	ChangeDigestKnown   ChangeKind = "digest-known"   // it may be the same or not
	ChangeDigestUnknown ChangeKind = "digest-unknown" // likewise
	ChangeAdded         ChangeKind = "added"
	ChangeFirstRead     ChangeKind = "first-read" // nobody had looked at the place before
	ChangeRemoved       ChangeKind = "removed"
	ChangeNotRead       ChangeKind = "not-read" // nobody looks any more: it may be there still
)

// ChangeKinds are all of them, in this order.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{ChangeReTagged, ChangeDigestKnown, ChangeDigestUnknown, ChangeAdded, ChangeFirstRead, ChangeRemoved, ChangeNotRead}
}

// Change is what a run saw that was otherwise before.
type Change struct {
	At     time.Time // when the run was recorded
	Before time.Time // when it was seen otherwise, the last time; zero: nobody had looked
	Kind   ChangeKind
	Was    string // the digest before, of ChangeReTagged and ChangeDigestUnknown
	Sighting
}

// ChangesQuery says which changes are looked for. What is zero restricts nothing.
type ChangesQuery struct {
	Image      string // as in WhereQuery
	Workload   string // its name, or KIND/NAME
	Namespaces []string
	Clusters   []string
	Since      time.Time
	Until      time.Time // not in it
}

// Changes calls take with what changed, the newest first. What one run of a cluster saw
// comes together, in the order of ChangeKinds.
func (v *View) Changes(q ChangesQuery, take func(Change) error) error {
	query, args, err := v.changesQuery(q)
	if err != nil || query == "" {
		return err
	}
	var run []Change
	err = v.each(query, args, func(row scanner) error {
		c, err := v.scanChange(row)
		if err != nil {
			return err
		}
		if len(run) > 0 && (!run[0].At.Equal(c.At) || run[0].Cluster != c.Cluster) {
			err = tell(run, take)
			run = run[:0]
		}
		run = append(run, c)
		return err
	})
	if err != nil {
		return err
	}
	return tell(run, take)
}

// wasColumn is the digest that the same tag had at the place when that was looked at the last
// time before. An image without a tag has none that could change its meaning.
const wasColumn = `(SELECT j.digest FROM sighting t JOIN image j ON j.id = t.image_id
	WHERE t.place_id = s.place_id AND t.image_id <> s.image_id AND t.first_at <= s.after_at AND (t.gone_at IS NULL OR t.gone_at > s.after_at)
		AND j.name = i.name AND j.tag = i.tag AND i.tag <> '' AND (j.digest_kind = i.digest_kind OR j.digest = '' OR i.digest = '')
	ORDER BY t.first_at DESC LIMIT 1)`

// changesQuery asks for both ends of sightings, each by its index.
func (v *View) changesQuery(q ChangesQuery) (string, []any, error) {
	clusters, err := v.chosen(q.Clusters)
	if err != nil || len(clusters) == 0 {
		return "", nil, err
	}
	where := `s.cluster_id IN ` + numbers(idsOf(clusters))
	if q.Image != "" {
		ids, err := v.imagesOf(q.Image)
		if err != nil || len(ids) == 0 {
			return "", nil, err
		}
		where += ` AND s.image_id IN ` + numbers(ids)
	}
	var args arguments
	if len(q.Namespaces) > 0 {
		where += ` AND n.name IN ` + args.list(q.Namespaces)
	}
	kind, name, both := strings.Cut(q.Workload, "/")
	if both {
		where += ` AND lower(p.workload_kind) = ` + args.add(strings.ToLower(kind))
	} else {
		name = kind
	}
	if name != "" {
		where += ` AND p.workload = ` + args.add(name)
	}
	since := args.add(q.Since.UnixMilli())
	if q.Since.IsZero() {
		args[len(args)-1] = int64(0)
	}
	until := args.add(q.Until.UnixMilli())
	if q.Until.IsZero() {
		args[len(args)-1] = int64(1) << 62
	}
	between := func(column string) string {
		return ` AND ` + column + ` >= CAST(` + since + ` AS BIGINT) AND ` + column + ` < CAST(` + until + ` AS BIGINT)`
	}
	query := `SELECT ` + sightingColumns + `, s.first_at AS at, 1, ` + wasColumn + sightingTables + `WHERE ` + where + between("s.first_at") +
		` UNION ALL SELECT ` + sightingColumns + `, s.gone_at AS at, 0, NULL` + sightingTables + `WHERE ` + where + between("s.gone_at") +
		` ORDER BY at DESC, 1`
	return query, args, nil
}

func (v *View) scanChange(row scanner) (Change, error) {
	var at int64
	var opened int
	var was *string
	s, err := v.scanSighting(row, &at, &opened, &was)
	c := Change{At: time.UnixMilli(at).UTC(), Sighting: s}
	switch {
	case opened == 0 && (s.Why == NotCovered || s.Why == Forgotten):
		c.Kind, c.Before = ChangeNotRead, s.Times.Last
	case opened == 0:
		c.Kind, c.Before = ChangeRemoved, s.Times.Last
	case s.Times.After.IsZero():
		c.Kind = ChangeFirstRead
	default:
		c.Kind, c.Before = becomes(was, s.Image.Digest), s.Times.After
	}
	if was != nil {
		c.Was = *was
	}
	if opened == 1 {
		c.Why = "" // what ended it is another change
	}
	return c, err
}

// becomes tells what another digest under the same tag means.
func becomes(was *string, digest string) ChangeKind {
	switch {
	case was == nil:
		return ChangeAdded
	case *was == "":
		return ChangeDigestKnown
	case digest == "":
		return ChangeDigestUnknown
	}
	return ChangeReTagged
}

// tell hands on what one run saw. That the old content of a tag is gone is not told
// beside what took its place.
func tell(run []Change, take func(Change) error) error {
	type content struct {
		place             Place
		name, tag, digest string
	}
	replaced := map[content]bool{}
	for _, c := range run {
		switch c.Kind {
		case ChangeReTagged, ChangeDigestKnown, ChangeDigestUnknown:
			replaced[content{c.Place, c.Image.Name, c.Image.Tag, c.Was}] = true
		case ChangeAdded, ChangeFirstRead, ChangeRemoved, ChangeNotRead:
		}
	}
	slices.SortFunc(run, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(ChangeKinds(), a.Kind), slices.Index(ChangeKinds(), b.Kind)),
			comparePlaces(a.Place, b.Place), compareImages(a.Image, b.Image),
		)
	})
	for _, c := range run {
		if c.Kind == ChangeRemoved && (c.Why == DigestKnown || replaced[content{c.Place, c.Image.Name, c.Image.Tag, c.Image.Digest}]) {
			continue
		}
		if err := take(c); err != nil {
			return err
		}
	}
	return nil
}

func comparePlaces(a, b Place) int {
	return cmp.Or(
		strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.WorkloadKind, b.WorkloadKind), strings.Compare(a.Workload, b.Workload),
		strings.Compare(a.ContainerKind, b.ContainerKind), strings.Compare(a.Container, b.Container),
	)
}

func compareImages(a, b Image) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Tag, b.Tag), strings.Compare(a.Digest, b.Digest))
}
