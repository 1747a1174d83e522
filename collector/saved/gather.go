package saved

import (
	"encoding/json"
	"fmt"
	"time"

	"stocktake/collector/inventory"
	"stocktake/collector/payload"
)

// Loaded is what saved bodies say of a run beside its pods.
type Loaded struct {
	Kind payload.Kind
	// Cluster has no UID where the kind does not say it.
	inventory.Cluster
	// OfKAI says that KAI itself wrote the bodies of its kind. They name the images of
	// init containers and regular ones, never of ephemeral ones and volumes.
	OfKAI bool
	// Outcome tells how the run ended. It is nil for bodies made for Anchore, which
	// do not say whether anything is missing from them.
	Outcome *inventory.Outcome
}

// header is what a body says of the run.
type header struct {
	cluster string
	uid     string
	time    time.Time
	server  inventory.ServerVersion
	outcome *inventory.Outcome
}

// take takes a member that the bodies for Anchore have, and KAI's.
func (h *header) take(member string, value []byte) error {
	switch member {
	case "cluster_name":
		return json.Unmarshal(value, &h.cluster)
	case "timestamp":
		return json.Unmarshal(value, &h.time)
	case "serverVersionMetadata":
		return json.Unmarshal(value, &h.server)
	}
	return nil
}

// gathered is what was read of a run so far.
type gathered struct {
	visitor  inventory.Visitor
	inserted string // the tag of images that had none, when they were reported
	texts    interner
	loaded   Loaded
	times    []time.Time    // of the bodies that are done
	home     map[string]int // by namespace: the body that has it
	nodes    map[string]bool

	// Of the body at hand.
	head  header
	again map[int]string // by body that has it already: a namespace of this one
}

func newGathered(v inventory.Visitor, inserted string) gathered {
	return gathered{visitor: v, inserted: inserted, texts: interner{}, home: map[string]int{}, nodes: map[string]bool{}}
}

// begin starts with the next body.
func (g *gathered) begin() { g.head, g.again = header{}, map[int]string{} }

// claim says whether the body at hand is the first to have a namespace.
func (g *gathered) claim(namespace string) (bool, error) {
	body, known := g.home[namespace]
	switch {
	case !known:
		g.home[namespace] = len(g.times)
		return true, nil
	case body == len(g.times):
		return false, fmt.Errorf("namespace %q comes twice", namespace)
	}
	g.again[body] = namespace
	return false, nil
}

// join adds what the body says of the run to what those before it said. Whether
// bodies belong together shows at their ends, where the time stands.
func (g *gathered) join() error {
	for body, namespace := range g.again {
		if !g.times[body].Equal(g.head.time) {
			return fmt.Errorf("%w: namespace %q is in body %d too, which is of %s and not of %s: these are two inventories, not one",
				ErrSchema, namespace, body+1, stamp(g.times[body]), stamp(g.head.time))
		}
	}
	first := len(g.times) == 0
	if !first && g.loaded.Name != g.head.cluster {
		return fmt.Errorf("%w: it is of the cluster %q, those before it are of %q", ErrSchema, g.head.cluster, g.loaded.Name)
	}
	g.times = append(g.times, g.head.time)
	if first {
		g.loaded.Name, g.loaded.UID, g.loaded.Collected = g.head.cluster, g.head.uid, g.head.time
		g.loaded.Server, g.loaded.Outcome = g.head.server, g.head.outcome
	}
	return nil
}

// addNode adds a node that several bodies may have.
func (g *gathered) addNode(n inventory.Node) {
	if g.nodes[n.Name] {
		return
	}
	g.nodes[n.Name] = true
	g.loaded.Nodes = append(g.loaded.Nodes, n)
}

// showPod shows a pod to the visitor.
func (g *gathered) showPod(p *inventory.Pod) error { return ofVisitor(g.visitor.Pod(p)) }

// showEnd shows the end of a namespace to the visitor.
func (g *gathered) showEnd(namespace string) error { return ofVisitor(g.visitor.End(namespace, nil)) }

// visitorError tells an error of the visitor from those of the body.
type visitorError struct{ error }

// Unwrap returns the error as the visitor gave it.
func (e visitorError) Unwrap() error { return e.error }

func ofVisitor(err error) error {
	if err == nil {
		return nil
	}
	return visitorError{err}
}

// stamp is the form of a time for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
