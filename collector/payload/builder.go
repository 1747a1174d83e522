package payload

import (
	"errors"
	"fmt"

	"stocktake/collector/inventory"
)

// Builder makes the bodies of one run. It is told of every pod, namespace by
// namespace, and of the end of every namespace, which may come once more after it
// has ended with a gap; then it is closed, and its bodies
// can be read until it is discarded. It is for one goroutine; the bodies are not.
type Builder struct {
	kind       Kind
	head       Head
	opts       Options
	layout     layout
	compressor *compressor
	index      map[string]int // of the namespaces to report, by name
	begun      []bool         // by namespace
	whole      []bool         // by namespace: it has ended without a gap
	tx         transaction
	accounts   []*account // in the order of their first namespace
	stats      Stats
	closed     bool
}

// errClosed is a mistake of the caller.
var errClosed = errors.New("payload: the bodies are closed")

// New returns a builder of bodies of one kind. It must be discarded.
func New(kind Kind, head Head, opts Options) (*Builder, error) {
	opts, err := opts.checked()
	if err != nil {
		return nil, err
	}
	b := &Builder{kind: kind, head: head, opts: opts}
	if b.layout, err = newLayout(kind, &b.head, &b.opts, &b.stats); err != nil {
		return nil, err
	}
	if b.layout.whole {
		b.opts, b.head.Route = b.opts.whole(), nil
	}
	if b.compressor, err = newCompressor(&spool{dir: opts.SpoolDir, limit: int64(opts.SpoolMemory)}); err != nil {
		return nil, err
	}
	b.tx = newTransaction(b.layout.arrays())
	b.takeNamespaces()
	if b.head.Route != nil {
		return b, nil
	}
	if _, err = b.account(""); err != nil { // there is a body even if there is no namespace
		b.Discard()
		return nil, err
	}
	return b, nil
}

// takeNamespaces makes the namespaces known that can be reported, each once.
func (b *Builder) takeNamespaces() {
	namespaces := b.head.Namespaces
	b.head.Namespaces = nil
	b.index = make(map[string]int, len(namespaces))
	b.AddNamespaces(namespaces)
}

// AddNamespaces makes more namespaces known, which were found while pods came. It is
// not for those of which pods came already.
func (b *Builder) AddNamespaces(namespaces []inventory.Namespace) {
	start := len(b.head.Namespaces)
	b.head.Namespaces = append(b.head.Namespaces, namespaces...)
	b.begun = append(b.begun, make([]bool, len(namespaces))...)
	b.whole = append(b.whole, make([]bool, len(namespaces))...)
	for i, ns := range namespaces {
		i += start
		if b.layout.uids && !isUID(ns.UID) {
			b.stats.leave(NamespaceWithoutUID, ns.Name)
			continue
		}
		if _, known := b.index[ns.Name]; !known {
			b.index[ns.Name] = i
		}
	}
}

// Pod takes one pod. Nothing of p but its strings is kept.
func (b *Builder) Pod(p *inventory.Pod) error {
	if err := b.begin(p.Namespace); err != nil {
		return err
	}
	b.tx.visited++
	switch {
	case b.tx.namespace == nil:
		b.tx.stats.leave(PodOfUnknownNamespace, p.Namespace, p.Name)
	case len(b.tx.accounts) == 0:
	case b.opts.IgnoreNotRunning && p.Phase != inventory.Running:
		b.tx.stats.leave(PodNotRunning, p.Namespace, p.Name)
	default:
		b.layout.encoder.pod(&b.tx, p)
		if err := b.layout.images.store(b.compressor); err != nil {
			return err
		}
		return b.settle()
	}
	return nil
}

// settle stores what the encoder wrote as far as it fills segments.
func (b *Builder) settle() error {
	for i := range b.tx.lists {
		if err := b.compressor.settle(&b.tx.lists[i].text); err != nil {
			return err
		}
	}
	return nil
}

// End takes the end of a namespace: all of its pods were seen, or, if there is a
// gap, they were not, and then nothing of the namespace is in any body.
func (b *Builder) End(namespace string, gap *inventory.Gap) error {
	if err := b.begin(namespace); err != nil {
		return err
	}
	b.tx.isOpen = false
	if gap != nil {
		b.drop()
		return nil
	}
	if i, known := b.index[namespace]; known {
		b.whole[i] = true
	}
	return b.commit()
}

// Close finishes the bodies, those of one account after the other. After a run
// that is not complete they report the namespaces that have ended without a gap,
// and no others.
func (b *Builder) Close(o inventory.Outcome) ([]*Body, error) {
	switch {
	case b.closed:
		return nil, errClosed
	case b.tx.isOpen && o.Complete:
		return nil, fmt.Errorf("payload: closed as complete before namespace %q has ended", b.tx.name)
	case b.tx.isOpen:
		b.drop()
	}
	if o.Complete || o.Listed {
		if err := b.endEmpty(); err != nil {
			return nil, err
		}
	}
	b.closed = true
	return b.finishAll(&o)
}

// endEmpty ends the namespaces that never began, in the order of the API.
func (b *Builder) endEmpty() error {
	for i, ns := range b.head.Namespaces {
		if first, known := b.index[ns.Name]; !known || first != i || b.begun[i] {
			continue
		}
		if err := b.End(ns.Name, nil); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) finishAll(o *inventory.Outcome) ([]*Body, error) {
	if b.layout.opening != nil {
		b.layout.frame[0] = b.layout.opening(o)
	}
	var bodies []*Body
	for _, a := range b.accounts {
		if err := b.addImages(a.open); err != nil {
			return nil, err
		}
		body, err := b.seal(a)
		if err != nil {
			return nil, err
		}
		a.open = nil
		bodies = append(append(bodies, a.bodies...), body)
	}
	return bodies, nil
}

// Stats returns the counts of what was taken so far; after Close, of all bodies.
func (b *Builder) Stats() Stats { return b.stats.sorted() }

// Left returns what was left out so far, by reason.
func (b *Builder) Left() []Left { return b.Stats().Left }

// Discard gives back the memory and the temporary file. The bodies cannot be read
// any more. It may be called at any time, and again.
func (b *Builder) Discard() {
	b.closed = true
	b.accounts, b.tx = nil, transaction{}
	b.compressor.spool.close()
}
