package kube

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/faultproxy"
)

func TestLongListingsTakeLargerPages(t *testing.T) {
	const n = 2000
	cluster := many(t, n)
	for name, c := range map[string]struct {
		limit, later int
	}{
		"a hundred pages":           {20, 20},
		"somewhat more":             {10, 19},
		"more than four times that": {4, 16},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			r := newRecorder(t)
			_, err := dial(t, proxy.Serve(t), usual(c.limit)).Pods(t.Context(), r)
			require.NoError(t, err)
			r.requireMany(n)
			for i, request := range proxy.Lists() {
				want := c.later
				if i == 0 {
					want = c.limit
				}
				require.Equal(t, strconv.Itoa(want), request.URL.Query().Get("limit"), "page %d", i+1)
			}
		})
	}
}
