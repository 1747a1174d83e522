package payload

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"stocktake/collector/inventory"
)

// Kind names a form of body.
type Kind string

const (
	// Anchore is the body of Anchore Enterprise's v2 Kubernetes inventory: nodes,
	// namespaces, pods and containers.
	Anchore Kind = "anchore"
	// KAI is the older body of Anchore's KAI: images by namespace.
	KAI Kind = "kai"
	// Stocktake is the native body: everything that is known of the whole cluster,
	// in one body for one receiver. Routes and limits do not divide it, and pods in
	// all phases are in it.
	Stocktake Kind = "stocktake"
	// Objects are whole objects of any type, one in a line, in chunks that know how many
	// they are.
	Objects Kind = "objects"
	// K8sCollector are whole objects in an array, as Infralight's collector of that name
	// sends them.
	K8sCollector Kind = "k8s-collector"
	// Infralight are whole objects in an array, each with its kind beside it, as that
	// service takes them.
	Infralight Kind = "infralight"
	// InfralightTrees are objects below those that own them, as that service takes them.
	InfralightTrees Kind = "infralight-trees"
)

// Chunked reports whether what a run has of this kind comes in one or more chunks, which
// are nothing one by one.
func (k Kind) Chunked() bool { return k == Objects || k.isArray() }

// isArray reports whether a body is one array of objects, which cannot say what is missing.
func (k Kind) isArray() bool { return k == K8sCollector || k == Infralight || k == InfralightTrees }

// ContentType is the media type of every body that is one JSON document, before compression.
const ContentType = "application/json"

// ContentTypeLines is that of bodies of the kind Objects: a JSON document in each line.
const ContentTypeLines = "application/x-ndjson"

// Head is what is known of a run before the first pod.
type Head struct {
	// Cluster is the name under which receivers know the cluster.
	Cluster string
	// ClusterUID is the UID of the namespace kube-system, which no other cluster
	// has (kubernetes#77487); empty if it is not known.
	ClusterUID string
	// Run names the run; empty if it has no name.
	Run string
	// ToolVersion is the version of the program.
	ToolVersion string
	// Time is the one timestamp of all bodies, written in UTC, to the second.
	Time time.Time
	// Server is the version of the API server, zero if it is not known.
	Server inventory.ServerVersion
	// Namespaces are those to report, in the order of the API. Pods of others
	// are left out and counted.
	Namespaces []inventory.Namespace
	// Nodes are the machines that pods refer to.
	Nodes []inventory.Node
	// Route returns the accounts that a namespace belongs to; none if it is to be
	// reported to nobody. A nil Route means one account without a name, which is
	// the receiver's default.
	Route func(inventory.Namespace) []string
}

// FetchingID is what Infralight knows the run by, in the form of an ObjectId of BSON: the
// seconds of its time, and what tells it from other runs of the same second.
func (h *Head) FetchingID() string {
	sum := sha256.Sum256([]byte(h.Cluster + "/" + h.Run))
	id := binary.BigEndian.AppendUint32(nil, uint32(h.Time.Unix())) //nolint:gosec // an ObjectId has 32 bits for it, until 2106
	return hex.EncodeToString(append(id, sum[:8]...))
}

// accounts returns each account of a namespace once: a namespace that matches two
// rules of the same account must not be reported to it twice.
func (h *Head) accounts(ns *inventory.Namespace) []string {
	if h.Route == nil {
		return []string{""}
	}
	return distinct(h.Route(*ns))
}

// distinct returns the first occurrence of each element.
func distinct(names []string) []string {
	seen := make(map[string]bool, len(names))
	var first []string
	for _, name := range names {
		if !seen[name] {
			first = append(first, name)
		}
		seen[name] = true
	}
	return first
}

// stamp is the form of a time in bodies.
func stamp(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
