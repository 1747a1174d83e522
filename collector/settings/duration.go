package settings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time that may be given in days too: 400d, 1d12h, 36h.
type Duration time.Duration

// UnmarshalText reads the form that settings have.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(read)
	return nil
}

// String writes whole days as such.
func (d Duration) String() string {
	const day = Duration(24 * time.Hour)
	if d != 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return time.Duration(d).String()
}

// ParseDuration reads what time.ParseDuration does, with days of 24 hours before all other
// units. It is never negative.
func ParseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is not a time: write it with a unit, for example 30d, 36h or 10m", text)
	days, rest, has := strings.Cut(text, "d")
	if !has {
		days, rest = "0", text
	}
	if rest == "" && has {
		rest = "0"
	}
	number, err := strconv.ParseUint(days, 10, 31)
	if err != nil || number > uint64(math.MaxInt64/(24*time.Hour)) {
		return 0, wrong
	}
	d, err := time.ParseDuration(rest)
	whole := time.Duration(number) * 24 * time.Hour
	if err != nil || d < 0 || whole+d < whole || strings.HasPrefix(rest, "+") {
		return 0, wrong
	}
	return whole + d, nil
}
