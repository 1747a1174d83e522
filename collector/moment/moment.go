// Package moment makes times of the words that people have for them: yesterday, 7d,
// 2026-11-01.
//
// A word means a span. That of a day is from its first instant to that of the next day,
// in the time zone of the machine; that of an instant is empty. So --since yesterday
// begins with its start and --until yesterday takes it along, and the cluster as of
// yesterday is what the last reading of yesterday saw.
package moment

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrInvalid marks a text that is no moment.
var ErrInvalid = errors.New("not a moment")

const wanted = "write now, today, yesterday, a weekday (monday), how long ago (36h, 7d, 2w), " +
	"a date (2026-11-01), or a time (2026-11-01T15:04, 2026-11-01T15:04:05Z)"

// Moment is a span of time that somebody named. Both ends are the same for an instant.
type Moment struct {
	Start time.Time
	End   time.Time // not in it
}

// Parse reads what somebody wrote at the time now, whose zone is that of days and of
// times without a zone. A weekday is the last one before today.
func Parse(text string, now time.Time) (Moment, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	switch word {
	case "now":
		return instant(now), nil
	case "today":
		return day(now, 0), nil
	case "yesterday":
		return day(now, -1), nil
	}
	if weekday, ok := weekdayOf(word); ok {
		return day(now, -1-int(6+now.Weekday()-weekday)%7), nil
	}
	if m, ok := ofCalendar(strings.TrimSpace(text), now.Location()); ok {
		return m, nil
	}
	if ago, err := ago(word, now); err == nil {
		return instant(ago), nil
	} else if !errors.Is(err, errNoLength) {
		return Moment{}, fmt.Errorf("%w: %q: %w", ErrInvalid, text, err)
	}
	return Moment{}, fmt.Errorf("%w: %q: %s", ErrInvalid, text, wanted)
}

func instant(t time.Time) Moment { return Moment{Start: t, End: t} }

// day is the day that lies so many days from that of now. Days have 23 or 25 hours
// where clocks are set.
func day(now time.Time, days int) Moment {
	y, m, d := now.Date()
	return Moment{
		Start: time.Date(y, m, d+days, 0, 0, 0, 0, now.Location()),
		End:   time.Date(y, m, d+days+1, 0, 0, 0, 0, now.Location()),
	}
}

// weekdayOf knows the English names and their first three letters.
func weekdayOf(word string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if word == name || word == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// ofCalendar reads dates and times, those without a zone in the given one.
func ofCalendar(text string, zone *time.Location) (Moment, bool) {
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day(t, 0), true
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04",
	} {
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), zone); err == nil {
			return instant(t), true
		}
	}
	return Moment{}, false
}

var errNoLength = errors.New("no length of time")

// maxDays keeps what is reckoned back within what clocks and databases know.
const maxDays = 36525

// ago reads 7d, 2w, 36h or 1d12h. A day ago is the same time of the day before.
func ago(word string, now time.Time) (time.Time, error) {
	days, rest := 0, word
	for _, unit := range []struct {
		letter string
		days   int
	}{{"w", 7}, {"d", 1}} {
		digits, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 16)
		if errors.Is(err, strconv.ErrRange) {
			return now, fmt.Errorf("it is more than %d days ago: give a date", maxDays)
		}
		if err != nil {
			return now, errNoLength
		}
		days, rest = days+int(n)*unit.days, after
	}
	var hours time.Duration
	if rest != "" {
		var err error
		if hours, err = time.ParseDuration(rest); err != nil || strings.ContainsAny(rest, "+-") {
			return now, errNoLength
		}
	} else if rest == word {
		return now, errNoLength
	}
	if days+int(hours.Hours()/24) > maxDays {
		return now, fmt.Errorf("it is more than %d days ago: give a date", maxDays)
	}
	return now.AddDate(0, 0, -days).Add(-hours), nil
}
