package postgrestest

import (
	"context"
	"crypto/rand"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Database makes an empty database and returns its postgres:// URL, with a password. It
// is dropped after the test, whoever is still connected.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	s.SQL(t, s.url(Role, superuser), "CREATE DATABASE "+name+" OWNER "+Role+" TEMPLATE template0")
	t.Cleanup(func() {
		if s.running() { // a test that stopped its own server is done with it
			s.SQL(t, s.url(Role, superuser), "DROP DATABASE "+name+" WITH (FORCE)")
		}
	})
	return s.url(Role, name)
}

// ReadOnly makes a role that may look at every table of a database, and change none, and
// returns the database's URL for it.
func (s *Server) ReadOnly(t testing.TB, database string) string {
	t.Helper()
	name := nameOf(t, database)
	role := "reader_" + name
	s.SQL(t, database, "CREATE ROLE "+role+" LOGIN PASSWORD '"+Password+"' IN ROLE pg_read_all_data")
	t.Cleanup(func() {
		if s.running() {
			s.SQL(t, s.url(Role, superuser), "DROP ROLE "+role)
		}
	})
	return s.url(role, name)
}

// SQL runs statements on a database as a superuser and returns what they print: a line a
// row, columns separated by bars.
func (s *Server) SQL(t testing.TB, database, statements string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), startTimeout)
	defer cancel()
	out, err := s.sql(ctx, nameOf(t, database), statements)
	require.NoError(t, err)
	return out
}

// url has the URL's own words escaped, as a user must write them.
func (s *Server) url(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, Password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database}
	return u.String()
}

func nameOf(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	return strings.TrimPrefix(u.Path, "/")
}
