// Package programtest has the tests that run the built program, as Kubernetes or a
// person would: exit codes, streams, what a receiver accepts, what the API server was
// asked. It has nothing else: what can be tested within a package is tested there.
package programtest
