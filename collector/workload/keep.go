package workload

import (
	"errors"

	"stocktake/collector/settings"
)

// MetadataOptions say which labels and annotations leave the cluster. An empty
// list of labels means all of them. Annotations leave only when listed: they
// hold whole manifests (last-applied-configuration) with all their secrets.
type MetadataOptions struct {
	NodeLabels           []string `setting:"metadata-collection.nodes.labels" alias:"metadata-collection.nodes.include-labels" envSeparator:"\n" doc:"labels of nodes to send: keys, globs or regular expressions; empty: all"`
	NodeAnnotations      []string `setting:"metadata-collection.nodes.annotations" alias:"metadata-collection.nodes.include-annotations" envSeparator:"\n" doc:"annotations of nodes to send, * for all; empty: none"`
	NodeDisable          bool     `setting:"metadata-collection.nodes.disable" envDefault:"false" doc:"send neither labels nor annotations of nodes"`
	NamespaceLabels      []string `setting:"metadata-collection.namespaces.labels" alias:"metadata-collection.namespaces.include-labels" envSeparator:"\n" doc:"labels of namespaces to send; empty: all"`
	NamespaceAnnotations []string `setting:"metadata-collection.namespaces.annotations" alias:"metadata-collection.namespaces.include-annotations" envSeparator:"\n" doc:"annotations of namespaces to send, * for all; empty: none"`
	NamespaceDisable     bool     `setting:"metadata-collection.namespaces.disable" envDefault:"false" doc:"send neither labels nor annotations of namespaces"`
	PodLabels            []string `setting:"metadata-collection.pods.labels" alias:"metadata-collection.pods.include-labels" envSeparator:"\n" doc:"labels of pods to send; empty: all"`
	PodAnnotations       []string `setting:"metadata-collection.pods.annotations" alias:"metadata-collection.pods.include-annotations" envSeparator:"\n" doc:"annotations of pods to send, * for all; empty: none"`
	PodDisable           bool     `setting:"metadata-collection.pods.disable" envDefault:"false" doc:"send neither labels nor annotations of pods"`
}

// Keeps are the labels and annotations that are read. Labels of namespaces are read
// whole, because routes go by them; the inventory takes away what must not leave.
func (o MetadataOptions) Keeps() (k Keeps, _ error) {
	var err, err2, err3 error
	k.Nodes, err = keep("metadata-collection.nodes", o.NodeLabels, o.NodeAnnotations, o.NodeDisable)
	k.Pods, err2 = keep("metadata-collection.pods", o.PodLabels, o.PodAnnotations, o.PodDisable)
	k.Namespaces, err3 = keep("metadata-collection.namespaces", o.NamespaceLabels, o.NamespaceAnnotations, o.NamespaceDisable)
	return k, errors.Join(err, err2, err3)
}

// keep makes the filter of one kind of object.
func keep(setting string, labels, annotations []string, disable bool) (Keep, error) {
	if disable {
		return KeepNothing(), nil
	}
	var k Keep
	l, err := settings.ReadPatterns(setting+".labels", labels, settings.MetadataKey)
	a, err2 := settings.ReadPatterns(setting+".annotations", annotations, settings.MetadataKey)
	if len(l) > 0 {
		k.Labels = keyed(l)
	}
	if len(a) > 0 {
		k.Annotations = keyed(a)
	}
	return k, errors.Join(err, err2)
}

// keyed remembers what the patterns said of a key: there are few keys and many
// objects. The memory starts over when keys do not repeat.
func keyed(p settings.Patterns) func([]byte) bool {
	const most = 4096
	known := map[string]bool{}
	return func(key []byte) bool {
		ok, seen := known[string(key)]
		if !seen {
			if len(known) == most {
				clear(known)
			}
			ok = p.Match(string(key))
			known[string(key)] = ok
		}
		return ok
	}
}

// Keeps say which labels and annotations of each resource are read.
type Keeps struct{ Pods, Nodes, Namespaces Keep }

// Keep chooses the metadata that is read. What is not kept is never copied
// from the wire: annotations of a pod may hold 256 KiB.
//
// Its functions are called from the goroutine that reads, and from no other, so that
// they may remember what they said without a lock as long as readings do not overlap.
// They must not keep the key.
type Keep struct {
	Labels      func(key []byte) bool // nil keeps all
	Annotations func(key []byte) bool // nil keeps none
}

// KeepNothing reads neither labels nor annotations.
func KeepNothing() Keep { return Keep{Labels: func([]byte) bool { return false }} }

func (k Keep) label(key []byte) bool      { return k.Labels == nil || k.Labels(key) }
func (k Keep) annotation(key []byte) bool { return k.Annotations != nil && k.Annotations(key) }
