package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Stored is an image of a namespace that a receiver holds, or should.
type Stored struct {
	Status    StoredStatus `json:"status,omitempty"` // empty unless it was compared with what was sent
	Account   string       `json:"account"`
	Namespace string       `json:"namespace"`
	Image     string       `json:"image_tag"`    // as it was reported
	Digest    string       `json:"image_digest"` // empty if none was reported
	Context   string       `json:"context"`      // cluster/namespace
	Type      string       `json:"inventory_type"`
	Created   string       `json:"created_at,omitempty"`
	Updated   string       `json:"last_updated,omitempty"`
	Seen      string       `json:"last_seen,omitempty"`
}

// StoredStatus says how an image compares with what was sent.
type StoredStatus string

// The statuses, in the order in which they are listed. Extra is nothing bad: a
// receiver keeps what it once knew for as long as it is told to.
const (
	Missing StoredStatus = "missing" // sent, and not there
	Extra   StoredStatus = "extra"   // there, and not sent
	Present StoredStatus = "stored"  // sent, and there
)

func storedStatuses() []StoredStatus { return []StoredStatus{Missing, Extra, Present} }

// OfStored is a view of what a receiver holds, one row for each image of a
// namespace, with the titles that anchorectl has for them. What is missing comes
// first.
func OfStored(all []Stored) *View {
	slices.SortFunc(all, func(a, b Stored) int {
		return cmp.Or(
			cmp.Compare(slices.Index(storedStatuses(), a.Status), slices.Index(storedStatuses(), b.Status)),
			strings.Compare(a.Namespace, b.Namespace),
			strings.Compare(a.Image, b.Image),
			strings.Compare(a.Digest, b.Digest),
			strings.Compare(a.Account, b.Account),
		)
	})
	v := &View{
		size:   len(all),
		object: func(row int) any { return &all[row] },
		name:   func(row int) string { return all[row].Image },
		total:  storedTotal(all),
	}
	v.columns, v.wide = storedColumns(all, shortHash), storedColumns(all, whole)
	if slices.ContainsFunc(all, func(h Stored) bool { return h.Status != "" }) {
		status := text("STATUS", func(i int) string { return string(all[i].Status) }).coloured(func(i int) colour { return all[i].colour() })
		v.columns, v.wide = append([]column{status}, v.columns...), append([]column{status}, v.wide...)
	}
	v.wide = append(v.wide,
		text("INVENTORY TYPE", func(i int) string { return all[i].Type }),
		text("ACCOUNT", func(i int) string { return all[i].Account }))

	return v
}

func storedColumns(all []Stored, hash func(string) string) []column {
	return []column{
		text("IMAGE TAG", func(i int) string { return all[i].Image }).shrinking(36, 18),
		text("IMAGE DIGEST", func(i int) string { return hash(all[i].Digest) }).coloured(always(dim)).onlyFrom(76),
		text("CONTEXT", func(i int) string { return all[i].Context }).shrinking(28, 14),
		text("LAST SEEN AT", func(i int) string { return all[i].Seen }).onlyFrom(110),
	}
}

func (h *Stored) colour() colour {
	if h.Status == Missing {
		return red
	}

	return plain
}

func storedTotal(all []Stored) string {
	counts := map[StoredStatus]int{}
	for i := range all {
		counts[all[i].Status]++
	}
	if counts[""] == len(all) {
		return count(len(all), "image")
	}
	words := make([]string, 0, len(storedStatuses()))
	for _, status := range storedStatuses() {
		words = append(words, fmt.Sprintf("%s %s", thousands(counts[status]), status))
	}

	return strings.Join(words, ", ")
}
