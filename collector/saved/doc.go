// Package saved reads documents that were saved: bodies that this program made, and
// those of Anchore's collectors, as they lie in files.
//
// # What is saved
//
// A file has one body or several, the batches or accounts of a run: one after the
// other, as programs print them, or in an array; plain or in gzip; in UTF-8 or UTF-16,
// with or without a byte order mark. A body is told by its members, for none of the
// kinds is named in all of them.
//
// # The way back
//
// Bodies takes bodies over as they are, to be sent later; they must keep to the schema
// of their kind to the letter, because a receiver would refuse them otherwise. Load
// gives their records back, as far as the kind knows them, and a body that is built
// again from what was loaded is the same to the byte. It is lenient with what other
// programs write. ViewOf tells how records would look in a body of another kind.
//
// Files may come from anybody: a body is read an element at a time, and no element may
// be longer than 64 MiB.
package saved
