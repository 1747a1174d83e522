package saved

import (
	"cmp"
	"fmt"
	"strings"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// nativePod is a pod as the native body has it.
type nativePod struct {
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	UID         string            `json:"uid"`
	Phase       inventory.Phase   `json:"phase"`
	Node        string            `json:"node"`
	Static      bool              `json:"static"`
	Owner       inventory.Owner   `json:"owner"`
	Workload    nativeWorkload    `json:"workload"`
	Labels      labelList         `json:"labels"`
	Annotations labelList         `json:"annotations"`
	Containers  []nativeContainer `json:"containers"`
}

type nativeWorkload struct {
	inventory.Owner
	Derived bool `json:"derived"`
}

type nativeContainer struct {
	Kind   inventory.Kind  `json:"kind"`
	Name   string          `json:"name"`
	ID     string          `json:"id"`
	Image  int             `json:"image"`
	State  inventory.State `json:"state"`
	Reason string          `json:"reason"`
}

// record writes the pod into a record, whose room for containers is used again.
func (p *nativePod) record(to *inventory.Pod, texts interner, images []image.Image) error {
	*to = inventory.Pod{
		Namespace: p.Namespace, Name: p.Name, UID: p.UID, Phase: inventory.Phase(texts.text(string(p.Phase))), Node: texts.text(p.Node),
		Static: p.Static, Owner: p.Owner, Workload: cmp.Or(p.Workload.Owner, p.Owner), Derived: p.Workload.Derived, Labels: p.Labels, Annotations: p.Annotations, Containers: to.Containers[:0],
	}
	for i, c := range p.Containers {
		if c.Image >= len(images) {
			return fmt.Errorf("containers[%d].image: %d, and %d images came before the pods", i, c.Image, len(images))
		}
		to.Containers = append(to.Containers, inventory.Container{
			Kind: inventory.Kind(texts.text(string(c.Kind))), Name: texts.text(c.Name), ID: c.ID, Image: images[c.Image],
			State: inventory.State(texts.text(string(c.State))), Reason: texts.text(c.Reason),
		})
	}
	return nil
}

// nativeImage is an image as the native body has it.
type nativeImage struct {
	Written      string       `json:"written"`
	Observed     string       `json:"observed"`
	Name         string       `json:"name"`
	Tag          string       `json:"tag"`
	Implied      bool         `json:"tag_implied"`
	Digest       string       `json:"digest"`
	Source       image.Source `json:"digest_source"`
	SpecDigest   string       `json:"spec_digest"`
	StatusDigest string       `json:"status_digest"`
	Repository   string       `json:"digest_repository"`
	ConfigID     string       `json:"config_id"`
	Flags        []string     `json:"flags"`
}

func (i *nativeImage) record() image.Image {
	ref := image.Ref{Tag: i.Tag, Digest: i.Digest, TagImplied: i.Implied}
	ref.Registry, ref.Repository, _ = strings.Cut(i.Name, "/")
	return image.Image{
		Written: i.Written, Observed: i.Observed, Ref: ref, SpecDigest: i.SpecDigest, StatusDigest: i.StatusDigest, DigestSource: i.Source,
		DigestRepository: i.Repository, ConfigID: i.ConfigID, Flags: image.FlagsNamed(i.Flags),
	}
}
