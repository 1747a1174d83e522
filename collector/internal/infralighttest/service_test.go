package infralighttest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/infralighttest"
)

// call is one request of a test.
type call struct {
	method, path, body string
	plain              bool // not compressed
	header             map[string]string
}

const (
	fetching = "/integrations/k8s/prod-1/fetching"
	started  = fetching + "?clusterUniqueId=u&fetchingId=0123456789abcdef01234567&getIntegrationId=true"
	named    = "?integrationId=integration-1"

	helmPage   = `{"fetchingId":"0123456789abcdef01234567","helmReleases":[],"k8sTypes":[{"kind":"Pod","namespaced":true,"apiVersion":"v1"}]}`
	objectPage = `{"fetchingId":"0123456789abcdef01234567","k8sObjects":[{"kind":"Pod","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"1"}}}]}`
	treePage   = `{"fetchingId":"0123456789abcdef01234567","k8sTrees":[{"children":[],"uid":"1","kind":"Job","object":{"apiVersion":"v1","kind":"Job","metadata":{"name":"a","uid":"1"}}}]}`
	lockBody   = `{"fetchingId":"0123456789abcdef01234567","clusterId":"prod-1"}`
	success    = `{"fetchingId":"0123456789abcdef01234567","startDate":"2026-01-01T00:00:00Z","endDate":"2026-01-01T00:00:00Z","result":"success","collectorVersion":"1","collectorStats":{}}`
)

func login() call {
	return call{method: "POST", path: "/account/access_keys/login", body: `{"accessKey":"a","secretKey":"s"}`, plain: true}
}
func start() call { return call{method: "GET", path: started} }
func helm() call  { return call{method: "POST", path: fetching + "/helm" + named, body: helmPage} }
func tree() call  { return call{method: "POST", path: fetching + "/tree" + named, body: treePage} }
func objects() call {
	return call{method: "POST", path: fetching + "/objects" + named, body: objectPage}
}
func lock() call { return call{method: "PATCH", path: fetching + named, body: lockBody} }
func metadata() call {
	return call{method: "POST", path: fetching + "/metadata" + named, body: success}
}

// with is a call with something changed.
func with(c call, edit func(*call)) call {
	edit(&c)
	return c
}

