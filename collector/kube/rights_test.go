package kube

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
)

// userOf is the access of a user with these rights.
func userOf(t *testing.T, cluster *kubetest.Cluster, name string, grants ...kubetest.Grant) *rest.Config {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", cluster.KubeconfigFor(t, name, grants...))
	require.NoError(t, err)
	return config
}

func TestRightsAreThoseOfTheRoles(t *testing.T) {
	cluster := many(t, 1000)
	user := dial(t, userOf(t, cluster, "rights",
		kubetest.Grant{Resources: []string{"namespaces"}},
		kubetest.Grant{Namespace: "team-001", Resources: []string{"pods"}},
		kubetest.Grant{Namespace: "team-001", Group: "batch", Resources: []string{"jobs"}, Verbs: []string{"get"}},
	), usual(500))
	for right, want := range map[Right]bool{
		{Verb: "list", Resource: "namespaces"}:                                    true,
		{Verb: "list", Resource: "nodes"}:                                         false,
		{Verb: "list", Resource: "pods"}:                                          false,
		{Verb: "list", Resource: "pods", Namespace: "team-001"}:                   true,
		{Verb: "list", Resource: "pods", Namespace: "team-002"}:                   false,
		{Verb: "get", Resource: "pods", Namespace: "team-001"}:                    false,
		{Verb: "get", Group: "batch", Resource: "jobs", Namespace: "team-001"}:    true,
		{Verb: "get", Group: "other", Resource: "jobs", Namespace: "team-001"}:    false,
		{Verb: "get", Group: "batch", Resource: "jobs", Namespace: "kube-system"}: false,
	} {
		allowed, err := user.May(t.Context(), right)

		require.NoError(t, err)
		assert.Equal(t, want, allowed, right)
	}
}

func TestRightsAreUnknownWhenTheServerDoesNotTell(t *testing.T) {
	proxy := faultproxy.New(t, shared.Cluster(t).Config())
	proxy.Match = func(r *http.Request) bool { return r.Method == http.MethodPost }
	c := dial(t, proxy.Serve(t), usual(500))
	for name, test := range map[string]struct {
		faults []faultproxy.Fault
		is     error
		says   string
	}{
		"refused":         {[]faultproxy.Fault{faultproxy.Answer(403, "text/plain", "no reviews")}, ErrRefused, "no reviews"},
		"nonsense":        {[]faultproxy.Fault{faultproxy.Answer(201, "application/json", "{}")}, ErrUnavailable, "without a status"},
		"an HTML page":    {[]faultproxy.Fault{faultproxy.Answer(200, "text/html", "<html>")}, ErrUnavailable, "not the answer of a Kubernetes API"},
		"busy, then fine": {[]faultproxy.Fault{faultproxy.Down(), faultproxy.CutAfter(0)}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			proxy.Script(test.faults...)
			allowed, err := c.May(t.Context(), Right{Verb: "list", Resource: "pods"})

			assert.Equal(t, test.is == nil, allowed)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
				assert.ErrorContains(t, err, test.says)
			}
		})
	}
}

func TestRightReadsAsInKubectl(t *testing.T) {
	assert.Equal(t, "list nodes", Right{Verb: "list", Resource: "nodes"}.String())
	assert.Equal(t, "get jobs.batch in namespace a", Right{Verb: "get", Group: "batch", Resource: "jobs", Namespace: "a"}.String())
}

func TestSampleTellsTheSizeOfTheWhole(t *testing.T) {
	cluster := many(t, 1000)
	for _, json := range []bool{false, true} {
		proxy := faultproxy.New(t, cluster.Config())
		proxy.JSONOnly = json
		c := dial(t, proxy.Serve(t), usual(500))

		whole, err := c.Sample(t.Context(), podResource(), "")
		require.NoError(t, err)
		assert.EqualValues(t, 1000, whole.Objects)
		assert.Greater(t, whole.Bytes, int64(2_000))
		assert.Less(t, whole.Bytes, int64(20_000))
		assert.WithinDuration(t, time.Now(), whole.Clock, time.Minute)
		assert.Less(t, whole.Ahead.Abs(), time.Minute)
		assert.True(t, whole.CertificateEnd.After(time.Now()))

		one, err := c.Sample(t.Context(), podResource(), "team-003")
		require.NoError(t, err)
		assert.EqualValues(t, 100, one.Objects)

		none, err := c.Sample(t.Context(), podResource(), "default")
		require.NoError(t, err)
		assert.Zero(t, none.Objects)
		assert.Zero(t, none.Bytes)
	}
}

