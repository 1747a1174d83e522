package report

import (
	"bytes"
	"fmt"
	"io"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"
)

// CycloneDX is a bill of materials (ECMA-424), which vulnerability and licence tools
// read: Dependency-Track, and whatever else keeps track of many clusters.
//
// A bill of materials usually lists what one program is made of. CycloneDX has
// also the operations bill (OBOM), which lists what runs: here the product is
// the cluster, and its parts are container images. What is inside the images is
// not in it; a scanner finds that out, image by image, and it needs to know
// which images there are.
//
// The cluster is the main component, of the type platform ("a runtime
// environment which interprets or executes software"). Each image is a component
// of the type container, and the cluster depends on all of them. Where an image
// runs is told in properties, whose names begin with "stocktake:" and may repeat.
// Whether the list is complete is told in a composition, in the words of the
// standard: complete, incomplete (a namespace could not be read, or the reader
// asked for a part), or unknown (a saved inventory that does not say).
//
// # Identity
//
// The package URL of an image has the type oci, whose version is the digest and
// nothing else. An image whose digest is unknown has a package URL without a
// version: it says which repository and tag, and truly not which content. An
// image whose text is no reference has none at all. Two that would have the same name,
// version and package URL are told apart by the architecture in it, or by their hash
// in the version.
//
// The hash of an image is that of its manifest or index, for there is no other
// file that is the image: the manifest names configuration and layers by their
// hashes, so whoever has verified it has verified all. It is not the hash of any
// archive that docker save writes, and a config id is no hash of the image.
//
// # Same inventory, same bytes
//
// There is no random number in the document: its serial number is made from its
// content, and its time is the one at which the cluster was read. An inventory
// that was saved gives the same document whenever it is converted.

// clusterRef is the cluster's name within the document. Those of images begin
// with "image:".
const clusterRef = "cluster"

// CycloneDX writes lines as a CycloneDX 1.6 document in JSON. The version is that
// of this program.
func CycloneDX(w io.Writer, about About, lines []Line, version string) error {
	doc := newBOM(about, lines, version)
	text, err := encodeBOM(doc)
	if err != nil {
		return fmt.Errorf("write CycloneDX: %w", err)
	}
	// Version 5: a name-based UUID. Documents are equal exactly if their serial numbers are.
	doc.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, text).URN()
	if text, err = encodeBOM(doc); err != nil {
		return fmt.Errorf("write CycloneDX: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("write CycloneDX: %w", err)
	}
	return nil
}

func encodeBOM(doc *cdx.BOM) ([]byte, error) {
	var b bytes.Buffer
	err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).Encode(doc)
	return b.Bytes(), err
}

func newBOM(about About, lines []Line, version string) *cdx.BOM {
	doc := cdx.NewBOM()
	// The library writes the newest version that it knows; readers lag behind.
	doc.SpecVersion, doc.JSONSchema = cdx.SpecVersion1_6, "http://cyclonedx.org/schema/bom-1.6.schema.json"
	components := make([]cdx.Component, 0, len(lines))
	for i := range lines {
		components = append(components, component(&lines[i]))
	}
	tellApart(components, lines)
	doc.Metadata, doc.Components = bomMetadata(about, version), &components
	doc.Dependencies = dependsOn(components)
	doc.Compositions = &[]cdx.Composition{{
		Aggregate:    completeness(about),
		Assemblies:   &[]cdx.BOMReference{clusterRef},
		Dependencies: &[]cdx.BOMReference{clusterRef},
	}}
	return doc
}

func bomMetadata(about About, version string) *cdx.Metadata {
	m := &cdx.Metadata{
		Lifecycles: &[]cdx.Lifecycle{{Phase: cdx.LifecyclePhaseOperations}},
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{
			{Type: cdx.ComponentTypeApplication, Name: "stocktake", Version: version},
		}},
		Component: clusterComponent(about),
	}
	if !about.Collected.IsZero() {
		m.Timestamp = about.Collected.UTC().Format(time.RFC3339)
	}
	return m
}

// clusterComponent is the main component. Its name is not known of every inventory that
// was saved, and CycloneDX wants one.
func clusterComponent(about About) *cdx.Component {
	c := &cdx.Component{
		BOMRef: clusterRef, Type: cdx.ComponentTypePlatform, Name: "Kubernetes", Version: about.Server,
		Description: "a Kubernetes cluster: the container images that its pods use",
	}
	if about.Cluster != "" {
		c.Name = shortened(legible(about.Cluster), maxName)
	}
	var p properties
	p.add("cluster-uid", about.ClusterUID)
	p.add("consistency", string(about.Consistency))
	p.add("selection", about.Selection)
	for _, gap := range about.Gaps {
		p.add("gap", gap.Source+": "+gap.Reason)
	}
	c.Properties = p.list()
	return c
}

// completeness says how complete the list is. An inventory of which neither gaps nor
// consistency is known was saved in a form that has no place for them.
func completeness(about About) cdx.CompositionAggregate {
	switch {
	case about.Partial || len(about.Gaps) > 0 || about.Selection != "":
		return cdx.CompositionAggregateIncomplete
	case about.Consistency == "":
		return cdx.CompositionAggregateUnknown
	}
	return cdx.CompositionAggregateComplete
}

// dependsOn says that the cluster needs all images, and of images nothing but
// that they are there: what they need themselves is not known.
func dependsOn(images []cdx.Component) *[]cdx.Dependency {
	refs := make([]string, 0, len(images))
	rows := make([]cdx.Dependency, 1, len(images)+1)
	for i := range images {
		refs = append(refs, images[i].BOMRef)
		rows = append(rows, cdx.Dependency{Ref: images[i].BOMRef})
	}
	rows[0] = cdx.Dependency{Ref: clusterRef, Dependencies: &refs}
	return &rows
}
