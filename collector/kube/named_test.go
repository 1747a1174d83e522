package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
)

// ofNamespaces matches the requests for one namespace.
func ofNamespaces(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/") && r.URL.Query().Get("limit") == ""
}

// names of namespaces.
func namesOf(namespaces []inventory.Namespace) []string {
	var names []string
	for _, ns := range namespaces {
		names = append(names, ns.Name)
	}
	return names
}

func sourcesOf(gaps []inventory.Gap) []string {
	var sources []string
	for _, gap := range gaps {
		sources = append(sources, gap.Source)
	}
	return sources
}

func TestNamedNamespacesComeInTheGivenOrder(t *testing.T) {
	cluster := many(t, 1000)
	cluster.SeedNamespaces(t, "annotated")
	before := goleak.IgnoreCurrent()
	opts := usual(500)
	opts.Workers = 3
	c := dial(t, cluster.Config(), opts)

	names := append(teams(), "annotated", teams()[0])
	found, gaps, err := c.NamespacesNamed(t.Context(), names)
	require.NoError(t, err)
	assert.Empty(t, gaps)
	assert.Equal(t, names[:11], namesOf(found), "each of them once")
	assert.Equal(t, string(kubetest.UID("", "annotated")), found[10].UID)

	found, gaps, err = c.NamespacesNamed(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Empty(t, gaps)
	requireNoLeak(t, c, before)
}

func TestNamespaceThatDoesNotExistIsAGap(t *testing.T) {
	cluster := many(t, 1000)
	c := dial(t, cluster.Config(), usual(500))
	found, gaps, err := c.NamespacesNamed(t.Context(), []string{"team-001", "nope", "team-002"})
	require.NoError(t, err)
	assert.Equal(t, []string{"team-001", "team-002"}, namesOf(found))
	require.Len(t, gaps, 1)
	assert.Equal(t, "namespace nope", gaps[0].Source)
	assert.Equal(t, "namespace nope does not exist: -n or namespace-selectors.include names it", gaps[0].Reason)
	require.ErrorIs(t, gaps[0].Cause, ErrNotFound)
	require.EqualError(t, gaps[0].Cause, gaps[0].Reason)

	found, gaps, err = c.NamespacesNamed(t.Context(), []string{"nope", "neither"})
	require.NoError(t, err, "all are gaps, and that is for the caller to judge")
	assert.Empty(t, found)
	assert.Equal(t, []string{"namespace nope", "namespace neither"}, sourcesOf(gaps))
}

func TestNamedNamespacesNeedNoRightInTheCluster(t *testing.T) {
	cluster := many(t, 1000)
	allowed := []string{"team-002", "team-001"}
	var grants []kubetest.Grant
	for _, namespace := range allowed {
		grants = append(grants,
			kubetest.Grant{Namespace: namespace, Resources: []string{"namespaces"}, Verbs: []string{"get"}},
			kubetest.Grant{Namespace: namespace, Resources: []string{"pods"}})
	}
	const user = "two-teams"
	config, err := clientcmd.BuildConfigFromFlags("", cluster.KubeconfigFor(t, user, grants...))
	require.NoError(t, err)
	c := dial(t, config, usual(500))
	seen := len(audited(t, cluster, user)) // what granting asked

	require.NoError(t, c.Preflight(t.Context(), Scope{ByName: true, Namespaces: allowed}, podResource()))
	found, gaps, err := c.NamespacesNamed(t.Context(), allowed)
	require.NoError(t, err)
	assert.Equal(t, allowed, namesOf(found))
	assert.Empty(t, gaps)
	r := newRecorder(t)
	_, gaps, err = c.PodsIn(t.Context(), namesOf(found), r)
	require.NoError(t, err)
	assert.Empty(t, gaps)
	assert.Len(t, r.pods, 200)

	requests := audited(t, cluster, user)[seen:]
	assert.Len(t, requests, 1+2+2, "preflight, namespaces, pods")
	for _, request := range requests {
		assert.Contains(t, allowed, request.Object.Namespace, "%s %s", request.Verb, request.URI)
	}

	found, gaps, err = c.NamespacesNamed(t.Context(), []string{"team-003", "team-001"})
	require.NoError(t, err)
	assert.Equal(t, []string{"team-001"}, namesOf(found))
	assert.Equal(t, []string{"namespace team-003"}, sourcesOf(gaps))
	require.ErrorIs(t, gaps[0].Cause, ErrRefused)

	_, gaps, err = c.NamespacesNamed(t.Context(), []string{"team-003", "team-004"})
	require.ErrorIs(t, err, ErrRefused, "when all is refused, the run is")
	require.ErrorContains(t, err, `get namespace team-003: 403 Forbidden: namespaces "team-003" is forbidden: User "two-teams" cannot get`)
	assert.Len(t, gaps, 2)
}

// auditEvent is a line of the audit log.
type auditEvent struct {
	Verb string `json:"verb"`
	URI  string `json:"requestURI"`
	User struct {
		Name string `json:"username"`
	} `json:"user"`
	Object corev1.ObjectReference `json:"objectRef"`
}

// audited are the requests of a user, in the order of their answers.
func audited(t *testing.T, cluster *kubetest.Cluster, user string) []auditEvent {
	t.Helper()
	log, err := os.ReadFile(cluster.AuditLog())
	require.NoError(t, err)
	var all []auditEvent
	for line := range bytes.Lines(log) {
		var event auditEvent
		require.NoError(t, json.Unmarshal(line, &event))
		if event.User.Name == user {
			all = append(all, event)
		}
	}
	return all
}

func TestNamedNamespacesSurviveFaults(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Match = ofNamespaces
	proxy.Script(
		faultproxy.Busy(0), faultproxy.Down(), faultproxy.CutAfter(20), faultproxy.CutAfter(0),
		faultproxy.Answer(http.StatusUnauthorized, "text/plain", "rotated"),
	)
	found, gaps, err := dial(t, proxy.Serve(t), usual(500)).NamespacesNamed(t.Context(), teams())
	require.NoError(t, err)
	assert.Empty(t, gaps)
	assert.Equal(t, teams(), namesOf(found))
	assert.Len(t, proxy.Lists(), len(teams())+5)
	assert.LessOrEqual(t, proxy.MostAtOnce(), 4)
}

func TestNamedNamespacesAreNotTakenFromAnyone(t *testing.T) {
	cluster := many(t, 1000)
	for name, c := range map[string]struct {
		fault faultproxy.Fault
		words string
	}{
		"a login page":        {faultproxy.Answer(http.StatusOK, "text/html", "<html>"), "not the answer of a Kubernetes API"},
		"another namespace":   {faultproxy.Answer(http.StatusOK, "application/json", `{"metadata":{"name":"b"}}`), `namespace "b" in the place of it`},
		"nothing at all":      {faultproxy.Answer(http.StatusOK, "application/json", `{}`), `namespace "" in the place of it`},
		"a proxy's not found": {faultproxy.Answer(http.StatusNotFound, "text/html", "<html>"), "404 Not Found: answered with 6 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.Config())
			proxy.Match = ofNamespaces
			proxy.Script(c.fault)
			_, gaps, err := dial(t, proxy.Serve(t), usual(500)).NamespacesNamed(t.Context(), []string{"team-001"})
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, "get namespace team-001: ")
			require.ErrorContains(t, err, c.words)
			assert.Empty(t, gaps)
		})
	}
}

func TestNamedNamespacesEndWithTheContext(t *testing.T) {
	cluster := many(t, 1000)
	proxy := faultproxy.New(t, cluster.Config())
	proxy.Match = ofNamespaces
	proxy.Script(faultproxy.Hang, faultproxy.Hang, faultproxy.Hang, faultproxy.Hang)
	config := proxy.Serve(t)
	before := goleak.IgnoreCurrent()
	c := dial(t, config, usual(500))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, gaps, err := c.NamespacesNamed(ctx, teams())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, ErrUnavailable)
	assert.Empty(t, gaps, "a run that is stopped has no gaps")
	requireNoLeak(t, c, before)
}
