package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Sighting is an image at a place, from when to when, as the history tells it. The names of
// its JSON are an interface.
type Sighting struct {
	Spot
	Pictured
	After    Instant `json:"after"` // it was looked for and not there, the last time before
	First    Instant `json:"first_seen"`
	Last     Instant `json:"last_seen"`
	Gone     Instant `json:"gone"` // it was looked for and not there any more
	State    string  `json:"state"`
	Why      string  `json:"why,omitempty"` // it is closed
	Absences int     `json:"absences"`      // times that it was gone and came back
}

// OfSightings is a view of where images were seen, one row for each sighting. The total is
// what the caller has to say of all of them.
func OfSightings(all []Sighting, total string) *View {
	slices.SortFunc(all, func(a, b Sighting) int {
		return cmp.Or(
			CompareSpots(a.Spot, b.Spot), a.First.Compare(b.First.Time), strings.Compare(a.Name, b.Name), strings.Compare(a.Tag, b.Tag),
			strings.Compare(a.hash(), b.hash()),
		)
	})

	return &View{
		size:   len(all),
		object: func(row int) any { return &all[row] },
		name:   func(row int) string { return all[row].reference() },
		record: append(spotRecord(func(i int) *Spot { return &all[i].Spot }, func(i int) *Pictured { return &all[i].Pictured }), []field{
			{"after", func(i int) string { return all[i].After.record() }},
			{"first_seen", func(i int) string { return all[i].First.record() }},
			{"last_seen", func(i int) string { return all[i].Last.record() }},
			{"gone", func(i int) string { return all[i].Gone.record() }},
			{"state", func(i int) string { return all[i].State }},
			{"why", func(i int) string { return all[i].Why }},
			{"absences", func(i int) string { return strconv.Itoa(all[i].Absences) }},
		}...),
		columns: sightingColumns(all),
		wide:    wideSightingColumns(all),
		total:   total,
	}
}

func spotRecord(spot func(row int) *Spot, image func(row int) *Pictured) []field {
	return []field{
		{"cluster", func(i int) string { return spot(i).Cluster }},
		{"namespace", func(i int) string { return spot(i).Namespace }},
		{"workload", func(i int) string { return spot(i).Workload }},
		{"container", func(i int) string { return spot(i).Container }},
		{"container_kind", func(i int) string { return spot(i).Kind }},
		{"name", func(i int) string { return image(i).Name }},
		{"tag", func(i int) string { return image(i).Tag }},
		{"digest", func(i int) string { return image(i).Digest }},
		{"config_id", func(i int) string { return image(i).ConfigID }},
	}
}

func sightingColumns(all []Sighting) []column {
	return []column{
		text("CLUSTER", func(i int) string { return all[i].Cluster }).shrinking(12, 7),
		text("NAMESPACE", func(i int) string { return all[i].Namespace }).shrinking(16, 8),
		text("WORKLOAD", func(i int) string { return all[i].Workload }).shrinking(26, 11).onlyFrom(60),
		text("CONTAINER", func(i int) string { return all[i].Container }).shrinking(14, 8).onlyFrom(150),
		text("IMAGE", func(i int) string { return all[i].reference() }).shrinking(30, 14).onlyFrom(96),
		digest(func(i int) string { return shortHash(all[i].hash()) }).shrinking(12, 7).onlyFrom(120),
		text("FIRST", func(i int) string { return all[i].First.shown() }).onlyFrom(78),
		text("LAST", func(i int) string { return all[i].Last.shown() }),
		text("STATE", func(i int) string { return all[i].State }).coloured(func(i int) colour { return presenceColour(all[i].State) }),
	}
}

