package collector

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const gib = 1 << 30

// cgroupRoot is what a container sees below /sys/fs/cgroup.
func cgroupRoot(t *testing.T, files map[string]string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return os.DirFS(dir)
}

func TestMemoryLimitIsThatOfTheContainer(t *testing.T) {
	const v1, v2 = "memory/memory.limit_in_bytes", "memory.max"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64 // 0: there is none
	}{
		"version 2":                  {map[string]string{v2: "1073741824\n"}, gib},
		"version 2 without a limit":  {map[string]string{v2: "max\n"}, 0},
		"version 1":                  {map[string]string{v1: "1073741824\n"}, gib},
		"version 1 without a limit":  {map[string]string{v1: "9223372036854771712\n"}, 0},
		"version 1, pages of 64 KiB": {map[string]string{v1: "9223372036854710272\n"}, 0},
		"both":                       {map[string]string{v2: "1073741824\n", v1: "2147483648\n"}, gib},
		"no group":                   {nil, 0},
		"nothing in it":              {map[string]string{v2: ""}, 0},
		"negative":                   {map[string]string{v1: "-1\n"}, 0},
		"no number":                  {map[string]string{v2: "1g\n"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			limit, ok := MemoryLimit(cgroupRoot(t, c.files))
			assert.Equal(t, c.want != 0, ok)
			if ok {
				assert.Equal(t, c.want, limit)
			}
		})
	}
}

func TestGarbageCollectorIsToldOfTheLimitUnlessGOMEMLIMITIsSet(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	limited := cgroupRoot(t, map[string]string{"memory.max": "1000000000\n"})
	for name, c := range map[string]struct {
		root    fs.FS
		environ []string
		want    int64
	}{
		"a limit":             {limited, nil, 900_000_000},
		"a limit, and empty":  {limited, []string{"GOMEMLIMIT="}, 900_000_000},
		"a limit, and theirs": {limited, []string{"GOMEMLIMIT=64MiB"}, math.MaxInt64},
		"a limit, and off":    {limited, []string{"GOMEMLIMIT=off"}, math.MaxInt64},
		"no limit":            {cgroupRoot(t, nil), nil, math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			debug.SetMemoryLimit(math.MaxInt64)
			limitMemory(c.root, c.environ)
			assert.Equal(t, c.want, debug.SetMemoryLimit(-1))
		})
	}
}
