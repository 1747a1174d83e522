package kube

import "sync"

// minLimit is the smallest page that failures lead to: below it the cost of a
// request outweighs that of its objects.
const minLimit = 50

// The pages of a long listing grow, because each of them costs the server a walk
// over all that is still to come, whatever its limit: the watch cache collects it
// before it takes what was asked for, etcd counts it. In pages of one size a
// listing costs the square of its length. Reading 100,000 pods took 4.8 s of the
// API server's CPU time in pages of 500, and 3.7 s in pages of 2000.
const (
	manyPages = 100 // beyond which they grow
	maxGrowth = 4   // times the size that was set
)

// fewPages is how many pages must be read whole after a failure before larger
// ones are tried again. It doubles whenever that was too early: to find out may
// take a whole request timeout.
const fewPages = 4

// pageSize is how many objects a listing asks for at a time. A failure that
// smaller pages avoid halves it; when it has passed, the size doubles back to
// what it was. It serves the goroutine that asks and the one that reads.
type pageSize struct {
	mu        sync.Mutex
	set       int64 // by the settings
	aim       int64 // when all goes well
	now       int64
	good      int  // pages read since the size last changed
	necessary int  // of them before it grows back
	regrown   bool // since the last failure
}

func newPageSize(set int) *pageSize {
	return &pageSize{set: int64(set), aim: int64(set), now: int64(set), necessary: fewPages}
}

func (s *pageSize) limit() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
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
	s.good, s.regrown = 0, false
}

// proved follows a page that was read whole.
func (s *pageSize) proved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now >= s.aim {
		return
	}
	s.good++
	if s.good >= s.necessary {
		s.now = min(2*s.now, s.aim)
		s.good, s.regrown = 0, true
	}
}

// stretch makes the pages after the first larger where there would be too many of
// them; at once, unless there was reason to make them smaller.
func (s *pageSize) stretch(remaining int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aim = min(max(s.set, remaining/manyPages), maxGrowth*s.set, maxBatchSize)
	if s.now == s.set {
		s.now = s.aim
	}
}
