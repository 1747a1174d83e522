package workload

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

func TestNamespaceSelection(t *testing.T) {
	t.Parallel()
	all := []string{"default", "kube-system", "kubeflow", "my-default-ns", "team-a", "team-b"}
	for _, c := range []struct {
		title   string
		options SelectOptions
		want    []string
		listed  bool // one listing for each
	}{
		{"nothing set", SelectOptions{}, all, false},
		{"names", SelectOptions{Include: []string{"team-a", "default"}}, []string{"default", "team-a"}, true},
		{"glob", SelectOptions{Include: []string{"team-*"}}, []string{"team-a", "team-b"}, false},
		{"regular expression", SelectOptions{Include: []string{"/^team-[b-z]$/"}}, []string{"team-b"}, false},
		{"exclude a name, exactly", SelectOptions{Exclude: []string{"default"}}, []string{"kube-system", "kubeflow", "my-default-ns", "team-a", "team-b"}, false},
		{"exclude by KAI's rule", SelectOptions{Exclude: []string{"^kube-*"}}, []string{"default", "my-default-ns", "team-a", "team-b"}, false},
		{"exclude wins", SelectOptions{Include: []string{"team-a", "team-b"}, Exclude: []string{"/-a$/"}}, []string{"team-b"}, true},
		{"KAI's older list", SelectOptions{Legacy: []string{"team-a"}}, []string{"team-a"}, true},
		{"KAI's older list: all", SelectOptions{Legacy: []string{"team-a", "all"}}, all, false},
		{"the older list yields", SelectOptions{Include: []string{"default"}, Legacy: []string{"all"}}, []string{"default"}, true},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			s, err := c.options.Selection()
			require.NoError(t, err)
			var got []string
			for _, name := range all {
				if s.Match(name) {
					got = append(got, name)
				}
			}
			assert.Equal(t, c.want, got)
			_, named := s.Named()
			assert.Equal(t, c.listed, named)
		})
	}
}

func TestBadPatternsAreFoundAtStart(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]SelectOptions{
		"namespace-selectors.exclude": {Exclude: []string{"kube-(system"}},
		"namespace-selectors.include": {Include: []string{"/(/"}},
		"namespaces":                  {Legacy: []string{"Team_A"}},
	} {
		_, err := o.Selection()
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, name)
	}
	_, err := MetadataOptions{PodLabels: []string{"(("}}.Keeps()
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.ErrorContains(t, err, "metadata-collection.pods.labels")
}

func TestMetadataAllowLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entries, want string
	}{
		{"app", "app"},
		{"app.kubernetes.io/*", "app.kubernetes.io/name app.kubernetes.io/part-of"},
		{"*", "app app.kubernetes.io/name app.kubernetes.io/part-of team"},
		{"^app$ /^te/", "app team"},
		{"app\\.kubernetes.*", "app.kubernetes.io/name app.kubernetes.io/part-of"},
		{"none", ""},
	} {
		k, err := MetadataOptions{PodLabels: strings.Fields(c.entries), PodAnnotations: strings.Fields(c.entries)}.Keeps()
		require.NoError(t, err)
		var labels, annotations []string
		for _, key := range []string{"app", "app.kubernetes.io/name", "app.kubernetes.io/part-of", "team"} {
			if k.Pods.Labels([]byte(key)) {
				labels = append(labels, key)
			}
			if k.Pods.Annotations([]byte(key)) {
				annotations = append(annotations, key)
			}
		}
		assert.Equal(t, c.want, strings.Join(labels, " "), c.entries)
		assert.Equal(t, labels, annotations)
	}
	k, err := MetadataOptions{NodeDisable: true}.Keeps()
	require.NoError(t, err)
	assert.False(t, k.Nodes.Labels([]byte("app")))
	assert.Nil(t, k.Pods.Labels, "no list of labels means all")
	assert.Nil(t, k.Pods.Annotations, "no list of annotations means none")
}
