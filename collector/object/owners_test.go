package object_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
)

// uidOf is the UID with a number.
func uidOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// owning is an object that has an owner, unless that is 0.
func owning(n, owner int, namespace string) string {
	references := "null"
	if owner != 0 {
		references = `[{"uid":"` + uidOf(owner) + `","kind":"X"}]`
	}

	return `{"kind":"X","apiVersion":"v1","metadata":{"namespace":"` + namespace + `","uid":"` + uidOf(n) + `","ownerReferences":` + references + `},"spec":{"claimRef":{"uid":"not mine"}}}`
}

func TestOwned(t *testing.T) {
	t.Parallel()
	var index object.Index
	for _, text := range []string{
		owning(3, 2, "a"), owning(2, 1, "a"), owning(1, 0, "a"), // pod, replica set, deployment
		owning(4, 99, "a"), owning(5, 4, "a"), // an owner that is gone
		owning(6, 7, "a"), owning(7, 8, "a"), owning(8, 6, "a"), owning(9, 8, "a"), // three in a ring, and one that hangs on it
		owning(10, 10, "a"),                     // itself
		owning(11, 1, "b"), owning(12, 11, "b"), // in another namespace
		owning(13, 0, ""), owning(14, 13, "a"), owning(15, 1, ""), // without a namespace: may own, may not be owned
		owning(3, 2, "a"), // listed twice
		`{"kind":"PersistentVolume","apiVersion":"v1","metadata":{"uid":"` + uidOf(16) + `"},"spec":{"csi":{},"claimRef":{"kind":"PersistentVolumeClaim","uid":"` + uidOf(17) + `"}}}`,
		owning(17, 0, "a"), owning(19, 16, ""), owning(20, 16, "b"),
		`{"metadata":{"ownerReferences":[{"uid":"` + uidOf(99) + `"},{"uid":"` + uidOf(1) + `","controller":true},{"uid":"` + uidOf(98) + `","controller":false}],"uid":"` + uidOf(18) + `","namespace":"a"}}`,
		`{"metadata":{"uid":"odd","namespace":"a","ownerReferences":[{"uid":"ODD"}]}}`, `{"metadata":{"uid":"ODD","namespace":"a"}}`,
		`{"metadata":{"name":"computed"}}`,
	} {
		require.NoError(t, index.Add([]byte(text)))
	}
	got := map[string]string{}
	lines := slices.Collect(index.Owned())
	for _, line := range lines {
		got[line.UID] = fmt.Sprintf("%s %s %s", line.Owner, line.Root, line.State)
	}
	want := map[string]string{"odd": "ODD ODD found"}
	for n, line := range map[int][3]any{
		2: {1, 1, "found"}, 3: {2, 1, "found"}, 4: {99, 4, "missing"}, 5: {4, 4, "missing"},
		6: {7, "", "cycle"}, 7: {8, "", "cycle"}, 8: {6, "", "cycle"}, 9: {8, "", "cycle"}, 10: {10, "", "cycle"},
		11: {1, 11, "foreign"}, 12: {11, 11, "foreign"}, 14: {13, 13, "found"}, 15: {1, 15, "foreign"}, 16: {17, 17, "found"}, 19: {16, 17, "found"}, 20: {16, 17, "found"}, 18: {1, 1, "found"},
	} {
		root := ""
		if number, is := line[1].(int); is {
			root = uidOf(number)
		}
		owner, _ := line[0].(int)
		want[uidOf(n)] = fmt.Sprintf("%s %s %s", uidOf(owner), root, line[2])
	}
	assert.Equal(t, want, got)
	assert.Len(t, lines, len(got))
	assert.True(t, slices.IsSortedFunc(lines, func(a, b object.Owned) int {
		if a.UID == "odd" || b.UID == "odd" {
			return 0 // by its hash
		}
		return slices.Compare([]byte(a.UID), []byte(b.UID))
	}))
}

func TestOwnedOfALongChain(t *testing.T) {
	t.Parallel()
	const n = 50_000
	var index object.Index
	for i := 1; i <= n; i++ {
		require.NoError(t, index.Add([]byte(owning(i, i-1, "a"))))
	}
	for line := range index.Owned() {
		require.Equal(t, uidOf(1), line.Root)
		require.Equal(t, object.Found, line.State)
	}
}

func TestIndexRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `[]`, `{"metadata":"` + canary + `"}`, `{"metadata":{"uid":1}}`, `{"metadata":{"ownerReferences":{}}}`, `{"metadata":{"` + canary + `":1,"` + canary + `":2}}`, `{"metadata":{"uid":"a"`} {
		var index object.Index
		err := index.Add([]byte(text))
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), canary)
	}
}
