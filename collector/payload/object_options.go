package payload

import (
	"cmp"

	"stocktake/collector/settings"
)

// ObjectOptions are the settings of bodies of whole objects. The zero value is usable.
type ObjectOptions struct {
	// ChunkBytes is the size in bytes of a body before compression. Only one with a single
	// object that is larger goes beyond. Zero means 4 MiB.
	ChunkBytes Bytes `setting:"objects.chunk-bytes" envDefault:"4MiB" doc:"size of a body of objects before compression, at least 64KiB; an object that is larger has a body of its own"`
}

const (
	defaultChunkBytes = 4 << 20
	// leastChunkBytes leaves a chunk room for objects beside the records of some two hundred
	// types.
	leastChunkBytes = 64 << 10
)

func (o ObjectOptions) checked() (ObjectOptions, error) {
	o.ChunkBytes = cmp.Or(o.ChunkBytes, defaultChunkBytes)
	if o.ChunkBytes < leastChunkBytes {
		return o, settings.Invalid("objects.chunk-bytes", "%s is too small: use at least %s", o.ChunkBytes, Bytes(leastChunkBytes))
	}
	return o, nil
}

// CheckMissing refuses a setting that lets objects be missing, when it is on, for bodies that
// could not say which.
func (k Kind) CheckMissing(setting string, on bool) error {
	if !on || !k.isArray() {
		return nil
	}
	return settings.Invalid(setting, "true does not go with bodies of the kind %s, which cannot say what is missing: send the kind %s, or leave it unset", k, Objects)
}
