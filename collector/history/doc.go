// Package history remembers which images were seen, where, and from when to when.
//
// # Sightings are intervals
//
// A run does not leave a snapshot: it writes what is new and what is gone, and a run in
// which nothing changed is one row. A sighting says of an image at a place (a container of
// a workload of a namespace; no pods, which come and go) what four times know:
//
//	after_at  not seen, the last time that was looked at before; NULL: nobody had looked
//	first_at  seen
//	last_at   seen, the last time
//	gone_at   not seen any more, and why says what that means
//
// So it is in each row how uncertain it is: the image came between after_at and first_at,
// and went between last_at and gone_at. A sighting is open while gone_at is NULL. Nothing
// is rewritten to say that it is still there; when it was seen last, coverage says.
//
// An image that comes back to a place within history.join reopens its interval and counts
// an absence: the pods of a CronJob are there in some runs and not in others.
//
// # Coverage: what a "no" is worth
//
// A feed is a series of runs that select the same namespaces of a cluster. A row of coverage
// says that each run of a feed read a namespace in full, from first_at to last_at, or to
// the last_at of the feed where that is NULL. A namespace has at most one such open row. An open
// sighting was seen last when its namespace was: COALESCE(coverage.last_at, feed.last_at) of
// the newest row. If that row is closed, the namespace is not read any more (a gap, or it
// is not selected), and all that is known is that the sighting was open then.
//
// A feed takes the place of those that had read one of its namespaces: when the
// selection changes, the coverage of the old feed ends, and what only that one read stays
// open and unread. Feeds without a namespace in common go on side by side.
//
// A scope is the settings that decide what of a namespace is seen (pods that do not run, say).
// Runs of one scope tell for certain that something is gone. The first run in
// another scope tells nothing of what it does not see: it closes that as no longer covered, which is no
// removal.
//
// # Runs
//
// A run is recorded whole or not at all, in one transaction that holds the lock of its
// cluster. One that began before the last one that was recorded is late, and leaves a row
// and nothing else. The times of a cluster only grow, whatever the clock does; what it
// said is in the row of the run.
//
// # Two engines
//
// SQLite, where history.url is a path, and PostgreSQL take the same statements. SQLite is used with a
// rollback journal and never with a write-ahead log, which network file systems
// break. Of SQLite a run brings the schema up to date by itself, after a copy; of PostgreSQL only
// Migrate does.
package history
