// Package payload turns the records of a run into the bytes that a receiver
// reads, while the records arrive.
//
// # What a body is
//
// A body is one JSON object in one gzip member (RFC 1952; receivers exist that
// stop reading after the first member). It has a frame of fixed text, with an
// array in every opening. The body of Anchore's v2 inventory has four of them,
//
//	{"cluster_name":…,"containers":[ ],"namespaces":[ ],"nodes":[ ],"pods":[ ],"serverVersionMetadata":…,"timestamp":…}
//
// and that of KAI has one, its results. The native body, whose schema is
// stocktake.schema.json, numbers images and lists each of them once. Pods and their containers arrive
// together and are written far apart, so the arrays must grow side by side. To
// hold them decoded costs as much memory as the cluster is large; to hold them
// as JSON costs a kilobyte and a half for each pod.
//
// # Segments
//
// A stream of DEFLATE blocks (RFC 1951) that ends with a sync flush ends on a
// byte boundary, and no match in it reaches back beyond its own start. Such
// streams can therefore be put one after the other in any order and mixture, and
// the result is a valid stream again; pigz compresses in parallel by the same
// property. So every array is cut into segments of about a quarter of a
// megabyte, each compressed once, on its own, as soon as it is full, and stored
// in a spool: memory up to a limit, then a temporary file that has no name. A
// body is a gzip header, a list of segments, an empty last block, and a trailer
// whose CRC-32 is computed from the CRCs of the segments. Nothing is compressed
// twice, a body can be read any number of times, and the same segment can be
// part of several bodies.
//
// # Namespaces are transactions
//
// A receiver may replace everything that it knows of the namespaces that a body
// names. A namespace that was read in part must not be named at all, and one
// namespace must not be spread over two bodies. The Builder therefore gathers a
// namespace in arrays of its own and joins them to a body when the namespace has
// ended well; otherwise it drops them. At that moment the size of the namespace
// is known to the byte, which makes limits on the size of a body exact; and
// routing a namespace to several accounts is to join it to several bodies.
//
// # What is left out
//
// Receivers check bodies against a schema, and one bad record makes them refuse
// all of them: an object without UID, a container that has no ID yet. Such
// records are left out, counted by Reason, and the first few are named. Nothing
// else is ever left out silently. The native body has room for all of them.
//
// # Chunks of objects
//
// Whole objects come in chunks of a few megabytes, which are nothing one by one: each says
// which it is and how many there are, and what became of every type. Types arrive side by
// side, and each writes segments of its own. When the last has ended they are put in order
// and packed into chunks, with records around them that were not known before, and
// nothing is compressed twice. A type that was not read to its end is in no chunk, only its
// name and state are. Package saved has the reader of chunks, which is as strict as a receiver
// should be.
//
// # Same cluster, same bytes
//
// The order of all arrays is the order of arrival, which is the order of the
// API; namespaces without pods follow at the end. No output passes through a
// map. Two runs over the same cluster differ in the timestamp alone, and in the
// native body in what it says of the run.
package payload
