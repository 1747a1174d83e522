package kube

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/inventory"
)

func TestSequenceSkipsWhatWasTakenBeforeThePageBroke(t *testing.T) {
	t.Parallel()
	var s sequence
	place := func(namespace, name string) place {
		t.Helper()
		where, err := s.admit(&metaRecord{Namespace: text(namespace), Name: text(name)})
		require.NoError(t, err)
		return where
	}
	// "a-b/x" comes before "a/x": the API server sorts by the whole key.
	assert.Equal(t, takeFirst, place("a-b", "x"))
	assert.Equal(t, takeFirst, place("a", "m"))
	assert.Equal(t, take, place("a", "n"))
	s.rewound = true
	assert.Equal(t, skip, place("a-b", "x"), "of a namespace that is over")
	assert.Equal(t, skip, place("a", "m"))
	assert.Equal(t, skip, place("a", "n"))
	assert.Equal(t, take, place("a", "o"))
	assert.Equal(t, 4, s.taken)
	assert.Zero(t, s.repeated, "reading again is not the server's doing")
	_, err := s.admit(&metaRecord{Namespace: text("a-b"), Name: text("y")})
	require.ErrorIs(t, err, errOrder)
}

func TestFirstPageReadAgainAtALaterMomentIsMixed(t *testing.T) {
	proxy := faultproxy.New(t, many(t, 2000).Config())
	config := proxy.Serve(t)
	answer := func(version, rest string) faultproxy.Fault {
		return faultproxy.Answer(http.StatusOK, "application/json",
			`{"kind":"PodList","metadata":{"resourceVersion":"`+version+`"},"items":[{"metadata":{"namespace":"n","name":"a"}}`+rest)
	}
	const whole = `,{"metadata":{"namespace":"n","name":"b"}}]}`
	for _, c := range []struct {
		again string
		want  inventory.Consistency
	}{{"1", inventory.Snapshot}, {"2", inventory.Mixed}} {
		proxy.Script(answer("1", ","), answer(c.again, whole))
		r := newRecorder(t)
		listing, err := dial(t, config, usual(500)).Pods(t.Context(), r)
		require.NoError(t, err)
		assert.Len(t, r.pods, 2)
		assert.Equal(t, c.want, listing.Consistency)
		assert.Equal(t, "1", listing.ResourceVersion)
	}
}
