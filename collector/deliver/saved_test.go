package deliver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/saved"
	"stocktake/collector/transport"
)

// A body that was printed or written to a file and is sent later arrives as the
// one that was sent at once.
func TestSavedBodyArrivesAsTheDirectOne(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
		direct := newBody(t, kind, 50)
		folder := t.TempDir()
		printed, err := os.Create(filepath.Join(folder, "printed.json"))
		require.NoError(t, err)
		require.NoError(t, Print(printed, direct))
		require.NoError(t, printed.Close())
		written := filepath.Join(folder, "written.json.gz")
		f, err := NewFile(FileOptions{Path: written, Kind: string(kind), Compression: auto})
		require.NoError(t, err)
		_, err = f.Deliver(t.Context(), direct)
		require.NoError(t, err)

		r, url := anchoretest.Start(t, anchoretest.Options{API: anchoretest.V1})
		version := map[payload.Kind]string{payload.Anchore: apiV1, payload.KAI: apiKAI}[kind]
		c := newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = version })
		_, err = c.deliver(direct)
		require.NoError(t, err)
		for _, path := range []string{printed.Name(), written} {
			_, err = c.deliver(readSaved(t, path))
			require.NoError(t, err)
		}
		all := r.Accepted()
		require.Len(t, all, 3)
		assert.Equal(t, string(all[0].Body), string(all[1].Body))
		assert.Equal(t, string(all[0].Body), string(all[2].Body))
		assert.Equal(t, transport.Gzip, all[1].Encoding)
	}
}

func readSaved(t *testing.T, path string) *payload.Body {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	bodies, discard, err := saved.Bodies(file, payload.Options{SpoolDir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(discard)
	require.Len(t, bodies, 1)
	return bodies[0]
}
