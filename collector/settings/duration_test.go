package settings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDurationTakesDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"400d": 400 * day, "1d12h": 36 * time.Hour, "0d": 0, "0": 0, "36h": 36 * time.Hour, "1d90s": day + 90*time.Second, "10m": 10 * time.Minute,
		"106751d": 106751 * day,
	} {
		var d Duration
		require.NoError(t, d.UnmarshalText([]byte(text)), text)
		assert.Equal(t, want, time.Duration(d), text)
		again, err := ParseDuration(d.String())
		require.NoError(t, err, d.String())
		assert.Equal(t, want, again, text)
	}
	assert.Equal(t, "400d", Duration(400*day).String())
	for _, text := range []string{"", "d", "-1d", "1d-1h", "1.5d", "1d2", "1h2d", "400", "106752d", "106751d24h", "4294967296d", "1d+1h", "x", "1dd", "99999999999999999999d"} {
		_, err := ParseDuration(text)
		require.ErrorContains(t, err, "is not a time", text)
	}
}
