// Package kube reads the objects of any resource from a Kubernetes API server,
// politely and once.
//
// A list in Kubernetes comes in pages: the answer to `limit=500` ends with a
// continue token, and the tokens of one chain all read the same snapshot of
// etcd (KEP-365). Snapshots live for about five minutes; a token that outlived
// its snapshot is answered with 410 and, in the same answer, with a token that
// goes on from the same key at a later moment (kubernetes#67284). A listing
// that had to do so is complete but of mixed moments, and says so. Every namespace
// in it is still of one moment: one that was divided is read again on its own, up
// to three times, and then is a gap. It never falls back to a list without a limit,
// which is what hurts an API server.
//
// The API server lists in the order of bytes of "NAMESPACE/NAME". That keeps the pods
// of a namespace together and tells what was read before. A server that keeps its
// objects in a database with a collation lists in another order; its pods are read
// namespace by namespace, and every name is remembered. So are those of a server of
// which that is possible when a listing changes its moment, or fails, in between.
//
// Namespaces that are read one by one are of one moment too, that of the first page of
// the first of them, for as long as the server has it in its history; see moment.
//
// An object that cannot be read is a gap of its namespace, or of its own if it is a
// namespace or a node, and ends nothing else. What an object may cost is bounded by
// its bytes, not by the number of labels, owners or containers in it.
//
// An answer starts with its metadata, so the token of the next page arrives
// with the first bytes of this one, while the server is still encoding the
// rest. The next request leaves at that moment: pages overlap, the chain stays
// one snapshot, and the wall time of a listing halves. Pages are handed on in
// order, object by object, straight from the wire; a page is never held
// decoded, and what the consumer has not taken yet waits in the connection,
// whose flow control slows the server down when the consumer is slow.
//
// The package returns errors and facts and logs nothing. An error wraps one of
// four sentinels when it is known what would help: that of package settings and
// [ErrNotFound] (other settings), [ErrRefused] (other rights), [ErrUnavailable]
// (another time).
package kube
