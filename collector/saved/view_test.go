package saved

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
	"stocktake/collector/internal/clustertest"
	"stocktake/collector/inventory"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// What a view shows of the records is what can be read from a body that was made of
// them: all that is sure, and nothing that it does not show.
func TestViewIsWhatABodySays(t *testing.T) {
	t.Parallel()
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI, payload.Stocktake} {
		for _, o := range []payload.Options{{}, {IgnoreNotRunning: true}, {TagPolicy: payload.PolicyInsert}, {TagPolicy: payload.PolicyDrop}, {Registry: "mirror.example.com/hub"}} {
			view, err := ViewOf(kind, o)
			require.NoError(t, err)
			pods := clustertest.SmallPods()[:3] // all have UIDs
			sure, shown, got := map[string]bool{}, map[string]bool{}, map[string]bool{}
			for i := range pods {
				for n := range pods[i].Containers {
					if img, certain, counts := view(&pods[i], &pods[i].Containers[n]); counts {
						shown[inBody(&pods[i], &img)] = true
						sure[inBody(&pods[i], &img)] = sure[inBody(&pods[i], &img)] || certain
					}
				}
			}
			body := smallBody(t, kind, o, pods)
			_, m := load(t, clustertest.ReadAll(t, body.Plain()), o)
			for _, p := range m.pods {
				for _, c := range p.Containers {
					got[inBody(&p, &c.Image)] = true
				}
			}
			for each := range got {
				assert.Contains(t, shown, each, "%s %+v", kind, o)
			}
			for each, certain := range sure {
				assert.True(t, !certain || got[each], "%s: %s %+v", each, kind, o)
			}
			assert.NotEmpty(t, got)
		}
	}
	_, err := ViewOf("sbom", payload.Options{})
	require.ErrorContains(t, err, `no inventory is of the kind "sbom"`)
	_, err = ViewOf(payload.Anchore, payload.Options{TagPolicy: "guess"})
	require.ErrorIs(t, err, settings.ErrInvalid)
}

// inBody is what tells images of a body apart.
func inBody(p *inventory.Pod, img *image.Image) string {
	return p.Namespace + " " + img.Ref.Name() + " " + img.Ref.Tag + " " + img.Digest()
}

// Programs differ in what they leave out.
func TestViewIsSureOfWhatEveryProgramNames(t *testing.T) {
	t.Parallel()
	view, err := ViewOf(payload.Anchore, payload.Options{})
	require.NoError(t, err)
	started := clustertest.Container(inventory.Regular, "c", "a:1", "")
	started.ID = "containerd://1"
	waiting, ephemeral, volume := started, started, started
	waiting.ID, ephemeral.Kind, volume.Kind = "", inventory.Ephemeral, inventory.Volume
	running := &inventory.Pod{Phase: inventory.Running}
	for _, test := range []struct {
		pod  *inventory.Pod
		c    inventory.Container
		sure bool
	}{
		{running, started, true},
		{&inventory.Pod{Phase: inventory.Succeeded}, started, false},
		{running, waiting, false},
		{running, ephemeral, false},
		{running, volume, false},
	} {
		_, sure, counts := view(test.pod, &test.c)
		assert.True(t, counts)
		assert.Equal(t, test.sure, sure, "%+v", test)
	}
}

// What a body named is named the same by records that were loaded from it.
func TestReportedIsTheNameInTheBody(t *testing.T) {
	t.Parallel()
	o := payload.Options{IgnoreNotRunning: true, Registry: "mirror.example.com/hub"}
	for _, kind := range []payload.Kind{payload.Anchore, payload.KAI} {
		direct, err := o.Reported(kind, payload.Stocktake)
		require.NoError(t, err)
		again, err := o.Reported(kind, kind)
		require.NoError(t, err)
		names := func(pods []inventory.Pod, reported payload.Reported) map[string]bool {
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
		body := smallBody(t, kind, o, clustertest.SmallPods()[:3])
		_, m := load(t, clustertest.ReadAll(t, body.Plain()), o)
		want := names(clustertest.SmallPods()[:3], direct)
		assert.Contains(t, want, "team-a mirror.example.com/hub/nginx:"+clustertest.HexA+" sha256:"+clustertest.HexA)
		assert.Equal(t, want, names(m.pods, again), "%s", kind)
	}
}
