package payload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/inventory"
)

// What a view shows of the records is what can be read from a body that was made of
// them.
func TestViewIsWhatABodySays(t *testing.T) {
	t.Parallel()
	type use struct {
		namespace string
		image     image.Image
	}
	for _, kind := range []Kind{Anchore, KAI, Stocktake} {
		for _, o := range []Options{{}, {IgnoreNotRunning: true}, {TagPolicy: PolicyInsert}, {TagPolicy: PolicyDrop}, {Registry: "mirror.example.com/hub"}} {
			view, err := o.View(kind)
			require.NoError(t, err)
			pods := smallPods()[:3] // all have UIDs
			want, got := map[use]bool{}, map[use]bool{}
			for i := range pods {
				for n := range pods[i].Containers {
					if img, shown := view(&pods[i], &pods[i].Containers[n]); shown {
						want[use{pods[i].Namespace, img}] = true
					}
				}
			}
			b := newBuilder(t, kind, smallHead(), o)
			visitPods(t, b, pods)
			bodies, err := b.Close(Outcome{Complete: true})
			require.NoError(t, err)
			_, m := load(t, readAll(t, bodies[0].Plain()), o)
			for _, p := range m.pods {
				for _, c := range p.Containers {
					got[use{p.Namespace, c.Image}] = true
				}
			}
			assert.Equal(t, want, got, "%s %+v", kind, o)
			assert.NotEmpty(t, got)
		}
	}
	_, err := Options{}.View("sbom")
	require.ErrorContains(t, err, "name no images for Anchore")
	_, err = Options{TagPolicy: "guess"}.View(Anchore)
	require.ErrorIs(t, err, ErrSettings)
}

func TestViewLeavesOutWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	view, err := Options{IgnoreNotRunning: true}.View(KAI)
	require.NoError(t, err)
	c := container(inventory.Regular, "c", "a:1", "")
	_, shown := view(&inventory.Pod{Phase: inventory.Pending}, &c)
	assert.False(t, shown)
	_, shown = view(&inventory.Pod{Phase: inventory.Running}, &c)
	assert.True(t, shown)
}

// What a body named is named the same by records that were loaded from it.
func TestReportedIsTheNameInTheBody(t *testing.T) {
	t.Parallel()
	o := Options{IgnoreNotRunning: true, Registry: "mirror.example.com/hub"}
	for _, kind := range []Kind{Anchore, KAI} {
		direct, err := o.Reported(kind, Stocktake)
		require.NoError(t, err)
		again, err := o.Reported(kind, kind)
		require.NoError(t, err)
		names := func(pods []inventory.Pod, reported Reported) map[string]bool {
			all := map[string]bool{}
			for i := range pods {
				for n := range pods[i].Containers {
					if name, digest, ok := reported(&pods[i], &pods[i].Containers[n]); ok {
						all[pods[i].Namespace+" "+name+" "+digest] = true
					}
				}
			}
			return all
		}
		b := newBuilder(t, kind, smallHead(), o)
		visitPods(t, b, smallPods()[:3])
		bodies, err := b.Close(Outcome{Complete: true})
		require.NoError(t, err)
		_, m := load(t, readAll(t, bodies[0].Plain()), o)
		want := names(smallPods()[:3], direct)
		assert.Contains(t, want, "team-a mirror.example.com/hub/nginx:"+hexA+" sha256:"+hexA)
		assert.Equal(t, want, names(m.pods, again), "%s", kind)
	}
}
