package kubetest_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"stocktake/collector/internal/kubetest"
)

func TestManyIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	first := slices.Collect(kubetest.Many(300, 5, 3))
	second := slices.Collect(kubetest.Many(300, 5, 3))
	assert.Equal(t, first, second)
}

func TestManyLooksLikeProduction(t *testing.T) {
	t.Parallel()
	const count = 8_000 // each image is there
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	uids, ids, images, phases := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[corev1.PodPhase]int{}
	bytes := 0
	for pod := range kubetest.Many(count, 50, 20) {
		assert.Regexp(t, uuid, string(pod.UID))
		uids[string(pod.UID)] = true
		phases[pod.Status.Phase]++
		bytes += pod.Size()
		for _, status := range pod.Status.ContainerStatuses {
			images[status.Image] = true
			ids[status.ContainerID] = true
		}
	}
	assert.Len(t, uids, count)
	assert.Len(t, ids, 2*count*99/100+1, "one for each container that started, and none")
	assert.InDelta(t, 404, len(images), 10)
	assert.InDelta(t, 4500, bytes/count, 300)
	assert.Equal(t, map[corev1.PodPhase]int{"Running": 7_680, "Pending": 80, "Failed": 80, "Succeeded": 160}, phases)
}
