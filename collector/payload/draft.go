package payload

import "slices"

// draft is a body that namespaces are still joined to.
type draft struct {
	lists      []list
	hasNode    []bool // by node
	namespaces []string
	pods       int
	containers int
}

// account is whom bodies go to: those that are finished, and the one that grows.
type account struct {
	name   string
	bodies []*Body
	draft  *draft
}

// account returns the account of a name, which it opens if need be.
func (b *Builder) account(name string) (*account, error) {
	i := slices.IndexFunc(b.accounts, func(a *account) bool { return a.name == name })
	if i >= 0 {
		return b.accounts[i], nil
	}
	d, err := b.newDraft()
	if err != nil {
		return nil, err
	}
	a := &account{name: name, draft: d}
	b.accounts = append(b.accounts, a)
	return a, nil
}

// newDraft returns a body without namespaces. When it is sure to be the only body
// of the run it lists all nodes; otherwise each node comes with the first
// namespace that refers to it.
func (b *Builder) newDraft() (*draft, error) {
	d := &draft{lists: make([]list, b.layout.arrays())}
	nodes := b.layout.nodes
	if nodes == nil {
		return d, nil
	}
	d.hasNode = make([]bool, len(nodes.all))
	if b.head.Route != nil || b.opts.splits() {
		return d, nil
	}
	for i := range nodes.all {
		b.addNode(&d.lists[nodes.array], i)
		d.hasNode[i] = true
		if err := b.press.settle(&d.lists[nodes.array].text); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (b *Builder) addNode(l *list, node int) {
	l.next()
	l.tail = b.layout.nodes.append(l.tail, b.layout.nodes.all[node])
}

// addImages lists the images that were numbered.
func (b *Builder) addImages(d *draft) error {
	images := b.layout.images
	if images == nil {
		return nil
	}
	l := &d.lists[images.array]
	for i := range images.all {
		l.next()
		if err := b.addImage(l, &images.all[i]); err != nil {
			return err
		}
		if err := b.press.settle(&l.text); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) addImage(l *list, used *usedImage) error {
	if used.stored == nil {
		l.tail = appendImageText(l.tail, used.image)
	} else {
		if err := b.press.join(&l.text, used.stored); err != nil {
			return err
		}
		l.tail = append(l.tail, endOfFlags...)
	}
	l.tail = append(appendUses(l.tail, used.uses), '}')
	return nil
}

// place joins the namespace of the transaction to the body of an account, or to a
// new body if that one has no room for it.
func (b *Builder) place(a *account) error {
	b.bringNodes(a.draft)
	if !b.fits(a.draft) {
		if err := b.finish(a); err != nil {
			return err
		}
		b.bringNodes(a.draft)
	}
	return b.join(a.draft)
}

// bringNodes puts the nodes into the transaction that its namespace refers to and
// the draft does not list.
func (b *Builder) bringNodes(d *draft) {
	if b.layout.nodes == nil {
		return
	}
	l := &b.tx.lists[b.layout.nodes.array]
	l.reset()
	for _, node := range b.tx.nodes {
		if !d.hasNode[node] {
			b.addNode(l, node)
		}
	}
}

// fits reports whether the draft stays within the limits. A draft that is empty
// takes anything, because a namespace is never split.
func (b *Builder) fits(d *draft) bool {
	count := len(d.namespaces)
	if count == 0 {
		return true
	}
	if b.opts.MaxNamespaces > 0 && count >= b.opts.MaxNamespaces {
		return false
	}
	return b.opts.MaxBytes == 0 || b.sizeWith(d) <= b.opts.MaxBytes
}

// sizeWith returns the bytes of JSON that the draft has after the namespace of the
// transaction was joined to it.
func (b *Builder) sizeWith(d *draft) int64 {
	size := b.layout.frameSize()
	for i := range d.lists {
		size += d.lists[i].sizeWith(&b.tx.lists[i])
	}
	return size
}

func (b *Builder) join(d *draft) error {
	for i := range d.lists {
		if err := b.press.joinList(&d.lists[i], &b.tx.lists[i]); err != nil {
			return err
		}
	}
	for _, node := range b.tx.nodes {
		d.hasNode[node] = true
	}
	d.namespaces = append(d.namespaces, b.tx.name)
	d.pods += b.tx.stats.Pods
	d.containers += b.tx.stats.Containers
	return nil
}

// finish makes the draft of an account a body, and starts a new draft.
func (b *Builder) finish(a *account) error {
	body, err := b.seal(a)
	if err != nil {
		return err
	}
	a.bodies = append(a.bodies, body)
	a.draft, err = b.newDraft()
	return err
}

// seal puts the frame around the arrays of a draft.
func (b *Builder) seal(a *account) (*Body, error) {
	var whole text
	for i, part := range b.layout.frame {
		whole.tail = append(whole.tail, part...)
		if i == len(a.draft.lists) {
			break
		}
		if err := b.press.join(&whole, &a.draft.lists[i].text); err != nil {
			return nil, err
		}
	}
	if err := b.press.seal(&whole); err != nil {
		return nil, err
	}
	return b.newBody(a, whole.sealed), nil
}
