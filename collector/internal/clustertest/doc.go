// Package clustertest has clusters in the form of records, for tests of what is made of
// them: a small one with every case that kinds of bodies tell apart, and large ones that
// are as hard to compress as real ones. It also reads bodies, packed or plain.
package clustertest
