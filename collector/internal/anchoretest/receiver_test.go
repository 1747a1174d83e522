package anchoretest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

const (
	pathV2  = "/v2/kubernetes-inventory"
	pathV1  = "/v1/enterprise/kubernetes-inventory"
	pathKAI = "/v1/enterprise/inventories"
)

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// post sends a JSON body; each option changes the request.
func post(t *testing.T, url string, body []byte, change ...func(*http.Request)) reply {
	t.Helper()
	got, err := try(t, http.DefaultClient, url, body, change...)
	require.NoError(t, err)
	return got
}

func try(t *testing.T, client *http.Client, url string, body []byte, change ...func(*http.Request)) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for _, f := range change {
		f(req)
	}
	return do(client, req)
}

func get(t *testing.T, url string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	got, err := do(http.DefaultClient, req)
	require.NoError(t, err)
	return got
}

func do(client *http.Client, req *http.Request) (reply, error) {
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body)}, err
}

func header(name, value string) func(*http.Request) {
	return func(req *http.Request) { req.Header.Set(name, value) }
}

func login(user, password string) func(*http.Request) {
	return func(req *http.Request) { req.SetBasicAuth(user, password) }
}

func TestAcceptsAReportAndRecordsIt(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: map[string]string{"admin": "s3cret: #1"}})
	sent := zipped(t, goodV2)

	got := post(t, url+pathV2, sent, login("admin", "s3cret: #1"),
		header("Content-Encoding", "gzip"), header("X-Anchore-Account", "team"))

	assert.Equal(t, http.StatusCreated, got.status)
	assert.Empty(t, got.body)
	require.Len(t, r.Accepted(), 1)
	q := r.Accepted()[0]
	sum := sha256.Sum256(sent)
	assert.Equal(t, hex.EncodeToString(sum[:]), q.RawSHA256)
	assert.True(t, bytes.Equal([]byte(goodV2), q.Body), "byte for byte")
	assert.EqualValues(t, len(sent), q.RawBytes)
	assert.EqualValues(t, len(sent), q.ContentLength)
	assert.EqualValues(t, len(goodV2), q.DecodedBytes)
	assert.Equal(t, anchoretest.Counts{Namespaces: 1, Nodes: 1, Pods: 1, Containers: 1}, q.Counts)
	assert.Equal(t, []string{"admin", "team", "gzip", pathV2}, []string{q.User, q.Account, q.Encoding, q.Path})
}

func TestEachGenerationHasItsPaths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		api    anchoretest.API
		status map[string]int
	}{
		{anchoretest.V2, map[string]int{pathV2: 201, pathV1: 404, pathKAI: 404}},
		{anchoretest.V1, map[string]int{pathV2: 404, pathV1: 201, pathKAI: 200}},
		{anchoretest.KAI, map[string]int{pathV2: 404, pathV1: 404, pathKAI: 200}},
	}
	for _, tt := range tests {
		_, url := anchoretest.Start(t, anchoretest.Options{API: tt.api})
		for path, want := range tt.status {
			body := goodV2
			if path == pathKAI {
				body = goodKAI
			}
			assert.Equal(t, want, post(t, url+path, []byte(body)).status, "api %d, %s", tt.api, path)
		}
	}
}

func TestKAIPathAnswersItems(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{API: anchoretest.KAI})
	got := post(t, url+pathKAI, []byte(goodKAI))
	var items []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.body), &items))
	require.Len(t, items, 1)
	assert.Equal(t, "prod-1/team-a", items[0]["context"])
	assert.Equal(t, "acme/api:1.2", items[0]["image_tag"])
	assert.Equal(t, "sha256:aa", items[0]["image_digest"])
	assert.Equal(t, anchoretest.Counts{Namespaces: 2, Images: 1}, r.Accepted()[0].Counts)
	assert.Equal(t, http.StatusBadRequest, post(t, url+pathKAI, []byte(goodV2)).status)
}

