package payload

import (
	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// kai encodes the body of KAI: for each namespace the distinct images that its
// pods use, in the order in which they are first seen. It knows neither pods nor
// nodes, and so has room for images that no container runs: image volumes, and
// those of containers that were not created yet.
type kai struct {
	names namer
	last  map[imageName]int // by image: the ordinal of the namespace that last used it
	count int               // of the images that the namespace at hand has so far
}

const resultsArray = 0

func newKAI(head *Head, names namer) layout {
	start := appendMember([]byte("{"), "cluster_name", head.Cluster)
	start = appendMember(start, "inventory_type", "kubernetes")
	start = append(start, `,"results":[`...)
	end := append([]byte(`],"serverVersionMetadata":`), appendServer(nil, &head.Server)...)
	end = appendMember(end, "timestamp", stamp(head.Time))
	end = append(end, '}')
	return layout{
		frame:   []string{string(start), string(end)},
		encoder: &kai{names: names, last: map[imageName]int{}},
	}
}

// pod writes those images of a pod that are new in the namespace.
func (k *kai) pod(tx *transaction, p *inventory.Pod) {
	tx.stats.Pods++
	for i := range p.Containers {
		k.container(tx, p, &p.Containers[i])
	}
}

func (k *kai) container(tx *transaction, p *inventory.Pod, c *inventory.Container) {
	name, reason := k.names.name(&c.Image)
	if reason != "" {
		tx.stats.leave(reason, p.Namespace, p.Name, c.Name)
		return
	}
	key := tx.count(name, c.Image.Flags.Has(image.Invalid))
	if k.last[key] == tx.ordinal {
		return
	}
	k.last[key] = tx.ordinal
	k.image(tx, name)
}

func (k *kai) image(tx *transaction, name imageName) {
	l := k.result(tx)
	if k.count > 0 {
		l.tail = append(l.tail, ',')
	}
	k.count++
	l.tail = append(l.tail, '{')
	l.tail = name.append(appendKey(l.tail, "tag"))
	l.tail = appendOptional(l.tail, "repoDigest", name.digest)
	l.tail = append(l.tail, '}')
}

// result returns the list of results, in which the images of the namespace come
// last. It starts them if they are not.
func (k *kai) result(tx *transaction) *list {
	l := &tx.lists[resultsArray]
	if l.items == 0 {
		l.next()
		l.tail = append(l.tail, '{')
		l.tail = appendMember(l.tail, "namespace", tx.name)
		l.tail = append(appendKey(l.tail, "images"), '[')
		k.count = 0
	}
	return l
}

// end closes the list of images.
func (k *kai) end(tx *transaction) {
	l := k.result(tx)
	l.tail = append(l.tail, ']', '}')
}
