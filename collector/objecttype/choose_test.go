package objecttype

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

var errDead = errors.New("nobody answers")

// serving reads what a server serves, a group version a line: its name, and each type as
// plural:Kind:short, with a ! for a type without namespaces and a - for one whose objects
// cannot be listed. A + behind the name is a group version of another server, a ? one
// whose types are not known.
func serving(lines ...string) (found kube.Discovered) {
	for _, line := range lines {
		words := strings.Fields(line)
		version := strings.TrimRight(words[0], "+?")
		group := ""
		if before, after, ok := strings.Cut(version, "/"); ok {
			group, version = before, after
		}
		v := kube.GroupVersion{Group: group, Version: version, Aggregated: strings.Contains(words[0], "+")}
		if strings.HasSuffix(words[0], "?") {
			v.Stale = errDead
		}
		for _, word := range words[1:] {
			parts := strings.Split(strings.Trim(word, "!-"), ":")
			t := kube.ObjectType{
				Resource: kube.Resource{Group: group, Version: version, Plural: parts[0], Kind: parts[1], Namespaced: !strings.Contains(word, "!")},
				Singular: strings.ToLower(parts[1]), ShortNames: parts[2:], Verbs: []string{"get", "list"},
			}
			if strings.Contains(word, "-") {
				t.Verbs = []string{"create"}
			}
			v.Types = append(v.Types, t)
		}
		found.Versions = append(found.Versions, v)
	}
	return found
}

// usual is a cluster with what is confusing about clusters.
func usual() kube.Discovered {
	return serving(
		"v1 pods:Pod:po secrets:Secret nodes:Node:no! events:Event:ev bindings:Binding-",
		"apps/v1 deployments:Deployment:deploy controllerrevisions:ControllerRevision",
		"events.k8s.io/v1 events:Event:ev",
		"autoscaling/v2 horizontalpodautoscalers:HorizontalPodAutoscaler:hpa",
		"autoscaling/v1 horizontalpodautoscalers:HorizontalPodAutoscaler:hpa",
		"networking.k8s.io/v1 networkpolicies:NetworkPolicy:netpol",
		"crd.calico.example/v1 networkpolicies:NetworkPolicy:cnp",
		"a.example.org/v1 widgets:Widget:wd",
		"b.example.org/v1beta1 widgets:Widget gizmos:Gizmo!",
		"b.example.org/v1 gadgets:Gadget",
		"v1.example.com/v1 widgets:Widget",
		"metrics.k8s.io/v1beta1+ pods:PodMetrics nodes:NodeMetrics!",
		"dead.example.net/v2? ",
		"dead.example.net/v1 old:Old",
		"gone.example.net/v1+?",
	)
}

// words are choices to compare with: NAME VERSION, with the state unless it is chosen.
func words(all []Choice) (lines []string) {
	for _, c := range all {
		line := strings.TrimSpace(c.FullName() + " " + c.Version)
		if c.State != Chosen {
			line += " " + string(c.State) + ": " + c.Reason
		}
		lines = append(lines, line)
	}
	return lines
}

func split(list string) []string { return strings.Fields(list) }

