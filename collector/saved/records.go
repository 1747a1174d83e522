package saved

import (
	"bytes"
	"encoding/json"

	"stocktake/collector/inventory"
)

// interner keeps one copy of texts that come again and again.
type interner map[string]string

func (i interner) text(s string) string {
	kept, known := i[s]
	if !known {
		i[s], kept = s, s
	}
	return kept
}

// labels does the same for the texts of labels.
func (i interner) labels(all []inventory.Label) {
	for n := range all {
		all[n].Key, all[n].Value = i.text(all[n].Key), i.text(all[n].Value)
	}
}

// labelList reads labels and annotations in the order in which they are written.
type labelList []inventory.Label

// UnmarshalJSON implements json.Unmarshaler.
func (l *labelList) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		label := inventory.Label{}
		label.Key, _ = key.(string)
		label.Value, _ = value.(string)
		*l = append(*l, label)
	}
	return nil
}

// namespaceText is a namespace as bodies for Anchore have it, and the native one.
type namespaceText struct {
	Name        string    `json:"name"`
	UID         string    `json:"uid"`
	Labels      labelList `json:"labels"`
	Annotations labelList `json:"annotations"`
}

func (n *namespaceText) record(texts interner) inventory.Namespace {
	return inventory.Namespace{Name: texts.text(n.Name), UID: n.UID, Labels: n.Labels, Annotations: n.Annotations}
}

// nodeText is a node likewise, but for its operating system, which each calls by a name
// of its own.
type nodeText struct {
	Name        string    `json:"name"`
	UID         string    `json:"uid"`
	Arch        string    `json:"arch"`
	Kernel      string    `json:"kernel_version"`
	Runtime     string    `json:"container_runtime_version"`
	Kubelet     string    `json:"kubelet_version"`
	Labels      labelList `json:"labels"`
	Annotations labelList `json:"annotations"`
}

func (n *nodeText) record(texts interner) inventory.Node {
	return inventory.Node{
		Name: texts.text(n.Name), UID: n.UID, Architecture: n.Arch, KernelVersion: n.Kernel,
		ContainerRuntimeVersion: n.Runtime, KubeletVersion: n.Kubelet, Labels: n.Labels, Annotations: n.Annotations,
	}
}
