// Package postgrestest runs a real PostgreSQL for tests: a server of its own on loopback,
// with its own port, socket and data, that nobody else's database is near.
//
// What a database does with a deadlock, a lost connection or text that is not UTF-8
// cannot be made up, so nothing here is. Tests reach a server as stocktake does: by TCP,
// with a password, as a role that owns a database and is no superuser.
//
// The programs are those of the system: the newest of Debian's /usr/lib/postgresql, or
// initdb, pg_ctl and psql on PATH. .ci/postgres installs them. Where they are missing the
// test fails and says so; nothing is skipped. A fresh data folder costs a second of CPU,
// so the first one is kept in .ci/bin, and later servers start with a copy of it.
//
// A server ends with the test, or the package's tests, that started it, and also when
// their process is killed: a shell beside it waits for that on a pipe.
package postgrestest
