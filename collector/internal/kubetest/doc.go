// Package kubetest runs a real Kubernetes control plane for tests: etcd and
// kube-apiserver, no kubelet, no controllers, no container runtime.
//
// It exists because nothing less is faithful. A fake clientset ignores limit and
// continue, so that every mistake in paging, in resuming after an expired token
// or in decoding protobuf stays invisible until a real cluster shows it. Here the
// server is the one that production runs; only the objects are made up.
//
// # Objects come in through etcd
//
// A pod's status is written by a kubelet, and there is none. And an API server
// takes minutes to admit tens of thousands of pods. So objects are written where
// the API server itself would have put them: in etcd, under
// /registry/pods/NAMESPACE/NAME, in the protobuf form that it stores. It sees
// them through its watch, as it sees the writes of another API server. Admission,
// defaulting and validation do not happen: a seeded object is exactly what the
// test wrote, which is also how to show a collector what should never exist.
//
// [Pod] describes one pod in the terms of the images it runs, [Many] makes tens
// of thousands of ordinary ones.
//
// # Tokens expire for real
//
// A continue token stands for a revision of etcd, and expires when etcd has
// compacted that revision: the API server answers 410 Gone. Two things hide this
// from a test. Compaction happens every five minutes; [Cluster.Compact] does it
// now. And since 1.34 the API server serves pages from snapshots of its own watch
// cache (KEP-4988), which outlive the compaction by up to a quarter of a minute:
// start it without these snapshots ([Options.ExpireOnCompact]).
//
// # Programs
//
// etcd and kube-apiserver are taken from KUBEBUILDER_ASSETS when that is set, and
// else from the repository's .ci/bin, where .ci/build puts them. A test calls that
// script itself, so that go test is enough on a machine with Go alone. The first
// time takes minutes. A missing program fails the test; nothing is ever skipped.
//
// Clusters run older API servers too, and `make test-old` has the tests meet one.
// Options mean the same there. A test that expects what only newer ones do asks
// [Cluster.Minor], and expects of an old one what that does.
package kubetest
