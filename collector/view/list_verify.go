package view

import (
	"slices"

	"stocktake/collector"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/report"
)

// sentInventory is a saved inventory in the names under which Anchore was told of it.
type sentInventory struct {
	name    string // of the file
	cluster string
	images  map[sentImage]bool
}

// sentImage is an image of a namespace, as it was reported.
type sentImage struct{ namespace, image, digest string }

// sentBefore reads what was sent, nothing if there is nothing to compare with.
func sentBefore(s *collector.Session, path string) (*sentInventory, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nothing to compare with is no error
	}
	// The kind of the file is known only once it is read, so it is read as all of them.
	readings := map[payload.Kind]*sending{}
	var all inventory.Tee
	for _, from := range []payload.Kind{payload.Stocktake, payload.Anchore, payload.KAI} {
		reported, err := s.Settings.Payload.Reported(s.Settings.Anchore.Kind(), from)
		if err != nil {
			return nil, err
		}
		readings[from] = &sending{reported: reported, images: map[sentImage]bool{}}
		all = append(all, readings[from])
	}
	from, err := readSaved(s, path, all)
	if err != nil {
		return nil, err
	}
	return &sentInventory{name: path, cluster: from.Name, images: readings[from.Kind].images}, nil
}

// sending gathers what a delivery of the records tells.
type sending struct {
	reported payload.Reported
	images   map[sentImage]bool
}

var _ inventory.Visitor = (*sending)(nil)

// Pod implements inventory.Visitor.
func (s *sending) Pod(p *inventory.Pod) error {
	for i := range p.Containers {
		if name, digest, ok := s.reported(p, &p.Containers[i]); ok {
			s.images[sentImage{p.Namespace, name, digest}] = true
		}
	}
	return nil
}

// End implements inventory.Visitor.
func (s *sending) End(string, *inventory.Gap) error { return nil }

// verify marks what is stored and what is there besides, and adds what is missing.
func (s *sentInventory) verify(all []report.Stored, namespaces []string) []report.Stored {
	found := map[sentImage]bool{}
	for i := range all {
		h := &all[i]
		key := sentImage{h.Namespace, h.Image, h.Digest}
		h.Status = report.Extra
		if s.images[key] {
			h.Status, found[key] = report.Present, true
		}
	}
	for key := range s.images {
		if found[key] || len(namespaces) > 0 && !slices.Contains(namespaces, key.namespace) {
			continue
		}
		all = append(all, report.Stored{
			Status: report.Missing, Namespace: key.namespace, Image: key.image, Digest: key.digest,
			Context: s.cluster + "/" + key.namespace, Type: "kubernetes",
		})
	}
	return all
}
