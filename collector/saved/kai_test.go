package saved

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// imagesSeen are the images that a visitor was shown.
type imagesSeen struct{ all []string }

func (s *imagesSeen) Pod(p *inventory.Pod) error {
	for i := range p.Containers {
		s.all = append(s.all, p.Namespace+"/"+p.Containers[i].Image.Ref.String())
	}
	return nil
}

func (s *imagesSeen) End(string, *inventory.Gap) error { return nil }

// KAI 0.1 wrote images as plain names.
func TestLoadReadsImagesThatArePlainNames(t *testing.T) {
	t.Parallel()
	var seen imagesSeen
	_, err := Load(strings.NewReader(`{"timestamp":"2020-10-01T00:00:00Z","results":[{"namespace":"a","images":["nginx:1.27","quay.io/x/y:1"]},{"namespace":"b","images":[]},{"namespace":"c","images":null}]}`), payload.Options{}, &seen)
	require.NoError(t, err)
	assert.Equal(t, []string{"a/docker.io/library/nginx:1.27", "a/quay.io/x/y:1"}, seen.all)
	_, err = Load(strings.NewReader(`{"results":[{"namespace":"a","images":["nginx",7]}]}`), payload.Options{}, &seen)
	require.ErrorIs(t, err, ErrSchema)
}

func TestLoadNamesUTF32(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "\uFEFF"} {
		for _, little := range []bool{true, false} {
			var file []byte
			for _, r := range mark + tinyKAI {
				b := []byte{byte(r), byte(r >> 8), byte(r >> 16), 0}
				if !little {
					b = []byte{0, byte(r >> 16), byte(r >> 8), byte(r)}
				}
				file = append(file, b...)
			}
			_, err := Load(strings.NewReader(string(file)), payload.Options{}, &imagesSeen{})
			require.ErrorIs(t, err, ErrSchema)
			assert.Contains(t, err.Error(), "UTF-32")
		}
	}
}
