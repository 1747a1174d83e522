package kube

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// placed admits objects written as "namespace/name", and fails when one is not
// placed as expected.
func placed(t *testing.T, s *sequence, want place, keys ...string) {
	t.Helper()
	for _, k := range keys {
		namespace, name, _ := strings.Cut(k, "/")
		got, err := s.admit(&wire.Object{Namespace: []byte(namespace), Name: []byte(name), UID: []byte("uid of " + k)})
		require.NoError(t, err, k)
		require.Equal(t, want, got, k)
	}
}

func TestSequenceSkipsWhatWasTakenBeforeThePageBroke(t *testing.T) {
	t.Parallel()
	s := newSequence()
	// "a-b/x" comes before "a/x": the API server sorts by the whole key.
	placed(t, &s, takeFirst, "a-b/x", "a/m")
	placed(t, &s, take, "a/n")
	s.rewind()
	placed(t, &s, skip, "a-b/x", "a/m", "a/n")
	assert.False(t, s.other, "the last object is there again")
	placed(t, &s, take, "a/o")
	assert.Equal(t, 4, s.taken)
	assert.Zero(t, s.repeated, "reading again is not the server's doing")
}

func TestSequenceReachesThePointAgainBeforeItGoesOn(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]struct {
		skipped, taken []string
		other          bool
	}{
		"nothing has changed":            {[]string{"a/a", "m/m"}, []string{"m/n"}, false},
		"a namespace was made before it": {[]string{"a/a", "b/b", "m/m"}, []string{"m/n"}, false},
		"a pod was made before it":       {[]string{"a/a", "m/a", "m/m"}, []string{"m/n"}, true},
		"the last pod is gone":           {[]string{"a/a"}, []string{"m/n"}, true},
		"all before it are gone":         {nil, []string{"m/n"}, true},
	} {
		s := newSequence()
		placed(t, &s, takeFirst, "a/a", "m/m")
		s.rewind()
		placed(t, &s, skip, again.skipped...)
		placed(t, &s, take, again.taken...)
		assert.Equal(t, again.other, s.other, name)
	}
}

func TestSequenceDoesNotSkipWhatItsOrderDoesNotTell(t *testing.T) {
	t.Parallel()
	admit := func(s *sequence, namespace, name string) error {
		_, err := s.admit(&wire.Object{Namespace: []byte(namespace), Name: []byte(name)})
		return err
	}
	s := newSequence()
	placed(t, &s, takeFirst, "a/b")
	require.ErrorIs(t, admit(&s, "a", "a"), ErrUnordered)
	s = newSequence()
	placed(t, &s, takeFirst, "a-b/a", "ab/c")
	require.ErrorIs(t, admit(&s, "a-b", "x"), ErrUnordered)
	s = newSequence()
	placed(t, &s, takeFirst, "a/c")
	s.rewind()
	placed(t, &s, skip, "a/b")
	require.ErrorIs(t, admit(&s, "a", "a"), ErrUnordered, "it may be new: it was not there before a/b")
}

func TestSequenceThatRemembersNeedsNoOrder(t *testing.T) {
	t.Parallel()
	s := remembering()
	placed(t, &s, takeFirst, "n/b")
	placed(t, &s, take, "n/a", "n/c")
	placed(t, &s, skip, "n/b")
	assert.Equal(t, 1, s.repeated)
	assert.True(t, s.descending)
	s.rewind()
	placed(t, &s, skip, "n/b", "n/c")
	placed(t, &s, take, "n/d")
	placed(t, &s, skip, "n/a")
	assert.Equal(t, 1, s.repeated)
	assert.Equal(t, 4, s.taken)
}

func TestKeysCompareAsTheAPIServerSortsThem(t *testing.T) {
	t.Parallel()
	sorted := []string{"a-b/x", "a-b/y", "a/a", "a/b", "a0/a", "aa/", "aa/a", "b/a"}
	for i, a := range sorted {
		for j, b := range sorted {
			ns, name, _ := strings.Cut(a, "/")
			ns2, name2, _ := strings.Cut(b, "/")
			assert.Equal(t, cmp.Compare(i, j), compareKeys(key{[]byte(ns), []byte(name)}, key{[]byte(ns2), []byte(name2)}), "%s and %s", a, b)
		}
	}
}

func TestFirstPageReadAgainAtALaterMomentIsMixed(t *testing.T) {
	proxy := faultproxy.New(t, many(t, 1000).Config())
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
