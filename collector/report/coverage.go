package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/plaintext"
)

// Coverage is what an answer of the history is worth. The names of its JSON are an interface.
type Coverage struct {
	Clusters []ClusterCoverage `json:"clusters"`
}

// ClusterCoverage is what was looked at of a cluster, and what was not.
type ClusterCoverage struct {
	Cluster   string            `json:"cluster"`
	Since     Instant           `json:"since"`         // the first run that is remembered
	Last      Instant           `json:"last_read"`     // the last one that saw anything
	Whole     Instant           `json:"last_complete"` // the last one that read all it was to read
	Forgotten bool              `json:"forgotten"`     // it is not expected to be read again
	Gaps      []inventory.Gap   `json:"gaps"`          // of the last run
	Unread    []UnreadNamespace `json:"not_read"`
}

// UnreadNamespace is a namespace that is not read any more, and may hold what was seen
// there.
type UnreadNamespace struct {
	Namespace string  `json:"namespace"`
	Last      Instant `json:"last_read"`
}

// someNames is how many gaps a sentence names.
const someNames = 3

// Sentence says in one line what was looked at: "2 clusters looked at, since 2026-01-03 09:00; the
// oldest reading is 3 hours old (edge); not read any more: prod/shop".
func (c Coverage) Sentence(now time.Time) string {
	if len(c.Clusters) == 0 {
		return "nothing looked at: the history holds no cluster"
	}
	var since, oldest *ClusterCoverage
	var missing, forgotten []string
	for i := range c.Clusters {
		one := &c.Clusters[i]
		if since == nil || one.Since.After(since.Since.Time) {
			since = one
		}
		if one.Forgotten {
			forgotten = append(forgotten, one.Cluster)
		} else if oldest == nil || one.Last.Before(oldest.Last.Time) {
			oldest = one
		}
		missing = append(missing, one.missing()...)
	}
	words := count(len(c.Clusters), "cluster") + " looked at"
	if !since.Since.IsZero() {
		words += ", since " + since.Since.shown()
		if len(c.Clusters) > 1 {
			words += " or earlier"
		}
	}
	if oldest != nil {
		words += "; the oldest reading is " + oldest.age(now)
	}
	if len(forgotten) > 0 {
		words += "; not expected any more: " + plaintext.Some(forgotten, someNames)
	}
	if len(missing) > 0 {
		words += "; not read: " + plaintext.Some(missing, someNames)
	}

	return words
}

// age is how old a reading is, and of which cluster.
func (c *ClusterCoverage) age(now time.Time) string {
	if c.Last.IsZero() {
		return "none at all (" + c.Cluster + ")"
	}

	return Age(now.Sub(c.Last.Time)) + " old (" + c.Cluster + ")"
}

// missing names what the last run did not read, and what is not read any more.
func (c *ClusterCoverage) missing() []string {
	var words []string
	for _, ns := range c.Unread {
		words = append(words, c.Cluster+"/"+ns.Namespace+" since "+ns.Last.shown())
	}
	for _, gap := range c.Gaps {
		words = append(words, fmt.Sprintf("%s of %s (%s)", gap.Source, c.Cluster, strings.ReplaceAll(gap.Reason, "\n", " ")))
	}

	return words
}

// Age is a length of time as people say it.
func Age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour")
	}

	return count(int(d.Hours()/24), "day")
}

// HistoryCluster is how far the history knows a cluster. The names of its JSON are an
// interface.
type HistoryCluster struct {
	Cluster    string          `json:"cluster"`
	Since      Instant         `json:"since"`
	Read       Instant         `json:"last_read"` // the last run that saw anything
	Tried      Instant         `json:"last_run"`  // whatever came of it
	State      string          `json:"last_state"`
	Namespaces int             `json:"namespaces"` // that are read
	Unread     int             `json:"not_read"`   // that are not any more, and may hold what was seen there
	Gaps       []inventory.Gap `json:"gaps"`       // of the last run
	Skew       float64         `json:"clock_ahead_seconds"`
	Forgotten  bool            `json:"forgotten"`
}

// HistoryAbout is what a history is like.
type HistoryAbout struct {
	Engine string `json:"engine"`
	Schema int    `json:"schema"`
	Bytes  int64  `json:"bytes"`
	Runs   int    `json:"runs"` // that are remembered
}

// Sentence says it in one line.
func (a HistoryAbout) Sentence() string {
	return fmt.Sprintf("%s, schema %d, %.1f MB, %s remembered", a.Engine, a.Schema, float64(a.Bytes)/1e6, count(a.Runs, "run"))
}

// OfHistory is a view of the clusters that a history knows, one row for each.
func OfHistory(all []HistoryCluster, about HistoryAbout) *View {
	v := &View{
		size:   len(all),
		object: func(row int) any { return &all[row] },
		name:   func(row int) string { return all[row].Cluster },
		record: []field{
			{"cluster", func(i int) string { return all[i].Cluster }},
			{"since", func(i int) string { return all[i].Since.record() }},
			{"last_read", func(i int) string { return all[i].Read.record() }},
			{"last_run", func(i int) string { return all[i].Tried.record() }},
			{"last_state", func(i int) string { return all[i].State }},
			{"namespaces", func(i int) string { return strconv.Itoa(all[i].Namespaces) }},
			{"not_read", func(i int) string { return strconv.Itoa(all[i].Unread) }},
			{"gaps", func(i int) string { return joined(gapSources(all[i].Gaps)) }},
			{"clock_ahead_seconds", func(i int) string { return strconv.FormatFloat(all[i].Skew, 'f', -1, 64) }},
			{"forgotten", func(i int) string { return strconv.FormatBool(all[i].Forgotten) }},
		},
		total: about.Sentence(),
	}
	v.columns, v.wide = historyColumns(all, Instant.shown), historyColumns(all, Instant.whole)
	v.wide = append(v.wide, list("GAPS", func(i int) []string { return gapSources(all[i].Gaps) }))

	return v
}

func historyColumns(all []HistoryCluster, at func(Instant) string) []column {
	return []column{
		text("CLUSTER", func(i int) string { return all[i].Cluster }).shrinking(30, 12),
		text("SINCE", func(i int) string { return at(all[i].Since) }).onlyFrom(70),
		text("LAST READ", func(i int) string { return at(all[i].Read) }),
		text("LAST RUN", func(i int) string { return at(all[i].Tried) }).onlyFrom(90),
		text("STATE", func(i int) string { return all[i].state() }).coloured(func(i int) colour { return all[i].colour() }),
		number("NAMESPACES", func(i int) int { return all[i].Namespaces }).onlyFrom(60),
		number("NOT READ", func(i int) int { return all[i].Unread }).onlyFrom(50),
	}
}

func (c *HistoryCluster) state() string {
	if c.Forgotten {
		return "forgotten"
	}

	return c.State
}

func (c *HistoryCluster) colour() colour {
	if c.Forgotten || c.State == "complete" {
		return plain
	}

	return yellow
}

func gapSources(gaps []inventory.Gap) []string {
	sources := make([]string, len(gaps))
	for i, gap := range gaps {
		sources[i] = strings.ReplaceAll(gap.Source, "\n", " ")
	}

	return sources
}
