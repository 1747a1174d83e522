//go:build linux

// Command e2e proves the product where it lives: the real image, from a real
// registry, installed by real Helm into a namespace that enforces the restricted
// Pod Security Standard, started by a real CronJob on a real node, delivering to a
// receiver that is as strict as Anchore Enterprise. What Kubernetes recorded of
// each run is compared with what the receiver has got.
//
// Each step is a line with its seconds. The first that fails ends the run, with
// its name, the logs of the node and the containers, and exit status 1. The node
// is that of nodetest: nothing is left of it, however the run ends.
//
// make e2e builds what it needs first; see .ci/e2e for what the machine must have.
package main