func TestRefusesRequests(t *testing.T) {
	t.Parallel()
	users := map[string]string{"admin": "right"}
	admin := login("admin", "right")
	tests := []struct {
		name    string
		options anchoretest.Options
		body    []byte
		change  []func(*http.Request)
		status  int
		want    string
	}{
		{"no credentials", anchoretest.Options{Users: users}, []byte(goodV2), nil, 401, "Unauthorized"},
		{"wrong password", anchoretest.Options{Users: users}, []byte(goodV2), []func(*http.Request){login("admin", "wrong")}, 401, "Unauthorized"},
		{"unknown user", anchoretest.Options{Users: users}, []byte(goodV2), []func(*http.Request){login("eve", "")}, 401, "Unauthorized"},
		{"unknown account", anchoretest.Options{Users: users, Accounts: []string{"a"}}, []byte(goodV2),
			[]func(*http.Request){admin, header("X-Anchore-Account", "b")}, 404, "User account not found"},
		{"unknown account, other release", anchoretest.Options{Accounts: []string{"a"}, UnknownAccountStatus: 403}, []byte(goodV2),
			[]func(*http.Request){header("X-Anchore-Account", "b")}, 403, "User account not found"},
		{"content type", anchoretest.Options{}, []byte(goodV2), []func(*http.Request){header("Content-Type", "text/plain")},
			415, "Invalid Content-type (text/plain), expected JSON data"},
		{"chunked", anchoretest.Options{}, []byte(goodV2), []func(*http.Request){func(req *http.Request) { req.ContentLength = -1 }},
			411, "Content-Length"},
		{"schema", anchoretest.Options{}, spoiled(t, goodV2, func(d document) { d.first("pods")["node_uid"] = "" }), nil, 400, " - 'pods.0.node_uid'"},
		{"gzip without saying so", anchoretest.Options{}, zipped(t, goodV2), nil, 400, "Request body is not valid JSON"},
		{"plain as gzip", anchoretest.Options{}, []byte(goodV2), []func(*http.Request){header("Content-Encoding", "gzip")}, 400, "content coding: gzip: invalid header"},
		{"cut gzip", anchoretest.Options{}, zipped(t, goodV2)[:100], []func(*http.Request){header("Content-Encoding", "gzip")}, 400, "content coding: unexpected EOF"},
		{"second member", anchoretest.Options{}, zipped(t, goodV2[:50], goodV2[50:]), []func(*http.Request){header("Content-Encoding", "gzip")}, 400, "content coding: a second gzip member"},
		{"second member, first whole", anchoretest.Options{}, zipped(t, goodV2, ""), []func(*http.Request){header("Content-Encoding", "gzip")}, 400, "content coding: a second gzip member"},
		{"data after member", anchoretest.Options{}, append(zipped(t, goodV2), "\n"...), []func(*http.Request){header("Content-Encoding", "gzip")}, 400, "content coding: trailing data"},
		{"unknown coding", anchoretest.Options{}, []byte(goodV2), []func(*http.Request){header("Content-Encoding", "zstd")}, 415, "zstd is not supported"},
		{"gzip refused 400", anchoretest.Options{Gzip: anchoretest.GzipRefuse400}, zipped(t, goodV2), []func(*http.Request){header("Content-Encoding", "gzip")},
			400, `"detail":"Request body is not valid JSON","status":400,"title":"Bad Request","type":"about:blank"`},
		{"gzip refused 415", anchoretest.Options{Gzip: anchoretest.GzipRefuse415}, zipped(t, goodV2), []func(*http.Request){header("Content-Encoding", "gzip")}, 415, "gzip is not supported"},
		{"gzip refused 500", anchoretest.Options{Gzip: anchoretest.GzipRefuse500}, zipped(t, goodV2), []func(*http.Request){header("Content-Encoding", "gzip")}, 500, "Internal Server Error"},
		{"gzip refused, discarding", anchoretest.Options{Gzip: anchoretest.GzipRefuse415, Discard: true}, zipped(t, goodV2), []func(*http.Request){header("Content-Encoding", "gzip")}, 415, "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, tt.options)
			got := post(t, url+pathV2, tt.body, tt.change...)
			assert.Equal(t, tt.status, got.status)
			assert.Contains(t, got.body, tt.want)
			assert.Contains(t, got.header.Get("Content-Type"), "json")
			assert.Empty(t, r.Accepted())
			q := r.Requests()[0]
			assert.Equal(t, tt.status, q.Status)
			assert.NotEmpty(t, q.Reason)
			assert.EqualValues(t, len(tt.body), q.RawBytes, "read to its end before it is refused")
		})
	}
}

