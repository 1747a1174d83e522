package payload

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"slices"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// imageList numbers the distinct images of a run in the order in which they are
// first seen, and counts who uses them. What the namespace at hand adds is pending
// until it has ended well. The memory is that of the distinct images, without the
// text of those that are long or too many (maxKept, maxAllKept). A nil list is that of
// a kind that does not number images.
type imageList struct {
	array   int // which array of the layout lists them
	index   map[image.Image]int
	hashed  map[[sha256.Size]byte]int // the index of those whose text is not kept
	budget  budget
	all     []usedImage
	settled int   // how many are known from namespaces that have ended
	touched []int // those that the namespace at hand uses
	pods    int   // that have started
	toStore []*text
}

// usedImage is an image with its uses, by platform.
type usedImage struct {
	image   *image.Image // nil where its text is not kept
	stored  *text        // what appendImageText says of it then, up to endOfFlags
	uses    []use
	pod     int  // the last one that used it
	touched bool // by the namespace at hand
}

func newImageList(array int) *imageList {
	return &imageList{array: array, index: map[image.Image]int{}, hashed: map[[sha256.Size]byte]int{}}
}

// startPod separates the images of one pod from those of the next.
func (l *imageList) startPod() { l.pods++ }

// number returns the number of an image that the pod uses on a platform, and
// whether it is a new one.
func (l *imageList) number(img *image.Image, on inventory.Platform) (number int, fresh bool) {
	number, known := l.find(img)
	used := &l.all[number]
	if !used.touched {
		used.touched = true
		l.touched = append(l.touched, number)
	}
	pending := used.on(on)
	pending.containers++
	if used.pod != l.pods {
		used.pod = l.pods
		pending.pods++
	}
	return number, !known
}

// find returns the number of an image, a new one if it is not known yet.
func (l *imageList) find(img *image.Image) (number int, known bool) {
	length := lengthOf(img)
	if length <= maxKept {
		if number, known = l.index[*img]; known {
			return number, true
		}
	}
	if !l.budget.take(length) {
		return l.findHashed(img)
	}
	kept := *img
	number = len(l.all)
	l.index[kept] = number
	l.all = append(l.all, usedImage{image: &kept})
	return number, false
}

func (l *imageList) findHashed(img *image.Image) (number int, known bool) {
	hash := hashOfImage(img)
	if number, known = l.hashed[hash]; known {
		return number, true
	}
	number = len(l.all)
	l.hashed[hash] = number
	start, _ := bytes.CutSuffix(appendImageText(nil, img), []byte(endOfFlags))
	l.all = append(l.all, usedImage{stored: &text{tail: start}})
	l.toStore = append(l.toStore, l.all[number].stored)
	return number, false
}

// store compresses the text of the long images that are new.
func (l *imageList) store(p *compressor) error {
	if l == nil {
		return nil
	}
	for _, t := range l.toStore {
		if err := p.seal(t); err != nil {
			return err
		}
		t.tail = nil // as long as the text was
	}
	l.toStore = l.toStore[:0]
	return nil
}

// on returns the pending uses on a platform. There are few platforms in a cluster.
func (u *usedImage) on(p inventory.Platform) *tally {
	i := slices.IndexFunc(u.uses, func(other use) bool { return other.platform == p })
	if i < 0 {
		i = len(u.uses)
		u.uses = append(u.uses, use{platform: p})
	}
	return &u.uses[i].pending
}

// commit settles what the namespace added.
func (l *imageList) commit() {
	if l == nil {
		return
	}
	for _, number := range l.touched {
		uses := l.all[number].uses
		for i := range uses {
			uses[i].settled.add(uses[i].pending)
		}
	}
	l.settled = len(l.all)
	l.forget()
}

// drop takes back what the namespace added, and the numbers that it gave out.
func (l *imageList) drop(p *compressor) {
	if l == nil {
		return
	}
	l.forget()
	for _, used := range l.all[l.settled:] {
		if used.image != nil {
			delete(l.index, *used.image)
			l.budget.used -= lengthOf(used.image)
		} else {
			p.drop(used.stored)
		}
	}
	if l.settled < len(l.all) {
		maps.DeleteFunc(l.hashed, func(_ [sha256.Size]byte, number int) bool { return number >= l.settled })
	}
	clear(l.all[l.settled:])
	l.all = l.all[:l.settled]
}

// forget ends the namespace: nothing is pending.
func (l *imageList) forget() {
	for _, number := range l.touched {
		used := &l.all[number]
		used.touched = false
		for i := range used.uses {
			used.uses[i].pending = tally{}
		}
		used.uses = slices.DeleteFunc(used.uses, func(u use) bool { return u.settled == tally{} })
	}
	l.touched = l.touched[:0]
}
