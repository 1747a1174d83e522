package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/settings"
)

var testStart = time.Date(2024, 10, 4, 10, 11, 12, 500, time.FixedZone("", 7200))

func integration() Integration {
	return Integration{
		RegistrationOptions: RegistrationOptions{ID: "stable", Name: "inv", Description: "of prod", IntervalSeconds: 900},
		Instance:            "stocktake", Version: "1.2.3", Started: testStart, Cluster: "prod-1", Namespace: "anchore",
		Accounts: []string{"TeamA"}, Namespaces: []string{"team-a-.*"},
		Collected: testStart.Add(time.Second),
	}
}

// told are the bodies of the requests to a path, without what depends on the time of the test.
func told(t *testing.T, r *anchoretest.Receiver, path string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, q := range posts(r) {
		if !strings.HasSuffix(q.Path, path) {
			continue
		}
		var body map[string]any
		require.NoError(t, json.Unmarshal(q.Body, &body))
		assert.Positive(t, body["uptime"])
		delete(body, "uptime")
		delete(body, "timestamp")
		all = append(all, body)
	}
	return all
}

func TestRegisterIntroducesTheSameIntegrationInEveryRun(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: testUsers, Accounts: []string{"admin"}, BasePath: "/api"})
	c := newClientOf(t, url, nil)
	for range 2 {
		require.NoError(t, c.Register(t.Context(), integration()))
	}
	all := posts(r)
	require.Len(t, all, 4)
	assert.Equal(t, []int{201, 201, 200, 201}, []int{all[0].Status, all[1].Status, all[2].Status, all[3].Status})
	assert.Equal(t, "/api/v2/system/integrations/registration", all[0].Path)
	assert.Equal(t, all[1].Path, all[3].Path)
	assert.Equal(t, "admin", all[0].Account)
	assert.Equal(t, testUser, all[1].User)
	assert.Equal(t, map[string]any{
		"registration_id": "stable", "registration_instance_id": "stocktake", "type": "k8s_inventory_agent",
		"name": "inv", "description": "of prod", "version": "1.2.3", "started_at": "2024-10-04T08:11:12Z",
		"username": testUser, "cluster_name": "prod-1", "namespace": "anchore", "health_report_interval": 900.0,
		"explicitly_account_bound": []any{"TeamA"}, "namespaces": []any{"team-a-.*"},
	}, told(t, r, "/registration")[0])
	assert.Empty(t, c.messages())
}

func TestRegisterReportsTheOutcomeOfEveryBatchByAccount(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	c := newClientOf(t, url, func(o *AnchoreOptions) { o.Accounts = map[string]Credentials{"TeamA": {"alice", testPassword}} })
	i := integration()
	sent := testStart.Add(9 * time.Second)
	i.Deliveries = []Delivery{
		{Account: "", Time: sent},
		{Account: "TeamA", Time: sent, Err: errors.New("503\nService Unavailable")},
		{Account: "admin", Time: sent.Add(time.Second), Err: errors.New("400 Bad Request")},
		{Account: "admin", Time: sent.Add(2 * time.Second)},
	}
	require.NoError(t, c.Register(t.Context(), i))
	report := told(t, r, "/health-report")[0]
	assert.Regexp(t, uuidForm, report["uuid"])
	assert.NotContains(t, posts(r)[1].Path, report["uuid"], "each report has its own, as anchore-k8s-inventory writes it")
	delete(report, "uuid")
	assert.Equal(t, map[string]any{
		"protocol_version": 1.0, "health_report_interval": 900.0,
		"health_data": map[string]any{
			"type": "k8s_inventory_agent", "version": 1.0,
			"account_k8s_inventory_reports": map[string]any{
				"admin": map[string]any{
					"report_timestamp": "2024-10-04T08:11:13Z", "account_name": "admin", "sent_as_user": testUser,
					"batch_size": 3.0, "last_successful_index": 3.0, "has_errors": true,
					"batches": []any{
						map[string]any{"batch_index": 1.0, "send_timestamp": "2024-10-04T08:11:21Z"},
						map[string]any{"batch_index": 2.0, "send_timestamp": "2024-10-04T08:11:22Z", "error": "400 Bad Request"},
						map[string]any{"batch_index": 3.0, "send_timestamp": "2024-10-04T08:11:23Z"},
					},
				},
				"TeamA": map[string]any{
					"report_timestamp": "2024-10-04T08:11:13Z", "account_name": "TeamA", "sent_as_user": "alice",
					"batch_size": 1.0, "last_successful_index": -1.0, "has_errors": true,
					"batches": []any{
						map[string]any{"batch_index": 1.0, "send_timestamp": "2024-10-04T08:11:21Z", "error": `503\nService Unavailable`},
					},
				},
			},
		},
	}, report)
}

