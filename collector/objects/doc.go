// Package objects makes the collection of whole objects: bodies that hold every object of
// the types that were chosen, without its secrets.
//
// It composes what others know. Package objecttype chooses the types, package kube lists
// them, package object takes out what must not leave the cluster, and package payload makes
// chunks of what remains. A [Plan] is what the settings say before a cluster is asked, a
// [Collection] takes the objects of one run.
//
// A type is complete or it is not there. One that may not be listed, that could not be read
// to its end, or of which a single object cannot be understood, is in no body, and every body
// says so. Whether the rest is delivered then is for the settings to decide: by default
// nothing is.
//
// The collection shares the reading with others. Pods, nodes and namespaces are listed once
// for the inventory too, so that nothing that is odd about an object for this package ends
// their reading.
package objects
