package history

import (
	"context"
	"database/sql"
	"strings"
)

// closing is a sighting that ends with this run.
type closing struct {
	place, image, firstAt int64
	end                   ending
}

// ending is how sightings end.
type ending struct {
	lastAt int64
	why    string
}

// difference is what a run changes.
type difference struct {
	still  map[use]bool // open before and after
	closed []closing
	blank  map[named]int // those of closed that have no digest
	places []int64       // ids by number, 0 where they are not known
	images []int64
}

// named is an image at a place, whatever its digest.
type named struct {
	place uint32
	image picture // without a digest
}

func withoutDigest(p picture) picture {
	p.digest, p.config = 0, false
	return p
}

// row is an open sighting with the place and the image that it is of.
type row struct {
	place, image, firstAt, namespace        int64
	workloadKind, workload                  string
	derived                                 bool
	containerKind, container                string
	digest, digestKind, imageName, imageTag string
}

// selectOpen begins with the index of what is open, and looks the rest up: CROSS JOIN is an
// order for SQLite.
const selectOpen = `SELECT s.place_id, s.image_id, s.first_at, p.namespace_id, p.workload_kind, p.workload, p.derived, p.container_kind, p.container,
	i.digest, i.digest_kind, i.name, i.tag FROM sighting s CROSS JOIN place p CROSS JOIN image i
	WHERE s.cluster_id = $1 AND s.gone_at IS NULL AND p.id = s.place_id AND i.id = s.image_id`

// compare holds what is open against what was seen.
func (r *recording) compare(ctx context.Context) (*difference, error) {
	d := &difference{still: map[use]bool{}, blank: map[named]int{}, places: make([]int64, len(r.seen.places.all)), images: make([]int64, len(r.seen.images.all))}
	byID := make(map[int64]*namespace, len(r.spaces))
	for _, n := range r.spaces {
		byID[n.id] = n
	}
	var o row
	err := eachRow(ctx, r.tx, func(rows *sql.Rows) error {
		if err := rows.Scan(&o.place, &o.image, &o.firstAt, &o.namespace, &o.workloadKind, &o.workload, &o.derived, &o.containerKind, &o.container,
			&o.digest, &o.digestKind, &o.imageName, &o.imageTag); err != nil {
			return err
		}
		r.judge(d, byID[o.namespace], &o)
		return nil
	}, selectOpen, r.cluster)
	r.nameDigests(d)
	return d, err
}

// judge decides what becomes of an open sighting. What was not read stays open.
func (r *recording) judge(d *difference, n *namespace, o *row) {
	c := closing{place: o.place, image: o.image, firstAt: o.firstAt, end: ending{max(n.lastAt().Int64, o.firstAt), Gone}}
	switch {
	case n.gone:
		c.end.why = NamespaceGone
	case n.seen == nil || r.isSeen(d, n, o):
		return
	case !r.goesOn(n):
		c.end.why = NotCovered
	}
	d.closed = append(d.closed, c)
}

// isSeen reports whether a namespace still has an open sighting. A container of the same image that
// waits, so that its digest is not known, does not tell that the image is gone.
func (r *recording) isSeen(d *difference, n *namespace, o *row) bool {
	at, known := r.findPlace(n, o)
	if !known {
		return false
	}
	d.places[at] = o.place
	pictures := r.findPictures(o)
	for _, p := range pictures {
		if number, known := r.seen.images.numbers[p]; known {
			if _, seen := n.seen.uses[use{at, number}]; seen {
				d.images[number] = o.image
				d.still[use{at, number}] = true
				return true
			}
		}
		if number, known := r.seen.images.numbers[withoutDigest(p)]; known {
			if _, waits := n.seen.unknown[use{at, number}]; waits {
				d.still[use{at, number}] = true
				return true
			}
		}
		if o.digest == "" {
			d.blank[named{at, p}] = len(d.closed) // where it comes to stand
		}
	}
	return false
}

// nameDigests finds out which images that had no digest have one now.
func (r *recording) nameDigests(d *difference) {
	if len(d.blank) == 0 {
		return
	}
	for _, n := range r.seen.namespaces {
		for u := range n.uses {
			p := r.seen.images.all[u.image]
			if at, was := d.blank[named{u.place, withoutDigest(p)}]; was && p.digest != 0 && d.closed[at].end.why == Gone {
				d.closed[at].end.why = DigestKnown
			}
		}
	}
}

func (r *recording) findPlace(n *namespace, o *row) (at uint32, known bool) {
	p := place{derived: o.derived}
	for _, part := range []struct {
		number *uint32
		text   string
	}{{&p.namespace, n.name}, {&p.workloadKind, o.workloadKind}, {&p.workload, o.workload}, {&p.containerKind, o.containerKind}, {&p.container, o.container}} {
		if *part.number, known = r.seen.texts.find(part.text); !known {
			return 0, false
		}
	}
	at, known = r.seen.places.numbers[p]
	return at, known
}

// noText is the number of no text.
const noText = ^uint32(0)

// findPictures are those that an image of the history may be in this run: its name is split, or was no
// reference and is whole.
func (r *recording) findPictures(o *row) []picture {
	find := func(text string) uint32 {
		if n, known := r.seen.texts.find(text); known {
			return n
		}
		return noText
	}
	p := picture{repository: find(o.imageName), tag: find(o.imageTag), digest: find(o.digest), config: o.digestKind == digestConfig}
	all := []picture{p}
	if registry, repository, split := strings.Cut(o.imageName, "/"); split {
		p.registry, p.repository = find(registry), find(repository)
		all = append(all, p)
	}
	return all
}

// closeGone ends what is gone.
func (r *recording) closeGone(ctx context.Context, all []closing) error {
	groups := map[ending][]closing{}
	for _, c := range all {
		groups[c.end] = append(groups[c.end], c)
	}
	for end, group := range groups {
		m := many{before: `UPDATE sighting SET last_at = $1, gone_at = $2, why = $3 WHERE (place_id, image_id, first_at) IN (`, after: `)`,
			types: []string{typeNumber, typeNumber, typeNumber}, args: []any{end.lastAt, r.at, end.why}}
		err := m.exec(ctx, r.tx, len(group), func(row int) []any { return []any{group[row].place, group[row].image, group[row].firstAt} })
		if err != nil {
			return err
		}
	}
	return nil
}
