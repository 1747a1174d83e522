package deliver

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

func TestDeliverPostsOnceCompressed(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: testUsers, Accounts: []string{"admin"}})
	c := newClientOf(t, url, nil)
	require.NoError(t, c.Preflight(t.Context()))
	body := newBody(t, c.Kind(), 3)
	receipt, err := c.deliver(body)
	require.NoError(t, err)

	require.Len(t, posts(r), 1)
	q := r.Accepted()[0]
	assert.Equal(t, "/v2/kubernetes-inventory", q.Path)
	assert.Equal(t, "gzip", q.Encoding)
	assert.Equal(t, body.GzipSize(), q.ContentLength)
	assert.Equal(t, testUser, q.User)
	assert.Equal(t, "admin", q.Account)
	assert.Equal(t, "application/json", q.Header.Get("Content-Type"))
	assert.Equal(t, "application/json", q.Header.Get("Accept"))
	assert.Equal(t, testAgent, q.Header.Get("User-Agent"))
	assert.Equal(t, plainText(t, body), string(q.Body))

	assert.Positive(t, receipt.Duration)
	receipt.Duration = 0
	assert.Equal(t, Receipt{
		Receiver: url + "/v2/kubernetes-inventory", Account: "admin", Status: http.StatusCreated,
		Attempts: 1, Encoding: transport.Gzip, Bytes: body.GzipSize(),
	}, receipt)
	assert.Empty(t, c.messages())
}

func TestDeliverPrefersTheAccountOfTheBody(t *testing.T) {
	t.Parallel()
	for body, account := range map[string]string{"": "admin", "team-a": "team-a"} {
		r, url := anchoretest.Start(t, anchoretest.Options{})
		c := newClientOf(t, url, nil)
		receipt, err := c.deliver(routedBody(t, payload.Anchore, 1, []string{body}))
		require.NoError(t, err)
		assert.Equal(t, account, receipt.Account)
		assert.Equal(t, account, posts(r)[0].Account)
	}
}

func TestDeliverWithoutAnyAccountSendsNoHeader(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	c := newClientOf(t, url, func(o *AnchoreOptions) { o.Account = "" })
	_, err := c.deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.NotContains(t, r.Accepted()[0].Header, accountHeader)
}

func TestDeliverUsesThePathOfTheAPI(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		api     anchoretest.API
		setting string
		path    string
		status  int
	}{
		"v2 found":  {anchoretest.V2, auto, "/v2/kubernetes-inventory", 201},
		"v2 set":    {anchoretest.V2, apiV2, "/v2/kubernetes-inventory", 201},
		"v1 found":  {anchoretest.V1, auto, "/v1/enterprise/kubernetes-inventory", 0},
		"v1 set":    {anchoretest.V1, apiV1, "/v1/enterprise/kubernetes-inventory", 0},
		"kai on v1": {anchoretest.V1, apiKAI, "/v1/enterprise/inventories", 200},
		"kai":       {anchoretest.KAI, apiKAI, "/v1/enterprise/inventories", 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{API: test.api, Users: testUsers})
			c := newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = test.setting })
			require.NoError(t, c.Preflight(t.Context()))
			receipt, err := c.deliver(newBody(t, c.Kind(), 2))
			require.NoError(t, err)
			require.Len(t, r.Accepted(), 1)
			assert.Equal(t, test.path, r.Accepted()[0].Path)
			if test.status != 0 {
				assert.Equal(t, test.status, receipt.Status)
			}
		})
	}
}

func TestDeliverRefusesForeignKinds(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	_, err := newClientOf(t, url, nil).deliver(&payload.Body{Kind: "other"})
	require.ErrorIs(t, err, settings.ErrInvalid)
	assert.Empty(t, r.Requests())
}

func TestDeliverTakesEveryStatusOfSuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204} {
		_, url := anchoretest.Start(t, anchoretest.Options{SuccessStatus: status})
		receipt, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
		require.NoError(t, err)
		assert.Equal(t, status, receipt.Status)
	}
}

func TestDeliverJoinsBasePaths(t *testing.T) {
	t.Parallel()
	tests := []struct{ base, suffix string }{
		{"", ""}, {"", "/"}, {"", "//"},
		{"/api", ""}, {"/api", "/"},
		{"", "/v2"}, {"", "/v2/"}, {"", "/v1"}, {"/api", "/v2"},
		{"", "/v2/kubernetes-inventory"}, {"", "/v1/enterprise/inventories"}, {"", "/v1/enterprise/kubernetes-inventory/"},
		{"/a/v20", ""}, {"/v2/anchore", ""},
	}
	for _, test := range tests {
		t.Run(test.base+test.suffix, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{BasePath: test.base})
			c := newClientOf(t, url+test.suffix, nil)
			require.NoError(t, c.Preflight(t.Context()))
			_, err := c.deliver(newBody(t, payload.Anchore, 1))
			require.NoError(t, err)
			assert.Equal(t, test.base+"/version", r.Requests()[0].Path)
			assert.Equal(t, test.base+"/v2/kubernetes-inventory", posts(r)[0].Path)
			assert.Equal(t, strings.Contains(test.suffix, "/v"), len(c.messages()) == 1)
		})
	}
}

func TestDeliverAnswersConcurrentCallers(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Gzip: anchoretest.GzipRefuse415})
	c := newClientOf(t, url, nil)
	body := newBody(t, payload.Anchore, 10)
	done := make(chan error)
	for range 4 {
		go func() {
			_, err := c.Deliver(context.WithoutCancel(t.Context()), body)
			done <- err
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
	assert.Len(t, r.Accepted(), 4)
}

func TestPrintEndsTheLine(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, Print(&b, newBody(t, payload.Anchore, 1)))
	assert.NoError(t, anchoretest.CheckV2([]byte(b.String())))
	assert.True(t, strings.HasSuffix(b.String(), "}\n"))
}
