package history

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// findSpaces brings together what is known of namespaces and what the run says of them.
func (r *recording) findSpaces(ctx context.Context) error {
	err := eachRow(ctx, r.tx, func(rows *sql.Rows) error {
		n := &namespace{}
		var feedID, scope, firstAt sql.NullInt64
		if err := rows.Scan(&n.id, &n.name, &feedID, &scope, &firstAt, &n.endedAt); err != nil {
			return err
		}
		n.feed, n.scope, n.firstAt = r.feeds[feedID.Int64], scope.Int64, firstAt.Int64
		r.spaces[n.name] = n
		return nil
	}, `SELECT n.id, n.name, c.feed_id, c.scope_id, c.first_at, c.last_at FROM namespace n LEFT JOIN coverage c
		ON c.namespace_id = n.id AND c.first_at = (SELECT MAX(x.first_at) FROM coverage x WHERE x.namespace_id = n.id) WHERE n.cluster_id = $1`, r.cluster)
	if err != nil {
		return err
	}
	exists := make(map[string]bool, len(r.run.Namespaces))
	empty := r.run.Outcome.Complete || r.run.Outcome.Listed
	for _, name := range r.run.Namespaces {
		exists[clean(name)] = true
		if seen := r.seen.namespaces[name]; empty && (seen == nil || !seen.begun) && !r.hasGap(name) {
			r.space(name).seen = &namespaceSeen{}
		}
	}
	for name, seen := range r.seen.namespaces {
		if seen.whole {
			r.space(name).seen = seen
		}
	}
	for name, n := range r.spaces {
		n.gone = n.seen == nil && !exists[name] && r.run.Outcome.Complete && r.run.Selects != nil && r.run.Selects(name)
	}
	return nil
}

func (r *recording) space(name string) *namespace {
	name = clean(name)
	n := r.spaces[name]
	if n == nil {
		n = &namespace{name: name}
		r.spaces[name] = n
	}
	return n
}

func (r *recording) hasGap(namespace string) bool {
	for i := range r.run.Outcome.Gaps {
		if r.run.Outcome.Gaps[i].Namespace == namespace {
			return true
		}
	}
	return false
}

// replaced are the other feeds that read a namespace of this run: it takes their place.
func (r *recording) replaced() map[*feed]bool {
	others := map[*feed]bool{}
	for _, n := range r.spaces {
		if n.seen != nil && n.feed != nil && n.feed != r.own && !n.endedAt.Valid {
			others[n.feed] = true
		}
	}
	return others
}

// goesOn reports whether this run sees what the one saw that read the namespace last.
func (r *recording) goesOn(n *namespace) bool { return n.feed != nil && n.scope == r.scope }

// notSeen is the last time before this run that something, which it sees for the first time, was
// looked for in a namespace: by reading it, or all of a cluster that did not have it.
func (r *recording) notSeen(n *namespace) sql.NullInt64 {
	at := r.wholeAt()
	if last := n.lastAt(); last.Valid && r.goesOn(n) && last.Int64 > at.Int64 {
		return last
	}
	if n.feed != nil && !r.goesOn(n) {
		return sql.NullInt64{}
	}
	return at
}

// putCoverage ends what this run did not go on with, and begins what it read.
func (r *recording) putCoverage(ctx context.Context, feedID int64) error {
	replaced := r.replaced()
	var ended, begun []*namespace
	for _, name := range slices.Sorted(maps.Keys(r.spaces)) {
		n := r.spaces[name]
		open := n.feed != nil && !n.endedAt.Valid
		same := open && n.seen != nil && n.feed == r.own && n.scope == r.scope
		if open && !same && (n.feed == r.own || n.gone || replaced[n.feed]) {
			ended = append(ended, n)
		}
		if n.seen != nil && !same {
			begun = append(begun, n)
		}
	}
	end := many{before: `WITH v(namespace_id, first_at, last_at) AS (`, types: []string{typeNumber, typeNumber, typeNumber},
		after: `) UPDATE coverage SET last_at = (SELECT v.last_at FROM v WHERE v.namespace_id = coverage.namespace_id AND v.first_at = coverage.first_at)
			WHERE (namespace_id, first_at) IN (SELECT namespace_id, first_at FROM v)`}
	err := end.exec(ctx, r.tx, len(ended), func(row int) []any {
		return []any{ended[row].id, ended[row].firstAt, ended[row].feed.lastAt}
	})
	if err != nil {
		return err
	}
	begin := many{before: `INSERT INTO coverage (namespace_id, feed_id, scope_id, first_at)`, types: []string{typeNumber, typeNumber, typeNumber, typeNumber}}
	return begin.exec(ctx, r.tx, len(begun), func(row int) []any {
		return []any{begun[row].id, feedID, r.scope, r.at}
	})
}
