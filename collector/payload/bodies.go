package payload

import (
	"slices"

	"stocktake/collector/inventory"
)

// bodies are those of a run. Each account has some that are finished, and one that
// grows.
type bodies struct {
	kind          Kind
	layout        *layout
	compressor    *compressor
	maxNamespaces int
	maxBytes      int64
	single        bool       // there is one body, which therefore lists all nodes
	accounts      []*account // in the order of their first namespace
}

// account is whom bodies go to.
type account struct {
	name   string
	bodies []*Body
	open   *openBody
}

// openBody is a body that namespaces are still joined to.
type openBody struct {
	lists      []list
	hasNode    []bool // by node
	namespaces []string
	pods       int
	containers int
}

// account returns the account of a name, which it opens if need be.
func (b *bodies) account(name string) (*account, error) {
	i := slices.IndexFunc(b.accounts, func(a *account) bool { return a.name == name })
	if i >= 0 {
		return b.accounts[i], nil
	}
	d, err := b.newBody()
	if err != nil {
		return nil, err
	}
	a := &account{name: name, open: d}
	b.accounts = append(b.accounts, a)
	return a, nil
}

// newBody returns a body without namespaces. When it is sure to be the only body
// of the run it lists all nodes; otherwise each node comes with the first
// namespace that refers to it.
func (b *bodies) newBody() (*openBody, error) {
	d := &openBody{lists: make([]list, b.layout.arrays())}
	nodes := b.layout.nodes
	if nodes == nil {
		return d, nil
	}
	d.hasNode = make([]bool, len(nodes.all))
	if !b.single {
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

func (b *bodies) addNode(l *list, node int) {
	l.next()
	l.tail = b.layout.nodes.append(l.tail, b.layout.nodes.all[node])
}

// addImages lists the images that were numbered.
func (b *bodies) addImages(d *openBody) error {
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

func (b *bodies) addImage(l *list, used *usedImage) error {
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

// place joins the namespace of a transaction to the open body of an account, or to a
// new one if that has no room for it.
func (b *bodies) place(account string, tx *transaction) error {
	a, err := b.account(account)
	if err != nil {
		return err
	}
	b.bringNodes(a.open, tx)
	if !b.fits(a.open, tx) {
		if err := b.finish(a); err != nil {
			return err
		}
		b.bringNodes(a.open, tx)
	}
	return b.join(a.open, tx)
}

// bringNodes puts the nodes into the transaction that its namespace refers to and
// the open body does not list.
func (b *bodies) bringNodes(d *openBody, tx *transaction) {
	if b.layout.nodes == nil {
		return
	}
	l := &tx.lists[b.layout.nodes.array]
	l.reset()
	for _, node := range tx.nodes {
		if !d.hasNode[node] {
			b.addNode(l, node)
		}
	}
}

// fits reports whether the open body stays within the limits. One that is empty
// takes anything, because a namespace is never split.
func (b *bodies) fits(d *openBody, tx *transaction) bool {
	count := len(d.namespaces)
	if count == 0 {
		return true
	}
	if b.maxNamespaces > 0 && count >= b.maxNamespaces {
		return false
	}
	return b.maxBytes == 0 || b.sizeWith(d, tx) <= b.maxBytes
}

// sizeWith returns the bytes of JSON that the open body has after the namespace of the
// transaction was joined to it.
func (b *bodies) sizeWith(d *openBody, tx *transaction) int64 {
	size := b.layout.frameSize()
	for i := range d.lists {
		size += d.lists[i].sizeWith(&tx.lists[i])
	}
	return size
}

func (b *bodies) join(d *openBody, tx *transaction) error {
	for i := range d.lists {
		if err := b.compressor.joinList(&d.lists[i], &tx.lists[i]); err != nil {
			return err
		}
	}
	for _, node := range tx.nodes {
		d.hasNode[node] = true
	}
	d.namespaces = append(d.namespaces, tx.name)
	d.pods += tx.stats.Pods
	d.containers += tx.stats.Containers
	return nil
}

// finish makes the open body of an account a body, and starts a new one.
func (b *bodies) finish(a *account) error {
	body, err := b.seal(a)
	if err != nil {
		return err
	}
	a.bodies = append(a.bodies, body)
	a.open, err = b.newBody()
	return err
}

// seal puts the frame around the arrays of an open body.
func (b *bodies) seal(a *account) (*Body, error) {
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
	body := &Body{
		Kind:        b.kind,
		Account:     a.name,
		Namespaces:  a.open.namespaces,
		Pods:        a.open.pods,
		Containers:  a.open.containers,
		ContentType: ContentType,
	}
	body.assemble(b.compressor.spool, whole.sealed)
	return body, nil
}

// finishAll finishes the bodies of all accounts, those of one after those of another.
func (b *bodies) finishAll(o *inventory.Outcome) ([]*Body, error) {
	if b.layout.opening != nil {
		b.layout.frame[0] = b.layout.opening(o)
	}
	var all []*Body
	for _, a := range b.accounts {
		if err := b.addImages(a.open); err != nil {
			return nil, err
		}
		body, err := b.seal(a)
		if err != nil {
			return nil, err
		}
		a.open = nil
		all = append(append(all, a.bodies...), body)
	}
	return all, nil
}
