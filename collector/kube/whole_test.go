package kube

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// wholes is a sink of whole objects: how often each came, and what ended.
type wholes struct {
	t     *testing.T
	came  map[string]int
	ended map[string]*inventory.Gap
}

func newWholes(t *testing.T) *wholes {
	return &wholes{t, map[string]int{}, map[string]*inventory.Gap{}}
}

// Object implements Sink.
func (w *wholes) Object(o *wire.Object) error {
	require.True(w.t, o.JSON)
	var object corev1.ConfigMap
	require.NoError(w.t, json.Unmarshal(o.Bytes, &object))
	require.Equal(w.t, object.Name, string(o.Name))
	require.Equal(w.t, object.Data["of"], object.Name)
	w.came[object.Namespace+"/"+object.Name]++
	return nil
}

// End implements Sink.
func (w *wholes) End(namespace string, gap *inventory.Gap) error {
	w.ended[namespace] = gap
	return nil
}

// TestWholeObjectsComeOnceThroughBrokenPagesToEverybody who wants them, in one listing.
func TestWholeObjectsComeOnceThroughBrokenPagesToEverybody(t *testing.T) {
	cluster := many(t, 2000)
	leavesMore(t)
	cluster.SeedNamespaces(t, "whole-a", "whole-b")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	for i := range 60 {
		name := fmt.Sprintf("c-%02d", i)
		_, err := client.CoreV1().ConfigMaps([]string{"whole-a", "whole-b"}[i%2]).Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"of": name},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Script(faultproxy.Pass, faultproxy.CutAfter(900), faultproxy.Pass)
	config := proxy.Serve(t)
	config.DisableCompression = true
	maps := Core("configmaps", "ConfigMap", true)
	one, two := newWholes(t), newWholes(t)
	outcome, err := dial(t, config, usual(7)).Read(t.Context(), Scope{ByName: true, Namespaces: []string{"whole-a", "whole-b"}},
		[]Want{{Resource: maps, Whole: true, Sink: one}, {Resource: maps, Sink: two}})
	require.NoError(t, err)
	assert.Len(t, one.came, 60)
	for name, times := range one.came {
		assert.Equal(t, 1, times, name)
	}
	assert.Equal(t, one.came, two.came)
	assert.Equal(t, map[string]*inventory.Gap{"whole-a": nil, "whole-b": nil}, one.ended)
	assert.Less(t, len(proxy.Lists()), 2*outcome.Listing.Pages, "two wants, one listing")
	assert.Greater(t, len(proxy.Lists()), outcome.Listing.Pages, "a page that broke was asked for again")

	proxy.Script(faultproxy.Pass, faultproxy.Answer(http.StatusForbidden, "text/plain", "no more"))
	failed := newWholes(t)
	_, err = dial(t, config, usual(100)).Read(t.Context(), Scope{ByName: true, Namespaces: []string{"whole-a", "whole-b"}}, []Want{{Resource: maps, Whole: true, Sink: failed}})
	require.NoError(t, err, "one of two is a gap")
	gaps := 0
	for _, gap := range failed.ended {
		if gap != nil {
			gaps++
			require.ErrorIs(t, gap.Cause, ErrRefused)
		}
	}
	assert.Equal(t, 1, gaps)
}
