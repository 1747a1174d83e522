package payload

import (
	"cmp"
	"slices"
	"strings"

	"stocktake/collector/image"
)

// Stats are the counts of what is in the bodies of a run. A record in several
// bodies is counted once.
type Stats struct {
	Namespaces    int    `json:"namespaces"`
	Pods          int    `json:"pods"`
	Containers    int    `json:"containers"`     // uses of images; in the KAI body, image volumes too
	Images        int    `json:"images"`         // distinct names with distinct digests
	WithoutDigest int    `json:"without_digest"` // containers whose image has no known digest
	Invalid       int    `json:"invalid"`        // containers whose image is no valid reference
	Left          []Left `json:"left,omitempty"`
}

// leave counts a record that is left out. The parts of its name are joined only if
// it is among the few that are named.
func (s *Stats) leave(reason Reason, name ...string) {
	l := s.left(reason)
	l.Count++
	if len(l.Names) < maxNames {
		l.Names = append(l.Names, strings.Join(name, "/"))
	}
}

// left returns the entry of a reason, which it adds if there is none.
func (s *Stats) left(reason Reason) *Left {
	i := slices.IndexFunc(s.Left, func(l Left) bool { return l.Reason == reason })
	if i < 0 {
		i = len(s.Left)
		s.Left = append(s.Left, Left{Reason: reason})
	}
	return &s.Left[i]
}

// countImage counts the use of an image that is always reported.
func (s *Stats) countImage(img *image.Image, fresh bool) {
	s.Containers++
	if fresh {
		s.Images++
	}
	if img.Digest() == "" {
		s.WithoutDigest++
	}
	if img.Flags.Has(image.Invalid) {
		s.Invalid++
	}
}

// add adds the counts of a namespace to those of the run.
func (s *Stats) add(ns *Stats) {
	s.Namespaces += ns.Namespaces
	s.Pods += ns.Pods
	s.Containers += ns.Containers
	s.Images += ns.Images
	s.WithoutDigest += ns.WithoutDigest
	s.Invalid += ns.Invalid
	for _, from := range ns.Left {
		l := s.left(from.Reason)
		l.Count += from.Count
		l.Names = append(l.Names, from.Names[:min(len(from.Names), maxNames-len(l.Names))]...)
	}
}

// sorted returns a copy that later counting does not change, with the reasons in
// alphabetical order.
func (s *Stats) sorted() Stats {
	sorted := *s
	sorted.Left = slices.Clone(s.Left)
	for i := range sorted.Left {
		sorted.Left[i].Names = slices.Clone(sorted.Left[i].Names)
	}
	slices.SortFunc(sorted.Left, func(a, b Left) int { return cmp.Compare(a.Reason, b.Reason) })
	return sorted
}

// Brief returns the counts without the names of what was left out.
func (s Stats) Brief() Stats {
	s.Left = slices.Clone(s.Left)
	for i := range s.Left {
		s.Left[i].Names = nil
	}
	return s
}
