package payload

import (
	"encoding/json"
	"fmt"
	"time"

	"stocktake/collector/inventory"
)

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

// claim says whether the body at hand is the first to have a namespace.
func (l *loader) claim(namespace string) (bool, error) {
	body, known := l.home[namespace]
	switch {
	case !known:
		l.home[namespace] = len(l.times)
		return true, nil
	case body == len(l.times):
		return false, fmt.Errorf("namespace %q comes twice", namespace)
	}
	l.again[body] = namespace
	return false, nil
}

// join adds what the body says of the run to what those before it said. Whether
// bodies belong together shows at their ends, where the time stands.
func (l *loader) join() error {
	for body, namespace := range l.again {
		if !l.times[body].Equal(l.head.time) {
			return fmt.Errorf("%w: namespace %q is in body %d too, which is of %s and not of %s: these are two inventories, not one",
				ErrSchema, namespace, body+1, stamp(l.times[body]), stamp(l.head.time))
		}
	}
	first := len(l.times) == 0
	if !first && l.loaded.Name != l.head.cluster {
		return fmt.Errorf("%w: it is of the cluster %q, those before it are of %q", ErrSchema, l.head.cluster, l.loaded.Name)
	}
	l.times = append(l.times, l.head.time)
	if first {
		l.loaded.Name, l.loaded.UID, l.loaded.Collected = l.head.cluster, l.head.uid, l.head.time
		l.loaded.Server, l.loaded.Outcome = l.head.server, l.head.outcome
	}
	return nil
}

// addNode adds a node that several bodies may have.
func (l *loader) addNode(n inventory.Node) {
	if l.nodes[n.Name] {
		return
	}
	l.nodes[n.Name] = true
	l.loaded.Nodes = append(l.loaded.Nodes, n)
}

// showPod shows a pod to the visitor.
func (l *loader) showPod(p *inventory.Pod) error { return ofVisitor(l.visitor.Pod(p)) }

// showEnd shows the end of a namespace to the visitor.
func (l *loader) showEnd(namespace string) error { return ofVisitor(l.visitor.End(namespace, nil)) }

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
