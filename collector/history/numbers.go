package history

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// Kinds of digests.
const (
	digestRegistry = "registry"
	digestConfig   = "config"
)

// findNamespaces makes the namespaces known that were read.
func (r *recording) findNamespaces(ctx context.Context) error {
	var fresh []*namespace
	for _, n := range r.spaces {
		if n.id == 0 && n.seen != nil {
			fresh = append(fresh, n)
		}
	}
	slices.SortFunc(fresh, func(a, b *namespace) int { return cmp.Compare(a.name, b.name) })
	m := many{before: `INSERT INTO namespace (cluster_id, name)`, types: []string{typeNumber, typeText}, after: ` RETURNING id, name`}
	return m.query(ctx, r.tx, len(fresh), func(row int) []any { return []any{r.cluster, fresh[row].name} }, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		if n := r.spaces[name]; n != nil {
			n.id = id
		}
		return err
	})
}

// text is a text of the run.
func (r *recording) text(number uint32) string { return r.seen.texts.all[number] }

// findPlaces makes places known, and their ids.
func (r *recording) findPlaces(ctx context.Context, ids []int64, fresh []uint32) error {
	all := r.seen.places.all
	key := func(n uint32) []any {
		p := all[n]
		derived := 0
		if p.derived {
			derived = 1
		}
		return []any{r.spaces[r.text(p.namespace)].id, r.text(p.workloadKind), r.text(p.workload), derived, r.text(p.containerKind), r.text(p.container)}
	}
	types := []string{typeNumber, typeText, typeText, typeNumber, typeText, typeText}
	insert := many{before: `INSERT INTO place (namespace_id, workload_kind, workload, derived, container_kind, container)`, types: types,
		after: ` ON CONFLICT (namespace_id, workload_kind, workload, derived, container_kind, container) DO NOTHING`}
	if err := insert.exec(ctx, r.tx, len(fresh), func(row int) []any { return key(fresh[row]) }); err != nil {
		return err
	}
	find := many{before: `WITH v(number, namespace_id, workload_kind, workload, derived, container_kind, container) AS (`, types: append([]string{typeNumber}, types...),
		after: `) SELECT v.number, p.id FROM v CROSS JOIN place p WHERE p.namespace_id = v.namespace_id AND p.workload_kind = v.workload_kind AND p.workload = v.workload
			AND p.derived = v.derived AND p.container_kind = v.container_kind AND p.container = v.container`}
	return find.query(ctx, r.tx, len(fresh), func(row int) []any { return append([]any{int64(fresh[row])}, key(fresh[row])...) }, takeIDs(ids))
}

// findImages makes images known, and their ids. All clusters share them, and lock them in one order.
func (r *recording) findImages(ctx context.Context, ids []int64, fresh []uint32) error {
	key := func(n uint32) []any {
		p := r.seen.images.all[n]
		return []any{r.text(p.digest), r.seen.name(p), r.text(p.tag)}
	}
	slices.SortFunc(fresh, func(a, b uint32) int {
		for i, x := range key(a) {
			if order := cmp.Compare(x.(string), key(b)[i].(string)); order != 0 {
				return order
			}
		}
		return 0
	})
	types := []string{typeText, typeText, typeText}
	insert := many{before: `INSERT INTO image (digest, name, tag, digest_kind)`, types: append(types, typeText), after: ` ON CONFLICT (digest, name, tag) DO NOTHING`}
	if err := insert.exec(ctx, r.tx, len(fresh), func(row int) []any { return append(key(fresh[row]), r.digestKind(fresh[row])) }); err != nil {
		return err
	}
	find := many{before: `WITH v(number, digest, name, tag) AS (`, types: append([]string{typeNumber}, types...),
		after: `) SELECT v.number, i.id FROM v CROSS JOIN image i WHERE i.digest = v.digest AND i.name = v.name AND i.tag = v.tag`}
	return find.query(ctx, r.tx, len(fresh), func(row int) []any { return append([]any{int64(fresh[row])}, key(fresh[row])...) }, takeIDs(ids))
}

func (r *recording) digestKind(n uint32) string {
	switch p := r.seen.images.all[n]; {
	case p.digest == 0:
		return ""
	case p.config:
		return digestConfig
	}
	return digestRegistry
}

// takeIDs takes rows of a number and an id.
func takeIDs(ids []int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var number, id int64
		err := rows.Scan(&number, &id)
		if err == nil {
			ids[number] = id
		}
		return err
	}
}
