package payload

import "fmt"

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
	i, known := b.index[namespace]
	if known && b.whole[i] {
		return fmt.Errorf("payload: namespace %q after it has ended", namespace)
	}
	tx := &b.tx
	tx.reset()
	tx.ordinal++
	tx.isOpen, tx.name, tx.mark = true, namespace, b.compressor.spool.mark()
	if known {
		b.begun[i] = true
		tx.namespace = &b.head.Namespaces[i]
		tx.accounts = b.head.accounts(tx.namespace)
	}
	return nil
}

// drop gives up the namespace and the room that it took.
func (b *Builder) drop() {
	b.tx.isOpen = false
	b.tx.forget()
	b.layout.images.drop()
	b.compressor.spool.rollback(b.tx.mark)
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
		a, err := b.account(name)
		if err != nil {
			return err
		}
		if err := b.place(a); err != nil {
			return err
		}
	}
	b.layout.images.commit()
	return nil
}