func TestRefusedGzipIsAcceptedPlain(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Gzip: anchoretest.GzipRefuse400})
	assert.Equal(t, http.StatusBadRequest, post(t, url+pathV2, zipped(t, goodV2), header("Content-Encoding", "gzip")).status)
	assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte(goodV2)).status)
	seen := r.Requests()
	assert.Equal(t, seen[1].Body, seen[0].Body, "the refused body is decoded for comparison")
}

func TestVersionNeedsNoCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options anchoretest.Options
		status  int
		want    string
	}{
		{"v2", anchoretest.Options{}, 200, `"api":{"version":"2"}`},
		{"v1", anchoretest.Options{API: anchoretest.V1}, 200, `"api":{"version":"1"}`},
		{"told otherwise", anchoretest.Options{Version: "3"}, 200, `"api":{"version":"3"}`},
		{"service", anchoretest.Options{ServiceVersion: "5.20.1"}, 200, `"service":{"version":"5.20.1"}`},
		{"absent", anchoretest.Options{Version: anchoretest.VersionAbsent}, 404, "not found"},
		{"garbage", anchoretest.Options{Version: anchoretest.VersionGarbage}, 200, `["up"]`},
		{"page", anchoretest.Options{Version: anchoretest.VersionPage}, 200, "<!DOCTYPE html>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.options.Users = map[string]string{"a": "b"}
			_, url := anchoretest.Start(t, tt.options)
			got := get(t, url+"/version")
			assert.Equal(t, tt.status, got.status)
			assert.Contains(t, got.body, tt.want)
			if tt.options.API == anchoretest.V2 {
				assert.Equal(t, got.body, get(t, url+"/v2/version").body)
			}
		})
	}
}

func TestBasePathIsNotOptional(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{BasePath: "/api"})
	require.True(t, strings.HasSuffix(url, "/api"))
	assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte(goodV2)).status)
	assert.Equal(t, http.StatusOK, get(t, url+"/version").status)
	root := strings.TrimSuffix(url, "/api")
	assert.Equal(t, http.StatusNotFound, post(t, root+pathV2, []byte(goodV2)).status)
	assert.Equal(t, http.StatusNotFound, get(t, root+"/apiversion").status, "joined without a slash")
	assert.Equal(t, http.StatusNotFound, get(t, url+"//version").status, "joined with two slashes")
	assert.Equal(t, http.StatusMethodNotAllowed, get(t, url+pathV2).status)
}

func TestSuccessStatusCanDiffer(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{SuccessStatus: http.StatusOK})
	assert.Equal(t, http.StatusOK, post(t, url+pathV2, []byte(goodV2)).status)
	assert.Len(t, r.Accepted(), 1)
}

func TestDiscardCountsBytesOnly(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Discard: true})
	assert.Equal(t, http.StatusCreated, post(t, url+pathV2, []byte("anything")).status)
	q := r.Accepted()[0]
	assert.EqualValues(t, len("anything"), q.RawBytes)
	assert.Empty(t, q.RawSHA256)
	assert.Nil(t, q.Body)
}

func TestKeepBodyLimitsWhatIsRetained(t *testing.T) {
	t.Parallel()
	for limit, kept := range map[int64]bool{int64(len(goodV2)): true, int64(len(goodV2)) - 1: false, -1: false} {
		r, url := anchoretest.Start(t, anchoretest.Options{KeepBody: limit})
		post(t, url+pathV2, []byte(goodV2))
		q := r.Accepted()[0]
		assert.Equal(t, kept, q.Body != nil, "limit %d", limit)
		assert.EqualValues(t, len(goodV2), q.DecodedBytes)
	}
}

func TestOnRequestComesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	var seen []int
	_, url := anchoretest.Start(t, anchoretest.Options{OnRequest: func(q anchoretest.Request) { seen = append(seen, q.Status) }})
	get(t, url+"/version")
	post(t, url+pathV2, []byte("{}"))
	assert.Equal(t, []int{200, 400}, seen)
}
