package report

import (
	"time"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// Stock keeps who uses which image, so that it can be looked at from any side
// once all pods have come. Whatever repeats is kept once: a container costs
// twelve bytes, a pod sixteen.
//
// Pods come namespace by namespace; what a namespace held counts only if it was
// read to its end. Images are told apart by what they are, not by how somebody
// wrote them: nginx and docker.io/library/nginx:latest are one.
type Stock struct {
	// About says where all this comes from. It is filled in by who reads.
	About About

	images     []imageEntry
	index      map[imageKey]int32
	namespaces names
	workloads  names
	nodes      names
	platforms  map[string]string // by name of the node
	pods       []podEntry
	uses       []use
	whole      mark
}

// About is what is known of an inventory as a whole.
type About struct {
	Cluster     string    // its name, or whatever it can be told by
	ClusterUID  string    // of the namespace kube-system; empty if unknown
	Server      string    // version of the API server, "v1.36.3"; empty if unknown
	Collected   time.Time // when reading began
	Partial     bool      // known not to be whole: see Gaps
	Consistency inventory.Consistency
	Gaps        []inventory.Gap
	Selection   string // what it was restricted to, in the words of the caller; empty: nothing
}

// mark is how far the lists were filled when a namespace ended.
type mark struct{ pods, uses int }

// NewStock returns an empty stock.
func NewStock() *Stock {
	return &Stock{index: map[imageKey]int32{}, platforms: map[string]string{}}
}

// Restart forgets all pods.
func (s *Stock) Restart() {
	about := s.About
	*s = *NewStock()
	s.About = about
}

// SetNodes makes the platforms of nodes known. It may come before or after the
// pods.
func (s *Stock) SetNodes(nodes []inventory.Node) {
	for i := range nodes {
		s.platforms[nodes[i].Name] = nodes[i].Platform().String()
	}
}

// Pod takes a pod. One without a name stands for all pods of its namespace: some
// saved inventories know the images of a namespace and not its pods.
func (s *Stock) Pod(pod *inventory.Pod) error {
	entry := podEntry{
		namespace: s.namespaces.number(pod.Namespace),
		workload:  s.workloads.number(workload(pod)),
		node:      s.nodes.number(pod.Node),
		life:      lifeOf(pod.Phase),
		named:     pod.Name != "",
	}
	number := int32(len(s.pods)) //nolint:gosec // a cluster has some hundred thousand
	s.pods = append(s.pods, entry)
	for i := range pod.Containers {
		c := &pod.Containers[i]
		s.uses = append(s.uses, use{image: s.image(&c.Image), pod: number, kind: kindNumber(c.Kind)})
	}

	return nil
}

// End closes a namespace: what it held stays, or is dropped if there is a gap.
func (s *Stock) End(_ string, gap *inventory.Gap) error {
	if gap != nil {
		s.pods, s.uses = s.pods[:s.whole.pods], s.uses[:s.whole.uses]
	}
	s.whole = mark{len(s.pods), len(s.uses)}

	return nil
}

// Pods counts the pods of namespaces that were read to their end.
func (s *Stock) Pods() int { return s.podsWith(Filter{}) }

// podsWith counts those of them that use an image which the filter shows.
func (s *Stock) podsWith(f Filter) int {
	count, last := 0, int32(-1)
	for _, u := range s.uses[:s.whole.uses] {
		if u.pod != last && s.pods[u.pod].named && f.shows(&s.images[u.image]) {
			count, last = count+1, u.pod
		}
	}

	return count
}

// image returns the number of an image.
func (s *Stock) image(img *image.Image) int32 {
	key := keyOf(img)
	number, known := s.index[key]
	if !known {
		number = int32(len(s.images)) //nolint:gosec // fewer than containers
		s.index[key] = number
		s.images = append(s.images, imageEntry{imageKey: key, always: remarksOn(img), digestRepository: img.DigestRepository})
	}
	entry := &s.images[number]
	entry.implied = entry.implied || img.Flags.Has(image.TagImplied)
	entry.invalid = entry.invalid || key.repository == ""
	entry.ever |= remarksOn(img)
	entry.always &= remarksOn(img)

	return number
}

// LookUp asks of each image when it was seen. Lines tell it from then on.
func (s *Stock) LookUp(find func(Pictured) (SeenSpan, error)) error {
	for i := range s.images {
		e := &s.images[i]
		name := e.name()
		if name == "" {
			name = e.written
		}
		seen, err := find(Pictured{Name: name, Tag: e.tag, Digest: e.digest, ConfigID: e.configID})
		if err != nil {
			return err
		}
		e.seen = &seen
	}

	return nil
}
