package transport

import (
	"fmt"
	"net/http"
	"time"
)

// Verdict is what became of one step of a probe.
type Verdict string

// The verdicts of a probe.
const (
	Fine    Verdict = "ok"
	Doubt   Verdict = "warn"        // a run succeeds, and somebody should look into it
	Fault   Verdict = "fail"        // a run fails
	Unknown Verdict = "not checked" // because of a fault before, or because only a run tells
)

// Finding is what one step of a probe has learnt.
type Finding struct {
	Verdict Verdict
	Says    string // what it is about, in words without secrets
	Advice  string // the way out, if it is known
	Err     error  // of a fault: what a run would fail with
	Late    bool   // such a run would fail when it delivers, having read the cluster
}

// Clock is that of somebody, compared with the one here.
type Clock struct {
	Whose string // "the receiver"
	Known bool
	Ahead time.Duration // of the one here
	Doubt string        // what of theirs may then seem over, or not yet begun: "a certificate"
}

// ClockOf reads the clock of who sent an answer.
func ClockOf(header http.Header) Clock {
	then, err := http.ParseTime(header.Get("Date"))
	return Clock{Known: err == nil, Ahead: time.Until(then)}
}

// skewed is from when on a clock is wrong enough to be told of: logs no longer
// compare, and certificates and tokens that are new or old are refused.
const skewed = 30 * time.Second

// Finding tells of the clock.
func (c Clock) Finding() Finding {
	ahead := c.Ahead.Round(time.Second)
	switch {
	case !c.Known:
		return Finding{Verdict: Unknown, Says: "clock: " + c.Whose + " does not tell its time"}
	case ahead.Abs() <= skewed:
		return Finding{Verdict: Fine, Says: "clock: agrees with the one here"}
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	return Finding{
		Verdict: Doubt, Says: fmt.Sprintf("clock: %s %s the one here, which says %s", ahead.Abs(), way, time.Now().UTC().Format(time.RFC3339)),
		Advice: "have both set by NTP: " + c.Doubt + " may seem over, or not yet begun",
	}
}

// Brief is a duration for people.
func Brief(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// day is a date for people.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// days are some for people.
func days(d time.Duration) string {
	switch n := int(d.Hours() / 24); n {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}

// firstOf are the first n of a list that may be long.
func firstOf(all []string, n int) []string {
	if len(all) <= n {
		return all
	}
	return append(all[:n:n], "…")
}