func TestChoose(t *testing.T) {
	t.Parallel()
	const other = " excluded: another server serves it: name it, or set objects.aggregated=true"
	const removed = " excluded: removed by objects.remove-types"
	const notServed = " absent: the API server serves no such type"
	for name, test := range map[string]struct {
		types, add, remove string
		aggregated         bool
		byNamespace        bool
		want               []string
		warnings           []string
	}{
		"default": {types: "default", want: []string{"nodes v1", "pods v1", "deployments.apps v1", "horizontalpodautoscalers.autoscaling v2", "networkpolicies.networking.k8s.io v1"}},
		"default and more": {types: "default", add: "secrets", remove: "pods nodes", want: []string{
			"nodes v1" + removed, "pods v1" + removed, "secrets v1", "deployments.apps v1", "horizontalpodautoscalers.autoscaling v2", "networkpolicies.networking.k8s.io v1"}},
		"plural, singular, short, kind":      {types: "pods node deploy HorizontalPodAutoscaler", want: []string{"nodes v1", "pods v1", "deployments.apps v1", "horizontalpodautoscalers.autoscaling v2"}},
		"the same with groups":               {types: "deployment.apps HPA.autoscaling Gadget.b.example.org", want: []string{"deployments.apps v1", "horizontalpodautoscalers.autoscaling v2", "gadgets.b.example.org v1"}},
		"the one of Kubernetes":              {types: "networkpolicies", want: []string{"networkpolicies.networking.k8s.io v1"}},
		"both, each by its group":            {types: "networkpolicies networkpolicies.crd.calico.example", want: []string{"networkpolicies.crd.calico.example v1", "networkpolicies.networking.k8s.io v1"}},
		"every group that has it":            {types: "widgets", want: []string{"widgets.a.example.org v1", "widgets.b.example.org v1beta1", "widgets.v1.example.com v1"}},
		"a short name of one group":          {types: "wd", want: []string{"widgets.a.example.org v1"}},
		"the group's first version of it":    {types: "gadgets widgets.b.example.org", want: []string{"gadgets.b.example.org v1", "widgets.b.example.org v1beta1"}},
		"a pin":                              {types: "hpa", add: "horizontalpodautoscalers.v1.autoscaling", want: []string{"horizontalpodautoscalers.autoscaling v1"}},
		"a pin before":                       {types: "horizontalpodautoscalers.v1.autoscaling hpa", want: []string{"horizontalpodautoscalers.autoscaling v1"}},
		"two pins":                           {types: "hpa.v1.autoscaling hpa.v2.autoscaling", want: []string{"horizontalpodautoscalers.autoscaling v1"}, warnings: []string{"horizontalpodautoscalers.autoscaling is pinned to two versions, and read in v1"}},
		"a pin of the first group":           {types: "pods.v1 secrets.v1.", want: []string{"pods v1", "secrets v1"}},
		"a pin that is not served":           {types: "hpa.v3.autoscaling", want: []string{"hpa.autoscaling v3" + notServed}, warnings: []string{"objects.types: hpa.v3.autoscaling: the API server serves no such type"}},
		"a group that looks like a version":  {types: "widgets.v1.example.com", want: []string{"widgets.v1.example.com v1"}},
		"a version before such a group":      {types: "widgets.v1.v1.example.com", want: []string{"widgets.v1.example.com v1"}},
		"a whole group":                      {types: "*.b.example.org", want: []string{"gadgets.b.example.org v1", "gizmos.b.example.org v1beta1", "widgets.b.example.org v1beta1"}},
		"a group less a type":                {types: "*.b.example.org", remove: "widget.b.example.org", want: []string{"gadgets.b.example.org v1", "gizmos.b.example.org v1beta1", "widgets.b.example.org v1beta1" + removed}},
		"namespaces by name":                 {types: "*.b.example.org nodes", byNamespace: true, want: []string{"nodes v1 excluded: it has no namespace, and only the namespaces are read that are named", "gadgets.b.example.org v1", "gizmos.b.example.org v1beta1 excluded: it has no namespace, and only the namespaces are read that are named", "widgets.b.example.org v1beta1"}},
		"both events":                        {types: "events", want: []string{"events v1", "events.events.k8s.io v1 excluded: the same objects as events"}},
		"both events, one removed":           {types: "events", remove: "events.v1", want: []string{"events v1" + removed, "events.events.k8s.io v1"}},
		"no events":                          {types: "*.events.k8s.io events", remove: "ev", want: []string{"events v1" + removed, "events.events.k8s.io v1" + removed}},
		"one of the events":                  {types: "events.events.k8s.io", want: []string{"events.events.k8s.io v1"}},
		"removal wins over a pin":            {types: "pods.v1", remove: "po", want: []string{"pods v1" + removed}},
		"removal of all":                     {types: "pods widgets.a.example.org", remove: "*", want: []string{"pods v1" + removed, "widgets.a.example.org v1" + removed}},
		"removal of default":                 {types: "pods secrets", remove: "default", want: []string{"pods v1" + removed, "secrets v1"}},
		"a type of another server":           {types: "pods.metrics.k8s.io podmetrics *.gone.example.net", want: []string{"*.gone.example.net v1 unavailable: nobody answers", "pods.metrics.k8s.io v1beta1"}},
		"a name that only a dead server may": {types: "foos", want: []string{"foos unavailable: no group that answers serves it, and nobody answers"}},
		"a version before is not known":      {types: "olds.dead.example.net old.dead.example.net", want: []string{"old.dead.example.net v1 unavailable: a version before v1 may serve it: nobody answers", "olds.dead.example.net v2 unavailable: nobody answers"}},
		"a group in part dead":               {types: "*.dead.example.net", want: []string{"*.dead.example.net v2 unavailable: nobody answers", "old.dead.example.net v1 unavailable: a version before v1 may serve it: nobody answers"}},
		"pinned past a dead version":         {types: "old.v1.dead.example.net", want: []string{"old.dead.example.net v1"}},
		"pinned to a dead version":           {types: "old.v2.dead.example.net", want: []string{"old.dead.example.net v2 unavailable: nobody answers"}},
		"a dead group that is removed":       {types: "*.gone.example.net pods", remove: "*.gone.example.net", want: []string{"pods v1", "*.gone.example.net v1" + removed}},
		"a type that cannot be listed":       {types: "bindings", want: []string{"bindings v1 excluded: the API server does not list its objects"}, warnings: []string{"objects.types: bindings: the API server does not list its objects"}},
		"a subresource":                      {types: "deployments/status deployments.apps/scale pods", want: []string{"pods v1"}, warnings: []string{"objects.types: deployments/status is a subresource, which has no objects of its own: it is ignored", "objects.types: deployments.apps/scale is a subresource, which has no objects of its own: it is ignored"}},
		"a wrong group":                      {types: "*.b.exmple.org", want: []string{"*.b.exmple.org absent: the API server has no such group"}, warnings: []string{"objects.types: *.b.exmple.org: the API server has no such group: did you mean *.b.example.org?"}},
		"a wrong name with a group":          {add: "widgts.a.example.org", want: []string{"widgts.a.example.org" + notServed}, warnings: []string{"objects.add-types: widgts.a.example.org: the API server serves no such type: did you mean widgets.a.example.org?"}},
		"a removal that means nothing":       {types: "secrets", remove: "sekrets.v1", want: []string{"secrets v1"}, warnings: []string{"objects.remove-types: sekrets.v1: the API server serves no such type: did you mean secrets?"}},
		"all": {types: "*", remove: "*.b.example.org *.dead.example.net secrets default", want: []string{
			"events v1", "nodes v1" + removed, "pods v1" + removed, "secrets v1" + removed, "widgets.a.example.org v1",
			"controllerrevisions.apps v1", "deployments.apps v1" + removed, "horizontalpodautoscalers.autoscaling v2" + removed,
			"gadgets.b.example.org v1" + removed, "gizmos.b.example.org v1beta1" + removed, "widgets.b.example.org v1beta1" + removed, "networkpolicies.crd.calico.example v1",
			"*.dead.example.net v2" + removed, "old.dead.example.net v1" + removed, "events.events.k8s.io v1 excluded: the same objects as events", "*.gone.example.net v1" + other,
			"nodes.metrics.k8s.io v1beta1" + other, "pods.metrics.k8s.io v1beta1" + other, "networkpolicies.networking.k8s.io v1" + removed, "widgets.v1.example.com v1",
		}},
		"of other servers too": {types: "*", aggregated: true, remove: "*.b.example.org *.dead.example.net default ev secrets widgets controllerrevisions *.crd.calico.example", want: []string{
			"events v1" + removed, "nodes v1" + removed, "pods v1" + removed, "secrets v1" + removed, "widgets.a.example.org v1" + removed,
			"controllerrevisions.apps v1" + removed, "deployments.apps v1" + removed, "horizontalpodautoscalers.autoscaling v2" + removed,
			"gadgets.b.example.org v1" + removed, "gizmos.b.example.org v1beta1" + removed, "widgets.b.example.org v1beta1" + removed, "networkpolicies.crd.calico.example v1" + removed,
			"*.dead.example.net v2" + removed, "old.dead.example.net v1" + removed, "events.events.k8s.io v1" + removed, "*.gone.example.net v1 unavailable: nobody answers",
			"nodes.metrics.k8s.io v1beta1", "pods.metrics.k8s.io v1beta1", "networkpolicies.networking.k8s.io v1" + removed, "widgets.v1.example.com v1" + removed,
		}},
		"all, and one of another server": {types: "* nodes.metrics.k8s.io", remove: "*.b.example.org *.dead.example.net *.apps *.autoscaling *.networking.k8s.io *.crd.calico.example events nodes pods secrets widgets", want: []string{
			"events v1" + removed, "nodes v1" + removed, "pods v1" + removed, "secrets v1" + removed, "widgets.a.example.org v1" + removed,
			"controllerrevisions.apps v1" + removed, "deployments.apps v1" + removed, "horizontalpodautoscalers.autoscaling v2" + removed,
			"gadgets.b.example.org v1" + removed, "gizmos.b.example.org v1beta1" + removed, "widgets.b.example.org v1beta1" + removed, "networkpolicies.crd.calico.example v1" + removed,
			"*.dead.example.net v2" + removed, "old.dead.example.net v1" + removed, "events.events.k8s.io v1" + removed, "*.gone.example.net v1" + other,
			"nodes.metrics.k8s.io v1beta1", "pods.metrics.k8s.io v1beta1" + other, "networkpolicies.networking.k8s.io v1" + removed, "widgets.v1.example.com v1" + removed,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Options{Types: split(test.types), Add: split(test.add), Remove: split(test.remove), Aggregated: test.aggregated}.Selection()
			require.NoError(t, err)
			all := s.Choose(usual(), test.byNamespace)
			assert.Equal(t, test.want, words(all.Types))
			assert.Equal(t, test.warnings, all.Warnings)
			for _, c := range all.Types {
				assert.Equal(t, c.State == Unavailable, c.Cause != nil, c.FullName())
			}
		})
	}
}

