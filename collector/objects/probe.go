package objects

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/objecttype"
	"stocktake/collector/payload"
	"stocktake/collector/wire"
)

// Prospect is what can be told of a collection from the first few objects of each list.
type Prospect struct {
	Warnings  []string // of the choice of types
	Types     int      // of which a list was answered
	Lists     int      // that the run asks for: of types, by namespaces where these are named
	Asked     int      // of which so many were asked for a few objects
	Objects   int64    // about as many as there are in those
	Uncounted []string // types of which the server does not tell how many there are
	Sent      int64    // bytes that these make, before compression
	Bodies    int64    // of one kind
	Lasts     time.Duration
	Fails     []error         // what a run would end with
	Gaps      []inventory.Gap // what it would do without
	Server    kube.Sample     // of the first list that was answered
}

// Bounds of a probe, and what it goes by.
const (
	// maxProbes is how many lists are asked for. A few objects each are nothing to a server,
	// and thousands of requests something to whoever waits.
	maxProbes = 200
	// bytesPerSecond is how fast whole objects are read and redacted: 181 MB took 5 s and 10 s
	// on two cores that also ran the API server and much else.
	bytesPerSecond = 20 << 20
	// lineBytes is what a body adds to each object.
	lineBytes = int64(len(`{"record":"object","object":}`) + 1)
)

// Probe finds out what a run would find: which lists the server refuses or cannot answer, as
// where a conversion webhook is down, and about how many objects there are. It asks for a few
// objects of each list, in the form in which a run reads them.
func (p *Plan) Probe(ctx context.Context, c *kube.Cluster, s kube.Scope, chosen Choices) Prospect {
	all := p.probes(s, chosen)
	found := Prospect{Warnings: chosen.Warnings, Lists: len(all)}
	asked := all[:min(len(all), maxProbes)]
	began := time.Now()
	todo := make(chan *probe, len(asked))
	for _, one := range asked {
		todo <- one
	}
	close(todo)
	var workers sync.WaitGroup
	for range min(p.options.Workers, len(asked)) {
		workers.Go(func() {
			for one := range todo {
				if ctx.Err() == nil {
					one.err = kube.Caught(func() error { return one.ask(ctx, c) })
					one.over = true
				}
			}
		})
	}
	workers.Wait()
	found.judge(p, chosen, asked)
	found.measure(p, asked, time.Since(began))
	return found
}

// probe is a list that is asked for a few objects.
type probe struct {
	*typeSink

	namespace string
	aside     bool // it is read for the releases of Helm alone
	sample    kube.Sample
	objects   int64 // of the sample
	bytes     int64 // of these in a body
}

// probes are all lists of a run, those of the largest types first.
func (p *Plan) probes(s kube.Scope, chosen Choices) (all []*probe) {
	namespaces := []string{""}
	if s.ByName {
		namespaces = s.Namespaces
	}
	add := func(choice objecttype.Choice, aside bool) {
		for _, namespace := range namespaces {
			sink := &typeSink{choice: choice, filter: p.filter(choice.Resource, chosen)}
			all = append(all, &probe{typeSink: sink, namespace: namespace, aside: aside})
		}
	}
	for _, choice := range chosen.Types {
		if choice.State == objecttype.Chosen {
			add(choice, false)
		}
	}
	for _, store := range p.options.helmResources() {
		if !slices.Contains(chosen.Resources(), store) {
			add(objecttype.Choice{ObjectType: kube.ObjectType{Resource: store}, State: objecttype.Chosen}, true)
		}
	}
	slices.SortStableFunc(all, func(a, b *probe) int { return cmp.Compare(rank(a.choice.Resource), rank(b.choice.Resource)) })
	return all
}

func (p *probe) ask(ctx context.Context, c *kube.Cluster) (err error) {
	form := p.form()
	if p.aside {
		form = kube.Metadata
	}
	p.sample, err = c.First(ctx, kube.Want{Resource: p.choice.Resource, Form: form, Sink: p}, p.namespace)
	p.gone = kube.IsNotFound(err)
	return cmp.Or(err, p.odd)
}

// Object implements kube.Sink: it is redacted as in a run, and forgotten.
func (p *probe) Object(o *wire.Object) error {
	if err := p.typeSink.Object(o); err != nil || p.odd != nil {
		return err
	}
	p.objects++
	p.bytes += int64(len(p.line)) + lineBytes
	return nil
}

// judge tells what a run would end with, or do without.
func (f *Prospect) judge(p *Plan, chosen Choices, asked []*probe) {
	for _, choice := range chosen.Types {
		if choice.State == objecttype.Unavailable {
			choice.Cause = fmt.Errorf("%s: %w", choice.FullName(), choice.Cause)
			f.add(&typeSink{choice: choice}, p)
		}
	}
	var lacks []kube.Right
	for _, one := range asked {
		switch {
		case !one.over:
		case one.state() == payload.Forbidden && !p.options.SkipForbidden:
			lacks = append(lacks, kube.Right{Verb: "list", Group: one.choice.Group, Resource: one.choice.Plural, Namespace: one.namespace})
		default:
			f.add(one.typeSink, p)
		}
	}
	if len(lacks) > 0 {
		f.Fails = append(f.Fails, forbidden(fmt.Errorf("%w: %s may not be listed", kube.ErrRefused, namesOf(lacks)), lacks))
	}
}

func (f *Prospect) add(t *typeSink, p *Plan) {
	if err := t.fails(p); err != nil {
		f.Fails = append(f.Fails, err)
	} else if t.state().Missing() {
		f.Gaps = append(f.Gaps, inventory.Gap{Source: t.choice.FullName(), Reason: t.cause().Error(), Cause: t.cause()})
	}
}

// measure adds up what the samples tell.
func (f *Prospect) measure(p *Plan, asked []*probe, took time.Duration) {
	var read, pages int64
	types := map[kube.Resource]bool{}
	for _, one := range asked {
		if !one.over {
			continue
		}
		f.Asked++
		if one.err != nil || one.aside {
			continue
		}
		if f.Server.Clock.IsZero() {
			f.Server = one.sample
		}
		if one.sample.Uncounted && !slices.Contains(f.Uncounted, one.choice.FullName()) {
			f.Uncounted = append(f.Uncounted, one.choice.FullName())
		}
		types[one.choice.Resource] = true
		f.Objects += one.sample.Objects
		f.Sent += one.bytes / max(1, one.objects) * one.sample.Objects
		whole := one.sample.Bytes * one.sample.Objects
		read += whole
		pages += 1 + whole/int64(max(1, p.options.PageBytes))
	}
	f.Types = len(types)
	f.Bodies = 1 + f.Sent/int64(max(1, p.chunks.ChunkBytes))
	if f.Asked > 0 {
		f.Lasts = took/time.Duration(f.Asked)*time.Duration(pages) + time.Duration(float64(read)/bytesPerSecond*float64(time.Second))
	}
}
