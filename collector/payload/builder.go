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
	head       Head
	opts       Options
	layout     layout
	compressor *compressor
	namespaces namespaces
	tx         transaction
	bodies     bodies
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
	b := &Builder{head: head, opts: opts, namespaces: newNamespaces(len(head.Namespaces))}
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
	b.bodies = bodies{
		kind: kind, layout: &b.layout, compressor: b.compressor,
		maxNamespaces: b.opts.MaxNamespaces, maxBytes: b.opts.MaxBytes,
		single: b.head.Route == nil && !b.opts.splits(),
	}
	b.AddNamespaces(head.Namespaces)
	b.head.Namespaces = nil // they are kept with what becomes of them
	if b.head.Route != nil {
		return b, nil
	}
	if _, err = b.bodies.account(""); err != nil { // there is a body even if there is no namespace
		b.Discard()
		return nil, err
	}
	return b, nil
}

// newLayout returns the layout of a kind. What the layout has no use for is
// counted in left.
func newLayout(kind Kind, head *Head, opts *Options, left *Stats) (layout, error) {
	names := newNamer(opts)
	switch kind {
	case Anchore:
		return newAnchore(head, names, left), nil
	case KAI:
		return newKAI(head, names), nil
	case Stocktake:
		return newStocktake(head), nil
	default:
		return layout{}, fmt.Errorf("no body is of the kind %q", kind)
	}
}

// AddNamespaces makes more namespaces known, which were found while pods came. It is
// not for those of which pods came already. Of those of one name the first counts.
func (b *Builder) AddNamespaces(namespaces []inventory.Namespace) {
	for _, ns := range namespaces {
		if b.layout.uids && !isUID(ns.UID) {
			b.stats.leave(NamespaceWithoutUID, ns.Name)
			continue
		}
		b.namespaces.add(ns)
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
	if ns := b.namespaces.find(namespace); ns != nil {
		ns.whole = true
	}
	return b.commit()
}

// begin makes sure that the transaction is that of the namespace.
func (b *Builder) begin(namespace string) error {
	switch {
	case b.closed:
		return errClosed
	case b.tx.isOpen && b.tx.name == namespace:
		return nil
	case b.tx.isOpen:
		return fmt.Errorf("payload: namespace %q before namespace %q has ended", namespace, b.tx.name)
	}
	ns := b.namespaces.find(namespace)
	if ns != nil && ns.whole {
		return fmt.Errorf("payload: namespace %q after it has ended", namespace)
	}
	tx := &b.tx
	tx.reset()
	tx.ordinal++
	tx.isOpen, tx.name = true, namespace
	if ns != nil {
		ns.begun = true
		tx.namespace = &ns.Namespace
		tx.accounts = b.head.accounts(tx.namespace)
	}
	return nil
}

// drop gives up the namespace and the room that it took.
func (b *Builder) drop() {
	b.tx.isOpen = false
	b.tx.forget()
	b.layout.images.drop(b.compressor)
	for i := range b.tx.lists {
		b.compressor.drop(&b.tx.lists[i].text)
	}
}

// commit makes the namespace part of the bodies that it belongs to.
func (b *Builder) commit() error {
	tx := &b.tx
	defer b.stats.add(&tx.stats)
	switch {
	case tx.namespace == nil:
		return nil
	case tx.visited == 0 && b.opts.IgnoreEmpty:
		tx.stats.leave(NamespaceEmpty, tx.name)
		return nil
	case len(tx.accounts) == 0:
		tx.stats.leave(NamespaceWithoutAccount, tx.name)
		return nil
	}
	tx.stats.Namespaces = 1
	b.layout.encoder.end(tx)
	for _, name := range tx.accounts {
		if err := b.bodies.place(name, tx); err != nil {
			return err
		}
	}
	b.layout.images.commit()
	return nil
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
	return b.bodies.finishAll(&o)
}

// endEmpty ends the namespaces that never began, in the order of the API.
func (b *Builder) endEmpty() error {
	for i := range b.namespaces.all {
		if ns := &b.namespaces.all[i]; !ns.begun {
			if err := b.End(ns.Name, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// Stats returns the counts of what was taken so far; after Close, of all bodies.
func (b *Builder) Stats() Stats { return b.stats.sorted() }

// Left returns what was left out so far, by reason.
func (b *Builder) Left() []Left { return b.Stats().Left }

// Discard gives back the memory and the temporary file. The bodies cannot be read
// any more. It may be called at any time, and again.
func (b *Builder) Discard() {
	b.closed = true
	b.bodies.accounts, b.tx = nil, transaction{}
	b.compressor.spool.close()
}
