package payload

import (
	"fmt"
	"strconv"
	"strings"
)

// Bytes is an amount of memory. In settings it is a number with an optional
// binary unit: 16777216, 16384KiB and 16MiB are the same, and so is 16Mi, which is
// how Kubernetes writes it.
type Bytes int64

// UnmarshalText reads the form that settings have.
func (b *Bytes) UnmarshalText(text []byte) error {
	number, shift := splitUnit(strings.TrimSpace(string(text)))
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > (1<<63-1)>>shift {
		return fmt.Errorf("%q is not an amount of memory: use a number with KiB, MiB, GiB or nothing after it", text)
	}
	*b = Bytes(n << shift)
	return nil
}

// splitUnit cuts the unit off and returns the power of two for which it stands.
func splitUnit(s string) (number string, shift int) {
	s = strings.TrimSuffix(s, "B")
	for i, unit := range [...]string{"Ki", "Mi", "Gi"} {
		if number, found := strings.CutSuffix(s, unit); found {
			return number, 10 * (i + 1)
		}
	}
	return s, 0
}

// String returns the amount in the largest unit that divides it.
func (b Bytes) String() string {
	shift, unit := 0, ""
	for _, larger := range [...]string{"KiB", "MiB", "GiB"} {
		if b == 0 || b&(1<<(shift+10)-1) != 0 {
			break
		}
		shift, unit = shift+10, larger
	}
	return strconv.FormatInt(int64(b)>>shift, 10) + unit
}
