package payload

// text is a piece of JSON that grows at its end: sealed segments, and a tail
// that is not compressed yet. Encoders append to the tail; the compressor does the rest.
type text struct {
	sealed []segment
	packed int64 // bytes of JSON in the sealed segments
	tail   []byte
}

// size returns the length in bytes of JSON.
func (t *text) size() int64 {
	return t.packed + int64(len(t.tail))
}

// reset empties the text and keeps its memory.
func (t *text) reset() {
	clear(t.sealed)
	*t = text{sealed: t.sealed[:0], tail: t.tail[:0]}
}

// drop gives up the text and its room. No other text may have segments of it.
func (p *compressor) drop(t *text) {
	for _, s := range t.sealed {
		p.spool.free(s.stored)
	}
	t.reset()
}

// settle compresses the tail once it is long enough.
func (p *compressor) settle(t *text) error {
	if len(t.tail) < BlockSize {
		return nil
	}
	return p.seal(t)
}

// seal compresses the tail.
func (p *compressor) seal(t *text) error {
	if len(t.tail) == 0 {
		return nil
	}
	s, err := p.segment(t.tail)
	if err != nil {
		return err
	}
	t.sealed = append(t.sealed, s)
	t.packed += s.plain
	t.tail = t.tail[:0]
	return nil
}

// join appends src to dst. Segments are shared, not copied; src stays as it is
// and may be joined to other texts as well.
func (p *compressor) join(dst, src *text) error {
	if len(src.sealed) > 0 {
		if err := p.seal(dst); err != nil {
			return err
		}
		dst.sealed = append(dst.sealed, src.sealed...)
		dst.packed += src.packed
	}
	dst.tail = append(dst.tail, src.tail...)
	return p.settle(dst)
}

// list is the inside of a JSON array.
type list struct {
	text
	items int
}

// next starts a new item.
func (l *list) next() {
	if l.items > 0 {
		l.tail = append(l.tail, ',')
	}
	l.items++
}

// sizeWith returns the length of the list if other were joined to it.
func (l *list) sizeWith(other *list) int64 {
	size := l.size() + other.size()
	if l.items > 0 && other.items > 0 {
		size++ // the comma between
	}
	return size
}

func (l *list) reset() {
	l.text.reset()
	l.items = 0
}

// joinList appends the items of src to dst.
func (p *compressor) joinList(dst, src *list) error {
	if src.items == 0 {
		return nil
	}
	if dst.items > 0 {
		dst.tail = append(dst.tail, ',')
	}
	dst.items += src.items
	return p.join(&dst.text, &src.text)
}
