package objects

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
)

// Collection takes the objects of a run and makes the bodies.
type Collection struct {
	plan    *Plan
	writers []*payload.ObjectWriter // one for each kind of body
	types   []*typeSink             // all that were asked for, in their order
	owners  *owners                 // nil unless somebody wants them
	uid     clusterUID
	matches func(namespace string) bool

	releases []ReleaseRecord
	gaps     []inventory.Gap // that are not those of types
	warnings []string        // of the releases of Helm
}

// Open opens the bodies of a run for the types that were chosen. Objects of namespaces that
// do not match are left out; nil is all of them. What the collection holds is given back by
// Discard.
func (p *Plan) Open(head payload.Head, spooling payload.Options, chosen Choices, matches func(namespace string) bool) (*Collection, error) {
	c := &Collection{plan: p, matches: matches}
	if p.options.Owners || slices.Contains(p.kinds, payload.Infralight) {
		c.owners = &owners{}
	}
	err := c.open(head, spooling, chosen)
	if err != nil {
		c.Discard()
		return nil, err
	}
	return c, nil
}

func (c *Collection) open(head payload.Head, spooling payload.Options, chosen Choices) error {
	for _, kind := range c.plan.kinds {
		w, err := payload.NewObjectWriter(kind, head, c.plan.chunks, spooling)
		if err != nil {
			return err
		}
		c.writers = append(c.writers, w)
	}
	for _, choice := range chosen.Types {
		t := &typeSink{choice: choice, matches: c.matches, owners: c.owners}
		if choice.Resource == kube.Namespaces() {
			t.uid = &c.uid
		}
		if choice.State == objecttype.Chosen {
			t.filter = c.plan.filter(choice.Resource, chosen)
		}
		if err := t.open(c.writers); err != nil {
			return err
		}
		c.types = append(c.types, t)
	}
	return nil
}

// Discard gives back what the collection holds. It may be nil.
func (c *Collection) Discard() {
	if c == nil {
		return
	}
	for _, w := range c.writers {
		w.Discard()
	}
}

// Wants are the types that are read. Of nil they are none.
func (c *Collection) Wants() (wants []kube.Want) {
	if c == nil {
		return nil
	}
	for _, t := range c.types {
		if t.filter != nil {
			wants = append(wants, kube.Want{Resource: t.choice.Resource, Form: t.form(), Sink: t})
		}
	}
	return wants
}

// missing is why the objects may not be delivered: a type is forbidden or cannot be read, and
// the settings do not allow that.
func (c *Collection) missing() error {
	for _, t := range c.types {
		if err := t.fails(c.plan); err != nil {
			return err
		}
	}
	return nil
}

// Lacks is why a run with a plan would deliver nothing of the collection: all types that may
// not be listed in one error, or else the first that cannot be read.
func (c *Collection) Lacks(p *Plan) error {
	var lacks []kube.Right
	for _, t := range c.types {
		if t.state() == payload.Forbidden && !p.options.SkipForbidden {
			lacks = append(lacks, kube.Right{Verb: "list", Group: t.choice.Group, Resource: t.choice.Plural})
		}
	}
	if len(lacks) > 0 {
		return forbidden(fmt.Errorf("%w: %s may not be listed", kube.ErrRefused, namesOf(lacks)), lacks)
	}
	for _, t := range c.types {
		if err := t.fails(p); err != nil {
			return err
		}
	}
	return nil
}

// Bodies are what came of a collection.
type Bodies struct {
	Of    map[payload.Kind][]*payload.Body
	Types []payload.TypeRecord
	Gaps  []inventory.Gap // what is missing and may be
	// Owners are known with objects.owners, and where Infralight is a receiver.
	Owners   iter.Seq[payload.OwnerRecord]
	Releases []ReleaseRecord
	// Warnings say what is odd about the releases of Helm.
	Warnings []string

	read inventory.Listing // of all types together
}

// Close ends the bodies, unless something is missing that may not be. The cluster is known by
// the UID, or if that is empty by the namespaces among the objects.
func (c *Collection) Close(uid string) (Bodies, error) {
	b := Bodies{Of: map[payload.Kind][]*payload.Body{}, Gaps: c.gaps, Warnings: c.warnings}
	if err := c.missing(); err != nil {
		return b, err
	}
	for _, t := range c.types {
		if t.state().Missing() {
			b.Gaps = append(b.Gaps, inventory.Gap{Source: t.choice.FullName(), Reason: t.cause().Error(), Cause: t.cause()})
		}
		b.read.Pages += t.listing.Pages
		b.read.Requests += t.listing.Requests
		b.read.Bytes += t.listing.Bytes
		if err := t.close(); err != nil {
			return b, err
		}
	}
	b.Owners, b.Releases = c.owners.records(), c.releases
	if c.plan.options.Owners {
		if err := write(b.Owners, c.writers); err != nil {
			return b, err
		}
	}
	for i, w := range c.writers {
		bodies, err := w.Close(c.uid.or(uid), time.Now())
		if err != nil {
			return b, err
		}
		b.Of[c.plan.kinds[i]], b.Types = bodies, w.Types()
	}
	return b, nil
}

// maxWarnings is how many are told of one run.
const maxWarnings = 20

func (c *Collection) warn(format string, args ...any) {
	if len(c.warnings) < maxWarnings {
		c.warnings = append(c.warnings, plaintext.Flat(fmt.Sprintf(format, args...)))
	}
}

// Counts are those of whole objects, as the summary of a run tells them.
type Counts struct {
	Types   map[payload.TypeState]int `json:"types"` // by what became of them
	Objects int                       `json:"objects"`
	Masked  int                       `json:"masked_strings"`
	Bodies  int                       `json:"bodies"` // of one kind
	Pages   int                       `json:"pages"`
	// Requests are more than pages where some were asked for again. Pods, nodes and
	// namespaces are among them also where the inventory was made of the same.
	Requests int   `json:"page_requests"`
	Bytes    int64 `json:"bytes_read"`
}

// Counts counts the types and their objects.
func (b Bodies) Counts(of payload.Kind) *Counts {
	c := &Counts{Types: map[payload.TypeState]int{}, Bodies: len(b.Of[of]), Pages: b.read.Pages, Requests: b.read.Requests, Bytes: b.read.Bytes}
	for _, t := range b.Types {
		c.Types[t.State]++
		c.Objects += t.Objects
		c.Masked += t.Redacted.Masked
	}
	return c
}

// Source is the cluster that types are read from.
type Source struct {
	Cluster *kube.Cluster
	Scope   kube.Scope
	// Names are the namespaces of the scope, for a server that lists in an order of its own:
	// it is then asked namespace by namespace.
	Names func(context.Context) ([]string, error)
}