// TestChooseWithoutDeadServers: a name that is not served is absent where all answers, and
// the nearest one is named.
func TestChooseWithoutDeadServers(t *testing.T) {
	t.Parallel()
	s, err := Options{Types: split("pots deploymnet")}.Selection()
	require.NoError(t, err)
	all := s.Choose(serving("v1 pods:Pod:po", "apps/v1 deployments:Deployment:deploy"), false)
	assert.Equal(t, []string{"deploymnet absent: the API server serves no such type", "pots absent: the API server serves no such type"}, words(all.Types))
	assert.Equal(t, []string{
		"objects.types: pots: the API server serves no such type: did you mean pods?",
		"objects.types: deploymnet: the API server serves no such type: did you mean deployment?",
	}, all.Warnings)
	assert.Empty(t, all.Resources())
	assert.Equal(t, []string{"pods v1 unselected: no selector names it", "deployments.apps v1 unselected: no selector names it"}, words(all.Others))
}

// TestChooseInvalid: a type of which no address can be made is reached by its group alone.
func TestChooseInvalid(t *testing.T) {
	t.Parallel()
	found := serving("a.b/v1 things:Thing fine:Fine")
	found.Versions[0].Types[0].Invalid = errDead
	s, err := Options{Types: split("*.a.b")}.Selection()
	require.NoError(t, err)
	all := s.Choose(found, false)
	assert.Equal(t, []string{"fine.a.b v1", "things.a.b v1 unavailable: nobody answers"}, words(all.Types))
	assert.Equal(t, []kube.Right{{Verb: "list", Group: "a.b", Resource: "*"}}, s.Rights(found, kube.Scope{}))
	s, err = Options{Types: split("things.a.b")}.Selection()
	require.NoError(t, err)
	assert.Empty(t, s.Rights(found, kube.Scope{}))
}

