package moment_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/moment"
)

// berlin changed its clocks on 2026-03-29 and 2026-10-25.
func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return zone
}

func TestParse(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	now := time.Date(2026, 10, 28, 9, 30, 0, 0, zone) // a Wednesday
	for text, want := range map[string][2]string{
		"now":                       {"2026-10-28T09:30:00+01:00"},
		"today":                     {"2026-10-28T00:00:00+01:00", "2026-10-29T00:00:00+01:00"},
		"yesterday":                 {"2026-10-27T00:00:00+01:00", "2026-10-28T00:00:00+01:00"},
		" Yesterday ":               {"2026-10-27T00:00:00+01:00", "2026-10-28T00:00:00+01:00"},
		"tuesday":                   {"2026-10-27T00:00:00+01:00", "2026-10-28T00:00:00+01:00"},
		"Mon":                       {"2026-10-26T00:00:00+01:00", "2026-10-27T00:00:00+01:00"},
		"sunday":                    {"2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"}, // 25 hours
		"wednesday":                 {"2026-10-21T00:00:00+02:00", "2026-10-22T00:00:00+02:00"},
		"thu":                       {"2026-10-22T00:00:00+02:00", "2026-10-23T00:00:00+02:00"},
		"36h":                       {"2026-10-26T21:30:00+01:00"},
		"90m":                       {"2026-10-28T08:00:00+01:00"},
		"0s":                        {"2026-10-28T09:30:00+01:00"},
		"7d":                        {"2026-10-21T09:30:00+02:00"}, // 169 hours, the same time of the day
		"2w":                        {"2026-10-14T09:30:00+02:00"},
		"1w1d1h30m":                 {"2026-10-20T08:00:00+02:00"},
		"2026-03-29":                {"2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"}, // 23 hours
		"2026-11-01T15:04:05Z":      {"2026-11-01T15:04:05Z"},
		"2026-11-01t15:04:05.25z":   {"2026-11-01T15:04:05.25Z"},
		"2026-11-01T15:04+02:00":    {"2026-11-01T15:04:00+02:00"},
		"2026-11-01T15:04:05":       {"2026-11-01T15:04:05+01:00"},
		"2026-07-01T15:04":          {"2026-07-01T15:04:00+02:00"},
		"2026-07-01 15:04":          {"2026-07-01T15:04:00+02:00"},
		"2026-07-01 15:04:05":       {"2026-07-01T15:04:05+02:00"},
		"2026-07-01T15:04:05-09:30": {"2026-07-01T15:04:05-09:30"},
	} {
		m, err := moment.Parse(text, now)
		require.NoError(t, err, text)
		if want[1] == "" {
			want[1] = want[0]
		}
		assert.Equal(t, want, [2]string{m.Start.Format(time.RFC3339Nano), m.End.Format(time.RFC3339Nano)}, text)
	}
}

func TestParseNamesTheValueAndTheWayOut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "d", "w", "7", "7x", "-7d", "7d-1h", "d7", "1d1w", "yesterdy", "mo", "2026-13-01", "2026-02-30", "01.11.2026", "2026-11-01T25:00", "live", "a.json", "+5h", "1e3h",
	} {
		_, err := moment.Parse(text, time.Now())
		require.ErrorIs(t, err, moment.ErrInvalid, text)
		require.ErrorContains(t, err, "\""+text+"\": write now, today, yesterday, a weekday (monday)", text)
	}
	for _, text := range []string{"99999999999d", "60000d", "9999w", "900000h"} {
		_, err := moment.Parse(text, time.Now())
		require.ErrorIs(t, err, moment.ErrInvalid, text)
		require.ErrorContains(t, err, text+"\": it is more than 36525 days ago: give a date")
	}
}

// FuzzParse holds that a moment is a span in the right direction, of a day at most, that
// what lies back lies back, and that its ends, written out, are read as what they are.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"now", "tuesday", "36h", "1w2d3h", "2026-11-01", "2026-11-01T15:04:05Z", "2026-11-01 15:04"} {
		f.Add(seed, int64(1_790_000_000))
	}
	zone := berlin(f)
	f.Fuzz(func(t *testing.T, text string, at int64) {
		now := time.Unix(at%4_000_000_000, 0).In(zone)
		m, err := moment.Parse(text, now)
		if err != nil {
			require.ErrorIs(t, err, moment.ErrInvalid)
			return
		}
		require.False(t, m.End.Before(m.Start))
		require.LessOrEqual(t, m.End.Sub(m.Start), 25*time.Hour)
		for _, end := range []time.Time{m.Start, m.End} {
			if end.Year() < 0 || end.Year() > 9999 {
				continue // which has no such form
			}
			again, err := moment.Parse(end.UTC().Format(time.RFC3339Nano), now)
			require.NoError(t, err)
			require.True(t, again.Start.Equal(end) && again.End.Equal(end), "%s: %s", text, end)
		}
	})
}
