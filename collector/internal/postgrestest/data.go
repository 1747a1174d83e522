package postgrestest

import (
	"context"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"path/filepath"
	"strings"

	"stocktake/collector/internal/programs"
)

// prepare makes the data folder of a server: a copy of the one that an earlier test left
// in .ci/bin, else a new one, which is left there.
func (s *Server) prepare(ctx context.Context) error {
	kept, err := s.keptData(ctx)
	if err != nil {
		return err
	}
	if _, err := os.Stat(kept); err == nil {
		if err := copyData(kept, s.data()); err != nil {
			return err
		}
		return s.install.own(s.data())
	}
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(Password), 0o600); err != nil {
		return err
	}
	if err := s.install.own(s.dir); err != nil {
		return err
	}
	args := append(initArgs(), "--pgdata="+s.data(), "--pwfile="+password)
	if _, err := s.install.run(ctx, "initdb", args...); err != nil {
		return err
	}
	keep(s.data(), kept)
	return nil
}

// initArgs are how every data folder is made: small, and for connections with a password.
func initArgs() []string {
	return []string{
		"--no-sync", "--username=" + superuser, "--encoding=UTF8", "--no-locale", "--wal-segsize=1",
		"--auth-local=trust", "--auth-host=scram-sha-256",
	}
}

// keptData names the folder for this version of PostgreSQL, made in this way.
func (s *Server) keptData(ctx context.Context) (string, error) {
	version, err := s.install.run(ctx, "postgres", "--version") // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
	if err != nil {
		return "", err
	}
	fields := strings.Fields(version)
	if len(fields) < 3 {
		return "", fmt.Errorf("postgres --version: cannot read %q", version)
	}
	folder, err := programs.Folder()
	made := crc32.ChecksumIEEE([]byte(strings.Join(initArgs(), " ") + Password))
	return filepath.Join(folder, fmt.Sprintf("postgres-data-%s-%08x", fields[2], made)), err
}

// keep renames a whole copy into place. Of several tests one is the first, and where
// the folder cannot be written the next server just takes longer to start.
func keep(data, kept string) {
	fresh, err := os.MkdirTemp(filepath.Dir(kept), ".postgres-data-")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if copyData(data, filepath.Join(fresh, "data")) == nil {
		_ = os.Rename(filepath.Join(fresh, "data"), kept)
	}
}

func copyData(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return os.Chmod(to, 0o700) // PostgreSQL refuses a folder that others can read
}

// configure appends what makes the server ours, and then the caller's settings. Without
// fsync what a killed server wrote is still there: only a machine that fails would lose it.
func (s *Server) configure(settings []string) error {
	var text strings.Builder
	for _, setting := range append([]string{
		"listen_addresses = '127.0.0.1'",
		fmt.Sprintf("port = %d", s.port),
		"unix_socket_directories = '" + s.dir + "'",
		"fsync = off",
		"full_page_writes = off",
		"shared_buffers = '64MB'",
		"max_connections = 120",
		"autovacuum_naptime = '10min'", // nothing happens by itself while a test looks
	}, settings...) {
		fmt.Fprintln(&text, setting)
	}
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text.String()); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// freePort is free now; PostgreSQL cannot be asked to choose one itself.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