func TestRegisterNeedsARecentRelease(t *testing.T) {
	t.Parallel()
	for _, o := range []anchoretest.Options{
		{ServiceVersion: "5.10.1"}, {ServiceVersion: "4.9.0", API: anchoretest.V1}, {Version: anchoretest.VersionGarbage},
	} {
		r, url := anchoretest.Start(t, o)
		err := newClientOf(t, url, nil).Register(t.Context(), integration())
		require.ErrorContains(t, err, "register as an integration: ")
		require.ErrorContains(t, err, "knows integrations from 5.11 on")
		assert.Empty(t, posts(r))
		assert.NotContains(t, r.Requests()[0].Header, "Authorization")
	}
}

func TestAtLeastComparesNumbers(t *testing.T) {
	t.Parallel()
	for release, ok := range map[string]bool{
		"5.11": true, "5.11.0": true, "v5.11.1": true, "5.12": true, "5.100.0": true, "6.0": true, "10.0.1": true, "5.11-rc1": true,
		"5.9.9": false, "5.10": false, "4.99": false, "5": false, "": false, "dev": false, "5.x": false,
	} {
		assert.Equal(t, ok, atLeast(release, integrationsSince), release)
	}
}

func TestRegisterTellsWhatFailed(t *testing.T) {
	t.Parallel()
	type fault = anchoretest.Fault
	const path = "/v2/system/integrations/registration"
	for name, test := range map[string]struct {
		fault fault
		says  string
	}{
		"conflict":    {fault{On: path, Status: 409, Body: `{"message":"another integration"}`}, "409 Conflict: another integration"},
		"forbidden":   {fault{On: path, Status: 403}, "registerIntegration"},
		"not there":   {fault{On: path, Status: 404}, "404 Not Found"},
		"no uuid":     {fault{On: path, Status: 200, Body: `{}`}, "names no UUID"},
		"strange":     {fault{On: path, Status: 200, Body: `{"uuid":"../../../kubernetes-inventory?"}`}, "names no UUID"},
		"nothing":     {fault{On: path, Status: 204}, "names no UUID"},
		"page":        {fault{On: path, Status: 200, Body: "<html>", ContentType: "text/html"}, "login page"},
		"no version":  {fault{On: "/version", Status: 404}, "404 Not Found"},
		"echo":        {fault{On: path, Status: 400, Body: testPassword}, "[redacted]"},
		"health lost": {fault{On: "/health-report", Status: 404}, "/health-report: 404 Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{Faults: []fault{test.fault}})
			c := newClientOf(t, url, nil)
			err := c.Register(t.Context(), integration())
			require.ErrorContains(t, err, "register as an integration: ")
			require.ErrorContains(t, err, test.says)
			assertNoSecret(t, err.Error())
			assert.LessOrEqual(t, len(posts(r)), 2, "nothing is tried again")
		})
	}
}

func TestRegisterTriesAgainWhatPasses(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{
		{Status: 503}, {Kind: anchoretest.Pass}, {Kind: anchoretest.Cut},
	}})
	require.NoError(t, newClientOf(t, url, nil).Register(t.Context(), integration()))
	assert.Len(t, r.Requests(), 5)
}

func TestRegisterEndsWithItsContext(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Kind: anchoretest.Hang}}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, newClientOf(t, url, nil).Register(ctx, integration()), context.DeadlineExceeded)
}

func TestRegisterNeedsIdsAndCredentials(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	i := integration()
	i.ID = ""
	require.ErrorIs(t, newClientOf(t, url, nil).Register(t.Context(), i), settings.ErrInvalid)
	c := newClientOf(t, url, func(o *AnchoreOptions) {
		o.User, o.Password, o.Accounts = "", "", map[string]Credentials{"a": {"alice", testPassword}}
	})
	require.ErrorContains(t, c.Register(t.Context(), integration()), "anchore.user")
	assert.Empty(t, r.Requests())
}
