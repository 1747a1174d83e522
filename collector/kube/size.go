package kube

import (
	"cmp"
	"sync"
)

// minLimit is the smallest page that failures lead to: below it the cost of a
// request outweighs that of its objects.
const minLimit = 50

// growth says how large the pages of a listing become.
//
// Each page costs the server a walk over all that is still to come, whatever its
// limit: the watch cache collects it before it takes what was asked for, etcd counts
// it. In pages of one size a listing costs the square of its length, and large pages
// cost the server the less. Whole runs over 50,000 pods of 4.5 KB, two pages under way,
// on two cores against Kubernetes 1.36 (make bench), this against pages of 500, medians
// of two races: wall 0.70 and 0.90, CPU of the API server 0.68 and 0.92, what it
// allocates 0.78 and 0.77, memory here 1.00. In another race pages of 2000 and of 4000
// took 2.22 and 2.20 s, and 2.55 and 2.56 s of the API server's CPU.
//
// So beyond 2000 nothing is left to gain there. The bound in bytes keeps pages of large
// objects to what a server answers well within its own time limit. Since 1.34 a page
// counts as one seat of fair queuing for each 100 KB, but never as more than a share of
// its level, which pages of 500 pods often reach already.
type growth struct {
	first   int64 // objects of the first page
	most    int64 // objects of any page
	bytes   int64 // of a page, by the mean of those that were read; 0: any number
	pages   int64 // how many the whole listing is divided into; 0: as few as the bounds allow
	atATime int64 // a page has so many times the objects of the one before at most
}

// growthOf is that of objects which the lean decoders read. A size that somebody chose
// is kept.
func (o Options) growthOf() growth {
	if o.BatchSize > 0 {
		return growth{first: int64(o.BatchSize), most: int64(o.BatchSize)}
	}
	return growth{first: 500, most: 4000, bytes: 10 << 20, pages: 25, atATime: 8}
}

// growthOfWhole is that of whole objects, of which nobody knows beforehand how large they
// are: a Secret of Helm has 0.9 MB. A size that somebody chose is the largest.
func (o Options) growthOfWhole() growth {
	g := growth{first: 100, most: 2000, bytes: cmp.Or(o.WholePageBytes, 4<<20), atATime: 4}
	if o.BatchSize > 0 {
		g.most = min(g.most, int64(o.BatchSize))
	}
	g.first = min(g.first, g.most)
	return g
}

// PageOf is how many objects the largest page of a listing has, of so many objects of
// so many bytes.
func (o Options) PageOf(objects, bytes int64) int64 {
	g := o.growthOf()
	return max(g.first, g.aim(objects, bytes))
}

// aim is the size of the pages of a listing of so many objects, of so many bytes each.
func (g growth) aim(objects, bytes int64) int64 {
	aim := g.most
	if g.pages > 0 && objects > 0 {
		aim = min(aim, max(g.first, objects/g.pages))
	}
	if g.bytes > 0 && bytes > 0 {
		aim = min(aim, max(1, g.bytes/bytes))
	}
	return aim
}

// fewPages is how many pages must be read whole after a failure before larger
// ones are tried again. It doubles whenever that was too early: to find out may
// take a whole request timeout.
const fewPages = 4

// pageSize is how many objects a listing asks for at a time. Pages grow as their
// growth says. A failure that smaller pages avoid halves them; when it has passed,
// they double back to what they were. It serves the goroutine that asks and the one
// that reads.
type pageSize struct {
	growth
	mu        sync.Mutex
	goal      int64 // when all goes well
	now       int64
	read      loaded // of the pages so far
	good      int    // pages read since a failure, or since they last grew back
	necessary int    // of them before it grows back
	failed    bool   // there was reason to make pages smaller
	regrown   bool   // since the last failure
}

// loaded is what a page held, or several.
type loaded struct{ objects, bytes int64 }

func newPageSize(g growth) *pageSize {
	return &pageSize{growth: g, goal: g.first, now: g.first, necessary: fewPages}
}

func (s *pageSize) limit() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// expect follows the head of the first page, which says how many objects remain after it.
// How large they are nobody knows yet, so that the second page has twice as many at most.
func (s *pageSize) expect(remaining int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages > 0 && remaining > 0 && s.read.objects == 0 && !s.failed {
		s.now = min(2*s.first, s.aim(s.first+remaining, 0))
	}
}

// shrink follows a failure that may be one of size.
func (s *pageSize) shrink() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now > minLimit {
		s.now = max(s.now/2, minLimit)
	}
	if s.regrown {
		s.necessary *= 2
	}
	s.good, s.failed, s.regrown = 0, true, false
}

// proved follows a page that was read whole. The server may say how many objects
// remain after it.
func (s *pageSize) proved(page loaded, remaining int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read.objects += page.objects
	s.read.bytes += page.bytes
	total := int64(0)
	if remaining > 0 {
		total = s.read.objects + remaining
	}
	s.goal = s.aim(total, s.read.bytes/max(1, s.read.objects))
	s.now = min(s.now, s.goal)
	s.good++
	switch {
	case s.now >= s.goal:
	case !s.failed:
		s.now = min(s.goal, max(1, s.atATime)*s.now)
	case s.good >= s.necessary:
		s.now = min(2*s.now, s.goal)
		s.good, s.regrown = 0, true
	}
}
