package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// errMissing is the whole way out: nobody should have to look for it.
var errMissing = errors.New("PostgreSQL is not here: run .ci/postgres, or apt-get install postgresql, " +
	"or put initdb, pg_ctl and psql on PATH")

// installation is the programs of one PostgreSQL, and whom they run as: it refuses to run as root.
type installation struct {
	bin string
	as  *syscall.Credential // nil: as ourselves
}

// findInstallation takes the newest of the packages below a folder, or what is on PATH.
func findInstallation(debian string) (installation, error) {
	i := installation{bin: newestOfDebian(debian)}
	if i.bin == "" {
		initdb, err := exec.LookPath("initdb")
		if err != nil {
			return i, errMissing
		}
		i.bin = filepath.Dir(initdb)
	}
	for _, name := range []string{"initdb", "pg_ctl", "postgres", "psql"} {
		if _, err := exec.LookPath(filepath.Join(i.bin, name)); err != nil {
			return i, fmt.Errorf("%w (%s has no %s)", errMissing, i.bin, name)
		}
	}
	if os.Geteuid() != 0 {
		return i, nil
	}
	var err error
	i.as, err = ordinaryUser()
	return i, err
}

// newestOfDebian returns a folder like /usr/lib/postgresql/15/bin, or nothing.
func newestOfDebian(top string) string {
	found, _ := filepath.Glob(filepath.Join(top, "*", "bin", "initdb"))
	version := func(initdb string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
		return n
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }))
}

func ordinaryUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: run the tests as another user")
}

// own gives a folder and all in it to whoever runs the programs.
func (i installation) own(dir string) error {
	if i.as == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(i.as.Uid), int(i.as.Gid))
	})
}

// command does not take along the variables by which a developer's own server is found.
func (i installation) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "PGCONNECT_TIMEOUT=10"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: i.as, Setpgid: true} // no Ctrl-C: the end is in order
	return cmd
}

// run runs one of PostgreSQL's programs to its end.
func (i installation) run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := i.command(ctx, filepath.Join(i.bin, name), args...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(append(out, failed.Bytes()...)))
	}
	return string(bytes.TrimSpace(out)), nil
}
