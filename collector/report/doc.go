// Package report writes inventories for people.
//
// Who looks at a cluster asks from several sides: which images are there, which of
// them could be anything because nobody knows their digest, what runs in this
// namespace, on that node, from that registry. A Stock keeps who uses which image
// and answers all of these, for a live cluster as for an inventory that was saved.
// A View is one answer, as a table, as text for programs or for a spreadsheet.
//
// A table on a terminal fits it: columns are left out and shortened until it does,
// what tells least first. Written anywhere else it is complete and the same on
// every machine. The layout is done here, because each cell is ASCII and so there
// is nothing to it.
//
// The page for a browser is handed on: it shows everything, whoever opens it can
// search, sort and filter, and it says first of all if it is not complete.
//
// What a pod says of its image was written by whoever may create pods. On a
// terminal such text could move the cursor or hide a line, in a spreadsheet it
// could compute, in a browser it could run; whatever is not printable is shown
// escaped.
package report
