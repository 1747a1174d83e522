package collector

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/inventory"
	"stocktake/collector/kube"
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
			s, err := c.options.selection()
			require.NoError(t, err)
			var got []string
			for _, name := range all {
				if s.match(name) {
					got = append(got, name)
				}
			}
			assert.Equal(t, c.want, got)
			_, named := s.named()
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
		_, err := o.selection()
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, name)
	}
	var k kube.Options
	err := MetadataOptions{PodLabels: []string{"(("}}.apply(&k)
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
		var k kube.Options
		require.NoError(t, MetadataOptions{PodLabels: strings.Fields(c.entries), PodAnnotations: strings.Fields(c.entries)}.apply(&k))
		var labels, annotations []string
		for _, key := range []string{"app", "app.kubernetes.io/name", "app.kubernetes.io/part-of", "team"} {
			if k.OfPods.Labels([]byte(key)) {
				labels = append(labels, key)
			}
			if k.OfPods.Annotations([]byte(key)) {
				annotations = append(annotations, key)
			}
		}
		assert.Equal(t, c.want, strings.Join(labels, " "), c.entries)
		assert.Equal(t, labels, annotations)
	}
	var k kube.Options
	require.NoError(t, MetadataOptions{NodeDisable: true}.apply(&k))
	assert.False(t, k.OfNodes.Labels([]byte("app")))
	assert.Nil(t, k.OfPods.Labels, "no list of labels means all")
	assert.Nil(t, k.OfPods.Annotations, "no list of annotations means none")
}

func TestAccountRoutes(t *testing.T) {
	t.Parallel()
	const file = `
account-routes:
  TeamA:
    user: a
    password: "123"
    namespaces: [team-a, "^shared-.*"]
  dotted.Team:
    namespaces: [shared-1, shared-1]
account-route-by-namespace-label:
  key: owner
  default-account: rest
`
	l, err := load(Invocation{Config: fileOf(t, "aki.yaml", file)})
	require.NoError(t, err)
	r, err := l.Route.router("admin")
	require.NoError(t, err)
	for _, c := range []struct {
		ns   inventory.Namespace
		want []string
	}{
		{inventory.Namespace{Name: "team-a"}, []string{"TeamA"}},
		{inventory.Namespace{Name: "my-team-a-ns"}, []string{"rest"}},
		{inventory.Namespace{Name: "shared-1"}, []string{"TeamA", "dotted.Team"}},
		{inventory.Namespace{Name: "x", Labels: []inventory.Label{{Key: "owner", Value: "Team.X"}}}, []string{"Team.X"}},
		{inventory.Namespace{Name: "x", Labels: []inventory.Label{{Key: "owner"}}}, []string{"rest"}},
	} {
		assert.Equal(t, c.want, r.route(c.ns), c.ns.Name)
	}
	r.options.IgnoreMissing = true
	assert.Empty(t, r.route(inventory.Namespace{Name: "x"}))
	assert.Len(t, l.Route.credentials(), 1, "routes without credentials use the global ones")
	assert.Equal(t, "123", l.Route.credentials()["TeamA"].Password)

	none, err := RouteOptions{}.router("admin")
	require.NoError(t, err)
	assert.Nil(t, none)
}

func TestWrongAccountRoutesDoNotShowPasswords(t *testing.T) {
	t.Parallel()
	for _, routes := range []string{
		"A: {pasword: hunter2}", "A: {password: [hunter2]}", "A: hunter2", "A: {user: u}\nA: {user: v}", "[hunter2]",
	} {
		_, err := load(Invocation{Config: folder(t, map[string]string{"account-routes": routes})})
		require.ErrorIs(t, err, settings.ErrInvalid, routes)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, err := RouteOptions{Routes: Routes{{Account: "A", Password: "hunter2"}}}.router("admin")
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestBothSpellingsOfAnchoreK8sInventoryWork(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"metadata-collection: {pods: {labels: [app], annotations: [a, b]}}\naccount-route-by-namespace-label: {ignore-missing-label: true}",
		"metadata-collection: {pods: {include-labels: [app], include-annotations: [a, b]}}\naccount-route-by-namespace-label: {ignore-namespace-missing-label: true}",
	} {
		l, err := load(Invocation{Config: fileOf(t, "aki.yaml", content)})
		require.NoError(t, err)
		assert.Equal(t, []string{"app"}, l.Metadata.PodLabels)
		assert.Equal(t, []string{"a", "b"}, l.Metadata.PodAnnotations)
		assert.True(t, l.Route.IgnoreMissing)
	}
	_, err := load(Invocation{Config: fileOf(t, "aki.yaml", "metadata-collection: {pods: {labels: [app], include-labels: [app]}}")})
	assert.ErrorContains(t, err, "given twice")
}
