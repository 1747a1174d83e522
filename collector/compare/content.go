package compare

import "stocktake/collector/image"

// content is what is known of what an image consists of. A digest that was pinned and
// one that the node reports are two facts of one content: a manifest and its index.
// Where neither is known the config id serves; it is that of one platform, and so the
// node belongs to it. All of them are empty where nothing is known.
type content struct {
	digest, other string
	config, node  string
	platform      string // of the node, once the nodes are known
}

func contentOf(img *image.Image, node string) content {
	c := content{digest: img.Digest()}
	switch {
	case c.digest == "" && img.ConfigID != "":
		c.config, c.node = img.ConfigID, node
	case img.StatusDigest != c.digest:
		c.other = img.StatusDigest
	}
	return c
}

// shares reports whether a digest is a fact of both.
func (c *content) shares(other *content) bool {
	has := func(digest string) bool { return digest != "" && (digest == other.digest || digest == other.other) }
	return has(c.digest) || has(c.other)
}