// say makes calls one after the other, and returns the statuses. A login gives the token of the calls after it.
func say(t *testing.T, url string, calls []call) []int {
	t.Helper()
	var token string
	var all []int
	for _, c := range calls {
		body := []byte(c.body)
		if !c.plain && c.body != "" {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err := w.Write(body)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			body = packed.Bytes()
		}
		req, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path, bytes.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("User-Agent", "test/1")
		if c.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		if !c.plain && c.body != "" {
			req.Header.Set("Content-Encoding", "gzip")
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		for name, value := range c.header {
			req.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		all = append(all, resp.StatusCode)
		var given struct {
			Token string `json:"access_token"`
		}
		if json.Unmarshal(text, &given) == nil && given.Token != "" {
			token = given.Token
		}
	}
	return all
}

func TestServiceTakesARun(t *testing.T) {
	t.Parallel()
	s, url := infralighttest.Serve(t, infralighttest.Options{AccessKey: "a", SecretKey: "s", Cluster: "prod-1", ClusterUID: "u", Trees: true})
	got := say(t, url, []call{login(), start(), helm(), tree(), objects(), objects(), lock(), metadata()})
	assert.Equal(t, []int{200, 200, 204, 204, 204, 204, 204, 204}, got)
	assert.Empty(t, s.Refused())
	assert.True(t, s.Locked())
	assert.Len(t, s.Items(infralighttest.Objects), 1, "the same page twice")
	assert.Equal(t, "success", s.Told()["result"])
}

// TestServiceRefuses has the last call of each row refused.
func TestServiceRefuses(t *testing.T) {
	t.Parallel()
	begun := []call{login(), start()}
	read := append(begun, helm(), objects())
	for name, test := range map[string]struct {
		before []call
		call   call
		status int
	}{
		"other keys":          {nil, with(login(), func(c *call) { c.body = `{"accessKey":"a","secretKey":"x"}` }), 401},
		"another member":      {nil, with(login(), func(c *call) { c.body = `{"accessKey":"a","secretKey":"s","x":1}` }), 400},
		"compressed login":    {nil, with(login(), func(c *call) { c.plain = false }), 400},
		"start without token": {nil, start(), 401},
		"other token":         {begun, with(helm(), func(c *call) { c.header = map[string]string{"Authorization": "Bearer x"} }), 401},
		"no agent":            {begun, with(helm(), func(c *call) { c.header = map[string]string{"User-Agent": "Go-http-client/1.1"} }), 400},
		"no integration":      {begun, with(helm(), func(c *call) { c.path = fetching + "/helm" }), 404},
		"unknown step":        {begun, with(helm(), func(c *call) { c.path = fetching + "/types" + named }), 404},
		"not compressed":      {begun, with(helm(), func(c *call) { c.plain = true }), 400},
		"not gzip":            {begun, with(helm(), func(c *call) { c.plain, c.header = true, map[string]string{"Content-Encoding": "gzip"} }), 400},
		"content type":        {begun, with(helm(), func(c *call) { c.header = map[string]string{"Content-Type": "text/plain"} }), 415},
		"method":              {begun, with(lock(), func(c *call) { c.method = "PUT" }), 405},
		"no ObjectId":         {begun[:1], with(start(), func(c *call) { c.path = fetching + "?clusterUniqueId=u&fetchingId=7&getIntegrationId=true" }), 400},
		"other cluster":       {begun[:1], with(start(), func(c *call) { c.path = "/integrations/k8s/prod-2" + started[len("/integrations/k8s/prod-1"):] }), 404},
		"other UID": {begun[:1], with(start(), func(c *call) {
			c.path += "&clusterUniqueId=v"
			c.path = fetching + "?clusterUniqueId=v&fetchingId=0123456789abcdef01234567&getIntegrationId=true"
		}), 409},
		"helm before start":   {begun[:1], helm(), 400},
		"objects before helm": {begun, objects(), 400},
		"lock before helm":    {begun, lock(), 400},
		"trees unasked":       {read[:3], tree(), 400},
		"helm after objects":  {read, helm(), 400},
		"no types":            {begun, with(helm(), func(c *call) { c.body = `{"fetchingId":"0123456789abcdef01234567","helmReleases":[],"k8sTypes":[]}` }), 400},
		"other fetching":      {read, with(objects(), func(c *call) { c.body = `{"fetchingId":"0123456789abcdef01234568","k8sObjects":[]}` }), 400},
		"empty page":          {read, with(objects(), func(c *call) { c.body = `{"fetchingId":"0123456789abcdef01234567","k8sObjects":[]}` }), 400},
		"other kind": {read, with(objects(), func(c *call) {
			c.body = `{"fetchingId":"0123456789abcdef01234567","k8sObjects":[{"kind":"Job","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}}]}`
		}), 400},
		"objects after lock": {append(read, lock()), objects(), 409},
		"lock of another":    {read, with(lock(), func(c *call) { c.body = `{"fetchingId":"0123456789abcdef01234567","clusterId":"prod-2"}` }), 400},
		"success unlocked":   {read, metadata(), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, url := infralighttest.Serve(t, infralighttest.Options{AccessKey: "a", SecretKey: "s", Cluster: "prod-1", ClusterUID: "u"})
			got := say(t, url, append(append([]call{}, test.before...), test.call))
			for _, status := range got[:len(got)-1] {
				assert.Less(t, status, 300)
			}
			assert.Equal(t, test.status, got[len(got)-1], "%s", s.Refused())
			assert.Len(t, s.Refused(), 1)
		})
	}
}

// A page that was not taken has to come again as it was before anything follows.
func TestServiceMissesALostPage(t *testing.T) {
	t.Parallel()
	s, url := infralighttest.Serve(t, infralighttest.Options{Faults: []infralighttest.Fault{{Step: infralighttest.Objects, Status: 503}}})
	other := with(objects(), func(c *call) {
		c.body = `{"fetchingId":"0123456789abcdef01234567","k8sObjects":[{"kind":"Pod","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}}]}`
	})
	assert.Equal(t, []int{200, 200, 204, 503, 204, 409, 204, 204}, say(t, url, []call{login(), start(), helm(), objects(), other, lock(), objects(), lock()}))
	assert.Len(t, s.Items(infralighttest.Objects), 2)
}
