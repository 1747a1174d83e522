package payload

import "slices"

// openBody is a body that namespaces are still joined to.
type openBody struct {
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
	open   *openBody
}

// account returns the account of a name, which it opens if need be.
func (b *Builder) account(name string) (*account, error) {
	i := slices.IndexFunc(b.accounts, func(a *account) bool { return a.name == name })
	if i >= 0 {
		return b.accounts[i], nil
	}
	d, err := b.newOpenBody()
	if err != nil {
		return nil, err
	}
	a := &account{name: name, open: d}
	b.accounts = append(b.accounts, a)
	return a, nil
}

// newOpenBody returns a body without namespaces. When it is sure to be the only body
// of the run it lists all nodes; otherwise each node comes with the first
// namespace that refers to it.
func (b *Builder) newOpenBody() (*openBody, error) {
	d := &openBody{lists: make([]list, b.layout.arrays())}
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
		if err := b.compressor.settle(&d.lists[nodes.array].text); err != nil {
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
func (b *Builder) addImages(d *openBody) error {
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
		if err := b.compressor.settle(&l.text); err != nil {
			return err
		}
	}
	return nil
}

func (b *Builder) addImage(l *list, used *usedImage) error {
	if used.stored == nil {
		l.tail = appendImageText(l.tail, used.image)
	} else {
		if err := b.compressor.join(&l.text, used.stored); err != nil {
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
	b.bringNodes(a.open)
	if !b.fits(a.open) {
		if err := b.finish(a); err != nil {
			return err
		}
		b.bringNodes(a.open)
	}
	return b.join(a.open)
}

// bringNodes puts the nodes into the transaction that its namespace refers to and
// the open body does not list.
func (b *Builder) bringNodes(d *openBody) {
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

// fits reports whether the open body stays within the limits. One that is empty
// takes anything, because a namespace is never split.
func (b *Builder) fits(d *openBody) bool {
	count := len(d.namespaces)
	if count == 0 {
		return true
	}
	if b.opts.MaxNamespaces > 0 && count >= b.opts.MaxNamespaces {
		return false
	}
	return b.opts.MaxBytes == 0 || b.sizeWith(d) <= b.opts.MaxBytes
}

// sizeWith returns the bytes of JSON that the open body has after the namespace of the
// transaction was joined to it.
func (b *Builder) sizeWith(d *openBody) int64 {
	size := b.layout.frameSize()
	for i := range d.lists {
		size += d.lists[i].sizeWith(&b.tx.lists[i])
	}
	return size
}

func (b *Builder) join(d *openBody) error {
	for i := range d.lists {
		if err := b.compressor.joinList(&d.lists[i], &b.tx.lists[i]); err != nil {
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

// finish makes the open body of an account a body, and starts a new one.
func (b *Builder) finish(a *account) error {
	body, err := b.seal(a)
	if err != nil {
		return err
	}
	a.bodies = append(a.bodies, body)
	a.open, err = b.newOpenBody()
	return err
}

// seal puts the frame around the arrays of an open body.
func (b *Builder) seal(a *account) (*Body, error) {
	var whole text
	for i, part := range b.layout.frame {
		whole.tail = append(whole.tail, part...)
		if i == len(a.open.lists) {
			break
		}
		if err := b.compressor.join(&whole, &a.open.lists[i].text); err != nil {
			return nil, err
		}
	}
	if err := b.compressor.seal(&whole); err != nil {
		return nil, err
	}
	return b.newBody(a, whole.sealed), nil
}
