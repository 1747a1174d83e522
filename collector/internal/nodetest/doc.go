//go:build linux

// Package nodetest turns a Linux machine into a real Kubernetes cluster of one
// node that runs pods: the control plane of kubetest, the scheduler, the
// controllers, a kubelet with containerd and runc, and an image registry.
//
// It exists because a CronJob is only proven by being run. That a chart renders
// does not show that the image starts as an unprivileged user on a read-only
// file system, that a failure policy reads the exit code, or what the kubelet
// writes into the pod's status.
//
// # Nothing is left behind
//
// A node is the most untidy of programs: it mounts, it makes network namespaces
// and cgroups, it turns kernel settings, its containers outlive it. Undoing that
// by hand never covers every exit. So the whole node lives in namespaces of its
// own (namespaces(7)), and the kernel undoes it: [Run] starts the program again
// as the first process of a new process namespace, with mounts and a network of
// its own. When that process ends, in whatever way, the kernel kills all others
// with it, and with the last one go the mounts, the files (which are on a tmpfs)
// and the network. The first process in turn is killed when the one that started
// it is. Cgroups alone remain, empty, and are removed afterwards.
//
// # The network
//
// There is a loopback device and nothing else: no pod and no program of the node
// can reach the world. Two further addresses sit on it, that of the node and
// that of the Service "kubernetes", where [Gateway] forwards to the API server,
// as kube-proxy would. Pods have addresses of their own (the CNI plugins ptp and
// host-local) and find the API server as they do everywhere.
package nodetest
