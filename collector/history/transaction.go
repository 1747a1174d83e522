package history

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"
)

// How often a transaction is tried again that was in the way of another, and how long that
// is waited for, at random up to twice as long.
const (
	retries   = 3
	retryWait = 50 * time.Millisecond
)

// write does something in a transaction, whole or not at all, and again where others were
// in the way.
func (s *Store) write(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	for attempt := 0; ; attempt++ {
		err := s.once(ctx, do)
		if err == nil || attempt == retries || ctx.Err() != nil || !s.engine.again(err) {
			return explained(ctx, err)
		}
		wait := time.NewTimer(retryWait<<attempt + rand.N(retryWait<<attempt)) //nolint:gosec // two that collided shall not do so again
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return explained(ctx, err)
		}
	}
}

func (s *Store) once(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// explained says what ended the context, where it did: drivers name its end in words of their own.
func explained(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	return err
}

// inTime bounds what a run is kept waiting.
func (s *Store) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.options.Timeout, fmt.Errorf("history.timeout has passed (%s)", s.options.Timeout))
}

// read does something in a transaction that sees one moment.
func (s *Store) read(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return explained(ctx, err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	return explained(ctx, do(ctx, tx))
}
