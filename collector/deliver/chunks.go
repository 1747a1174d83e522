package deliver

import (
	"context"
	"fmt"

	"stocktake/collector/payload"
)

// ChunkReceiver is somebody who wants what a run has in chunks, which are nothing one by one.
type ChunkReceiver interface {
	// DeliverChunks returns nil only when the receiver has taken over every chunk. The receipts
	// tell what was tried in any case.
	DeliverChunks(ctx context.Context, chunks []*payload.Body) ([]Receipt, error)
}

var (
	_ ChunkReceiver = (*HTTP)(nil)
	_ ChunkReceiver = (*File)(nil)
)

// DeliverChunks implements ChunkReceiver. The chunks go in their order, each when the one before
// was taken; after one that was not, none follows: a receiver that lacks one has no use for
// the rest, and does not take what it has for the whole, because each chunk says how many
// there are.
func (h *HTTP) DeliverChunks(ctx context.Context, chunks []*payload.Body) ([]Receipt, error) {
	receipts := make([]Receipt, 0, len(chunks))
	for _, chunk := range chunks {
		r, err := h.Deliver(ctx, chunk)
		receipts = append(receipts, r)
		if err != nil {
			return receipts, fmt.Errorf("chunk %d of %d: %w", chunk.Chunk, chunk.Chunks, err)
		}
	}
	return receipts, nil
}

// DeliverChunks implements ChunkReceiver. All chunks go into one file, at once or not at all.
func (f *File) DeliverChunks(ctx context.Context, chunks []*payload.Body) ([]Receipt, error) {
	r, err := f.Deliver(ctx, payload.Join(chunks))
	return []Receipt{r}, err
}