func wideSightingColumns(all []Sighting) []column {
	return []column{
		text("CLUSTER", func(i int) string { return all[i].Cluster }),
		text("NAMESPACE", func(i int) string { return all[i].Namespace }),
		text("WORKLOAD", func(i int) string { return all[i].Workload }),
		text("CONTAINER", func(i int) string { return all[i].Container }),
		text("KIND", func(i int) string { return all[i].Kind }),
		text("IMAGE", func(i int) string { return all[i].reference() }),
		digest(func(i int) string { return all[i].hash() }),
		text("NOT BEFORE", func(i int) string { return all[i].After.whole() }),
		text("FIRST", func(i int) string { return all[i].First.whole() }),
		text("LAST", func(i int) string { return all[i].Last.whole() }),
		text("GONE", func(i int) string { return all[i].Gone.whole() }),
		number("ABSENCES", func(i int) int { return all[i].Absences }),
		text("STATE", func(i int) string { return all[i].State }).coloured(func(i int) colour { return presenceColour(all[i].State) }),
	}
}

// presenceColour marks what is there, and what nobody knows.
func presenceColour(state string) colour {
	switch state {
	case "now", "intermittent":
		return green
	case "gone":
		return dim
	}

	return yellow
}

// SeenChange is what became of an image at a place, as the history tells it. The names of
// its JSON are an interface.
type SeenChange struct {
	At     Instant `json:"at"`
	Before Instant `json:"before"` // it was seen otherwise, the last time
	Kind   string  `json:"change"`
	Spot
	Pictured
	Was    string `json:"was"` // the digest or config id before, where the tag stayed
	Why    string `json:"why,omitempty"`
	Urgent bool   `json:"-"` // nobody sees it in the tag
}

// OfSeenChanges is a view of what changed, one row for each change, in the order in
// which they come. The total is what the caller has to say of all of them.
func OfSeenChanges(all []SeenChange, total string) *View {
	return &View{
		size:   len(all),
		object: func(row int) any { return &all[row] },
		name:   func(row int) string { return all[row].reference() },
		record: append([]field{
			{"at", func(i int) string { return all[i].At.record() }},
			{"before", func(i int) string { return all[i].Before.record() }},
			{"change", func(i int) string { return all[i].Kind }},
		}, append(spotRecord(func(i int) *Spot { return &all[i].Spot }, func(i int) *Pictured { return &all[i].Pictured }),
			field{"was", func(i int) string { return all[i].Was }},
			field{"why", func(i int) string { return all[i].Why }})...),
		columns: seenChangeColumns(all, false),
		wide:    seenChangeColumns(all, true),
		total:   total,
	}
}

func seenChangeColumns(all []SeenChange, wide bool) []column {
	at, hash := Instant.shown, shortHash
	if wide {
		at, hash = Instant.whole, whole
	}
	columns := []column{
		text("AT", func(i int) string { return at(all[i].At) }),
		text("CHANGE", func(i int) string { return all[i].Kind }).coloured(func(i int) colour { return all[i].colour() }),
		text("CLUSTER", func(i int) string { return all[i].Cluster }).shrinking(12, 7).onlyFrom(100),
		text("NAMESPACE", func(i int) string { return all[i].Namespace }).shrinking(16, 8),
		text("WORKLOAD", func(i int) string { return all[i].Workload }).shrinking(26, 11).onlyFrom(90),
		text("CONTAINER", func(i int) string { return all[i].Container }).shrinking(14, 8).onlyFrom(150),
		text("IMAGE", func(i int) string { return all[i].reference() }).shrinking(32, 16).onlyFrom(60),
		text("OLD", func(i int) string { return hash(all[i].Was) }).shrinking(12, 7).onlyFrom(120),
		text("NEW", func(i int) string { return hash(all[i].hash()) }).shrinking(12, 7).onlyFrom(110),
	}
	if wide {
		columns = append(columns,
			text("BEFORE", func(i int) string { return all[i].Before.whole() }),
			text("WHY", func(i int) string { return all[i].Why }))
	}

	return columns
}

func (c *SeenChange) colour() colour {
	switch {
	case c.Urgent:
		return red
	case c.Kind == "not-read":
		return yellow
	}

	return plain
}