func TestSelectionRefusesWhatIsNoName(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "*.", "*.*", "pods*", "a b", "../x", "a..b", ".apps", "-pods", "pods..", "*pods", "po%2f", "a//b", "/"} {
		_, err := Options{Types: split("pods"), Remove: []string{text}}.Selection()
		require.ErrorIs(t, err, settings.ErrInvalid, "%q", text)
		require.ErrorContains(t, err, "settings: objects.remove-types: ")
		require.ErrorContains(t, err, "names no type: give a plural, singular, short name or kind, deployments.apps, widgets.v1.example.com, *.example.com, default or *")
	}
}

func TestAsksWhoServesForAllAlone(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]bool{"*": true, "default *": true, "*.metrics.k8s.io pods default": false} {
		s, err := Options{Types: split(list)}.Selection()
		require.NoError(t, err)
		assert.Equal(t, want, s.AsksWhoServes(), list)
		s, err = Options{Types: split(list), Aggregated: true}.Selection()
		require.NoError(t, err)
		assert.False(t, s.AsksWhoServes(), list)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	const who = "list apiservices.apiregistration.k8s.io"
	in := func(namespaces ...string) kube.Scope { return kube.Scope{ByName: true, Namespaces: namespaces} }
	for name, test := range map[string]struct {
		types, remove string
		scope         kube.Scope
		aggregated    bool
		want          []string
		needsCluster  bool
	}{
		"qualified names":        {types: "deployments.apps secrets widgets.a.example.org", remove: "secrets", want: []string{"list widgets.a.example.org", "list deployments.apps"}},
		"not served":             {types: "sprockets.a.example.org", want: []string{"list sprockets.a.example.org"}},
		"of a dead server":       {types: "foos.gone.example.net", scope: in("a"), want: []string{"list foos.gone.example.net in namespace a"}},
		"a whole group":          {types: "widgets.b.example.org *.b.example.org gadgets.b.example.org", remove: "gizmos.b.example.org", want: []string{"list *.b.example.org"}},
		"by namespace":           {types: "*.b.example.org nodes.v1 pods", scope: in("a", "b"), want: []string{"list *.b.example.org in namespace a", "list pods in namespace a", "list *.b.example.org in namespace b", "list pods in namespace b"}},
		"both events":            {types: "events", want: []string{"list events"}},
		"a short name":           {types: "deploy", want: []string{"list deployments.apps"}, needsCluster: true},
		"a custom name":          {types: "gadgets", want: []string{"list gadgets.b.example.org"}, needsCluster: true},
		"a kind with its group":  {types: "Deployment.apps", want: []string{"list deployments.apps"}, needsCluster: true},
		"a name that is removed": {types: "gadgets.b.example.org widgets.b.example.org", remove: "widget", want: []string{"list gadgets.b.example.org"}, needsCluster: true},
		"all":                    {types: "*", remove: "*.b.example.org *.a.example.org *.v1.example.com *.crd.calico.example default events", want: []string{"list secrets", "list controllerrevisions.apps", "list old.dead.example.net", who}, needsCluster: true},
		"all, by namespace":      {types: "*", remove: "*.b.example.org *.a.example.org *.v1.example.com *.crd.calico.example *.dead.example.net default events", scope: in("a"), want: []string{"list secrets in namespace a", "list controllerrevisions.apps in namespace a", who}, needsCluster: true},
		"all of all":             {types: "*", aggregated: true, remove: "*.b.example.org *.a.example.org *.v1.example.com *.crd.calico.example *.dead.example.net default events secrets *.apps nodes.metrics.k8s.io", want: []string{"list pods.metrics.k8s.io"}, needsCluster: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Options{Types: split(test.types), Remove: split(test.remove), Aggregated: test.aggregated}.Selection()
			require.NoError(t, err)
			assert.Equal(t, test.want, texts(s.Rights(usual(), test.scope)))
			assumed, ok := s.Assume()
			assert.Equal(t, test.needsCluster, !ok)
			if ok {
				assert.Equal(t, test.want, texts(s.Rights(assumed, test.scope)), "without a cluster they are the same")
			}
		})
	}
}

