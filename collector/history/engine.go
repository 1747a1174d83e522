package history

import (
	"context"
	"database/sql"
)

// Mode is what a store is opened for.
type Mode int

// The modes. Only Writing makes a file, and brings its schema up to date.
const (
	Reading Mode = iota
	Writing
)

// engine is what differs between the databases.
type engine struct {
	name string // for people
	// steps bring the schema from one version to the next, from an empty database on.
	steps []string
	// script goes before the arguments of a statement that is several.
	script []any
	// lock makes a transaction that writes wait for others; empty: beginning it does.
	lock string
	// probe fails in a transaction of somebody who may not write; empty: beginning it does.
	probe string
	// hasMeta counts the tables called meta, hasOthers all of them.
	hasMeta, hasOthers string
	// size is the space that the history takes, in bytes.
	size string
	// again reports whether a transaction that ended with an error may work when repeated.
	again func(error) bool
	// save makes a copy before the schema is changed, inside the transaction, and
	// returns what is to be done after it. Nil: there is none.
	save func(ctx context.Context, version int) (func(), error)
	// optimize is said before a connection that wrote is closed, if anything.
	optimize string
	// vacuum gives back the space of what was deleted, if the engine does not by itself.
	vacuum string
}

// querier is a connection or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
