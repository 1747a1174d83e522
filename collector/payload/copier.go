package payload

// Copier makes bodies of text that is there already, as a Builder makes them of
// records. It must be discarded.
type Copier struct {
	compressor *compressor
	segments   []segment // of the body at hand
}

// NewCopier returns a copier that holds text where the options say.
func NewCopier(o Options) (*Copier, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	p, err := newCompressor(&spool{dir: o.SpoolDir, limit: int64(o.SpoolMemory)})
	if err != nil {
		return nil, err
	}
	return &Copier{compressor: p}, nil
}

// Add appends text to the body at hand. It is compressed by itself, which pays when it
// is about BlockSize long.
func (c *Copier) Add(text []byte) error {
	s, err := c.compressor.segment(text)
	if err != nil {
		return err
	}
	c.segments = append(c.segments, s)
	return nil
}

// Finish gives a body the text that was added, and begins the next. The text can be
// read until the copier is discarded.
func (c *Copier) Finish(b *Body) {
	b.assemble(c.compressor.spool, c.segments)
	c.segments = nil
}

// Discard gives back the memory and the temporary file.
func (c *Copier) Discard() { c.compressor.spool.close() }