func texts(rights []kube.Right) (all []string) {
	for _, r := range rights {
		all = append(all, r.String())
	}
	return all
}

// TestRightsOfDefaultNeedNoCluster: they are the same for every cluster.
func TestRightsOfDefaultNeedNoCluster(t *testing.T) {
	t.Parallel()
	s, err := Options{Types: split("default")}.Selection()
	require.NoError(t, err)
	assumed, ok := s.Assume()
	require.True(t, ok)
	rights := texts(s.Rights(assumed, kube.Scope{}))
	assert.Len(t, rights, len(builtIns())-10)
	for _, not := range []string{"secrets", "events", "events.events.k8s.io", "leases.coordination.k8s.io"} {
		assert.NotContains(t, rights, "list "+not)
	}
	assert.Contains(t, rights, "list configmaps")
	assert.NotContains(t, texts(s.Rights(assumed, kube.Scope{ByName: true, Namespaces: []string{"a"}})), "list nodes in namespace a")
}

// FuzzSelection: what is chosen is served and can be listed, whatever the settings say, and
// nothing of it is removed.
func FuzzSelection(f *testing.F) {
	for _, text := range []string{"default", "*", "*.b.example.org", "pods.v1.", "widgets.v1.example.com", "deployments/status", "hpa", "*.", "..", "Deployment.apps"} {
		f.Add(text, "secrets")
		f.Add("*", text)
	}
	found := usual()
	f.Fuzz(func(t *testing.T, wanted, removed string) {
		s, err := Options{Types: []string{wanted}, Remove: []string{removed}}.Selection()
		if err != nil {
			require.ErrorIs(t, err, settings.ErrInvalid)
			return
		}
		all := s.Choose(found, false)
		for _, r := range all.Resources() {
			require.True(t, found.Serves(r), "%+v", r)
		}
		again, err := Options{Types: []string{removed}}.Selection()
		require.NoError(t, err)
		for _, out := range again.Choose(found, false).Resources() {
			require.NotContains(t, all.Resources(), out)
		}
		for _, c := range all.Types {
			require.Equal(t, c.State == Chosen, c.Reason == "")
		}
	})
}