func TestSampleFailsAsAListingDoes(t *testing.T) {
	proxy := faultproxy.New(t, many(t, 1000).Config())
	c := dial(t, proxy.Serve(t), usual(500))
	proxy.Script(faultproxy.CutAfter(100), faultproxy.Busy(0))
	_, err := c.Sample(t.Context(), podResource(), "")
	require.NoError(t, err, "what passes by itself is asked for again")

	proxy.Script(faultproxy.Answer(403, "text/plain", "not you"))
	_, err = c.Sample(t.Context(), podResource(), "team-001")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "list pods of namespace team-001: 403 Forbidden: not you")

	proxy.Script(faultproxy.Answer(200, "application/json", `{"kind":"NodeList"`))
	_, err = c.Sample(t.Context(), podResource(), "")
	require.ErrorIs(t, err, ErrUnavailable)
}

// TestFlowHasTheSeatsThatTheServerSays compares with the server's own metrics.
func TestFlowHasTheSeatsThatTheServerSays(t *testing.T) {
	cluster := many(t, 1000)
	user := dial(t, userOf(t, cluster, "flow",
		kubetest.Grant{Resources: []string{"pods"}},
		kubetest.Grant{Group: "flowcontrol.apiserver.k8s.io", Resources: []string{"flowschemas", "prioritylevelconfigurations"}},
	), usual(500))
	s, err := user.Sample(t.Context(), podResource(), "")
	require.NoError(t, err)
	f, err := user.Flow(t.Context(), s)
	require.NoError(t, err)

	assert.Equal(t, "global-default", f.Schema)
	assert.Equal(t, "global-default", f.Level)
	assert.False(t, f.Exempt)
	assert.Equal(t, metric(t, cluster, `apiserver_flowcontrol_nominal_limit_seats{priority_level="global-default"}`), f.Seats)
	assert.LessOrEqual(t, f.Most, f.Seats/6)

	admin := dial(t, cluster.Config(), usual(500))
	s, err = admin.Sample(t.Context(), podResource(), "")
	require.NoError(t, err)
	f, err = admin.Flow(t.Context(), s)
	require.NoError(t, err)
	assert.Equal(t, "exempt", f.Schema)
	assert.True(t, f.Exempt)
}

func TestFlowNeedsARightThatARunDoesNot(t *testing.T) {
	user := dial(t, userOf(t, many(t, 1000), "noflow", kubetest.Grant{Resources: []string{"pods"}}), usual(500))
	s, err := user.Sample(t.Context(), podResource(), "")
	require.NoError(t, err)
	assert.NotEmpty(t, s.FlowSchema)
	assert.NotEmpty(t, s.PriorityLevel)

	_, err = user.Flow(t.Context(), s)
	require.ErrorIs(t, err, ErrRefused)
}

// metric reads one number from the server's metrics.
func metric(t *testing.T, cluster *kubetest.Cluster, name string) int {
	t.Helper()
	client, err := rest.HTTPClientFor(cluster.Config())
	require.NoError(t, err)
	resp, err := client.Get(strings.TrimSuffix(cluster.Config().Host, "/") + "/metrics")
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			number, err := strconv.ParseFloat(value, 64)
			require.NoError(t, err)
			return int(number)
		}
	}
	t.Fatalf("no metric %s: %v", name, lines.Err())
	return 0
}

func TestPageSeats(t *testing.T) {
	t.Parallel()
	big := Sample{Objects: 50_000, Bytes: 5_000}
	tests := map[string]struct {
		sample       Sample
		limit, minor int
		want         int
	}{
		"by bytes":                 {big, 500, 34, 25},
		"by bytes, small pages":    {big, 100, 36, 5},
		"by bytes, at most":        {big, 10_000, 36, 100},
		"by objects":               {big, 200, 33, 4},
		"by objects, at most":      {big, 10_000, 33, 10},
		"fewer pods than the page": {Sample{Objects: 100, Bytes: 5_000}, 500, 36, 5},
		"no pods":                  {Sample{}, 500, 36, 1},
		"version not known":        {big, 500, 0, 25},
		"not known, small pods":    {Sample{Objects: 50_000, Bytes: 500}, 500, 0, 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, test.sample.PageSeats(int64(test.limit), test.minor))
		})
	}
}

func TestLatencyIsTheMedian(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2*time.Second, median([]time.Duration{time.Minute, time.Second, 2 * time.Second}))
	assert.Zero(t, median(nil))
}
