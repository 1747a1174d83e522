package transport

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetryAfterReadsSecondsAndDates(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	ahead := now.Add(time.Hour) // the receiver's clock is wrong
	tests := map[string]struct {
		value, date string
		want        time.Duration
	}{
		"none":        {"", "", 0},
		"seconds":     {"7", "", 7 * time.Second},
		"zero":        {"0", "", 0},
		"negative":    {"-1", "", 0},
		"huge":        {"99999999999999", "", 0},
		"years":       {"2147483647", "", LongestRetryAfter},
		"never":       {"Fri, 31 Dec 9999 23:59:59 GMT", "", LongestRetryAfter},
		"words":       {"soon", "", 0},
		"past":        {now.Add(-time.Minute).Format(http.TimeFormat), "", 0},
		"their clock": {ahead.Add(9 * time.Second).Format(http.TimeFormat), ahead.Format(http.TimeFormat), 9 * time.Second},
	}
	for name, test := range tests {
		h := http.Header{"Retry-After": {test.value}, "Date": {test.date}}
		assert.Equal(t, test.want, RetryAfter(h), name)
	}
	h := http.Header{"Retry-After": {now.Add(time.Minute).Format(http.TimeFormat)}}
	assert.InDelta(t, time.Minute, RetryAfter(h), float64(2*time.Second))
}

func TestPausesGrowToTheirCeiling(t *testing.T) {
	t.Parallel()
	p := RetryPolicy{First: 250 * time.Millisecond, Most: 30 * time.Second}
	for n, ceiling := range map[int]time.Duration{1: p.First, 2: 2 * p.First, 8: p.Most, 40: p.Most, 1000: p.Most} {
		var longest time.Duration
		for range 200 {
			longest = max(longest, p.pause(n, 0))
		}
		assert.LessOrEqual(t, longest, ceiling)
		assert.Greater(t, longest, ceiling/2)
		assert.GreaterOrEqual(t, p.pause(n, time.Minute), time.Minute)
	}
}

// FuzzRetryAfter reads what a receiver says about when to come back. However far
// that is, the pause is one that can be waited for.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "7", "-1", "4294967296", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Friday, 03-May-24 12:34:13 GMT"} {
		f.Add(s, "Fri, 03 May 2024 12:34:13 GMT")
		f.Add(s, "")
	}
	p := RetryPolicy{First: 250 * time.Millisecond, Most: 30 * time.Second}
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{}
		h.Set("Retry-After", value)
		h.Set("Date", date)
		asked := RetryAfter(h)
		require.GreaterOrEqual(t, asked, time.Duration(0))
		require.GreaterOrEqual(t, p.pause(40, asked), asked, "the pause overflows")
	})
}
