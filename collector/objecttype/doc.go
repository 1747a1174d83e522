// Package objecttype decides which types of objects are read, out of those that a cluster
// serves.
//
// Types are named as with kubectl: by plural (deployments), singular, short name or kind,
// with the group (deployments.apps), and with the version too (widgets.v1.example.com).
// *.example.com are all types of a group, * those of all groups that the API server serves
// itself, and default is a fixed list of types of Kubernetes: what people keep, without
// what only machines write and without secrets.
//
// A name without a group is the type of Kubernetes if there is one, and else that of every
// group that has it, so that no CRD makes a name mean something else than before. What is
// removed is never read, however it was added. A type is read in the first version of its
// group that serves it, unless a name pins another.
//
// A choice is never wrong in silence: what a name could reach and nobody can tell (the
// server behind an APIService does not answer) is unavailable, and a name that nothing is
// served for is absent, with a warning.
package objecttype
