package programtest_test

import (
	"slices"
	"sync"
	"testing"

	"stocktake/collector/internal/kubetest"
)

// The tests run beside each other. Those that only read share a cluster which the first
// of them fills; those that change something have a cluster to themselves meanwhile.

var (
	sharedSmall  = readOnly{seed: seedSmall}
	sharedMatrix = readOnly{seed: func(t testing.TB, c *kubetest.Cluster) { c.SeedMany(t, matrixPods, 3, 2) }}
	pool         = kubetest.Pool{Options: kubetest.Options{ExpireOnCompact: true, Audit: true}, Size: 1}
)

// readOnly is a cluster that nobody changes once it is filled.
type readOnly struct {
	kubetest.Shared

	seed func(testing.TB, *kubetest.Cluster)
	once sync.Once
}

// cluster returns it, filled.
func (r *readOnly) cluster(t testing.TB) *kubetest.Cluster {
	t.Helper()
	c := r.Cluster(t)
	r.once.Do(func() {
		c.Wipe(t) // of nothing, but it compacts: a token of the first revision is expired
		r.seed(t, c)
	})
	return c
}

// smallCluster has a few pods of every sort. Who changes it takes ownSmallCluster.
func smallCluster(t testing.TB) *kubetest.Cluster {
	t.Helper()
	return sharedSmall.cluster(t)
}

// matrixCluster has matrixPods in three namespaces. It is not for changes either.
func matrixCluster(t testing.TB) *kubetest.Cluster {
	t.Helper()
	return sharedMatrix.cluster(t)
}

// ownCluster is empty, and no other test's until this one ends.
func ownCluster(t testing.TB) *kubetest.Cluster {
	t.Helper()
	return pool.Cluster(t)
}

// ownSmallCluster is like smallCluster, and no other test's until this one ends.
func ownSmallCluster(t testing.TB) *kubetest.Cluster {
	t.Helper()
	c := pool.Cluster(t)
	seedSmall(t, c)
	return c
}

// imageVolumes is the minor version of the first Kubernetes with volumes that are images
// (KEP-4639). What an older API server stores has none.
const imageVolumes = 31

// dataImage is the volume of the small cluster that is an image.
const dataImage = "quay.io/a/data:1"

// asKept are images, without dataImage where the API server does not keep it.
func asKept(cluster *kubetest.Cluster, images ...string) []string {
	return slices.DeleteFunc(images, func(image string) bool { return image == dataImage && cluster.Minor() < imageVolumes })
}

// smallImages are the names of the images of the small cluster.
func smallImages(cluster *kubetest.Cluster) []string {
	return asKept(cluster, "docker.io/library/busybox:latest", "docker.io/library/nginx:1.27@sha256:"+kubetest.Hex("nginx"), dataImage, "reg.io/Foo:1")
}

func seedSmall(t testing.TB, cluster *kubetest.Cluster) {
	t.Helper()
	cluster.SeedNodes(t, "node-1")
	cluster.SeedNamespaces(t, "team-a", "team-b", "unused")
	web := kubetest.Container{Name: "web", Image: "nginx:1.27", ImageID: "docker.io/library/nginx@sha256:" + kubetest.Hex("nginx")}
	cluster.SeedPods(t,
		kubetest.Pod{Namespace: "team-a", Name: "web", Node: "node-1", Containers: []kubetest.Container{web,
			{Kind: kubetest.Init, Name: "init", Image: "busybox", ImageID: "sha256:" + kubetest.Hex("busybox")},
			{Kind: kubetest.Volume, Name: "data", Image: dataImage}}},
		kubetest.Pod{Namespace: "team-a", Name: "done", Node: "node-1", Phase: "Succeeded", Containers: []kubetest.Container{web}},
		kubetest.Pod{Namespace: "team-b", Name: "stuck", Node: "node-1", Containers: []kubetest.Container{
			{Name: "stuck", Image: "reg.io/Foo:1", State: kubetest.Waiting, Reason: "InvalidImageName"}}},
		kubetest.Pod{Namespace: "team-b", Name: "web", Node: "gone", Containers: []kubetest.Container{web}},
	)
}
