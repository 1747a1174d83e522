package deliver

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

func TestStoredIsWhatWasDelivered(t *testing.T) {
	t.Parallel()
	for version, api := range map[string]anchoretest.API{apiV2: anchoretest.V2, apiV1: anchoretest.V1, apiKAI: anchoretest.KAI} {
		r, url := anchoretest.Start(t, anchoretest.Options{API: api, Users: testUsers})
		c := newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = version })
		body := newBody(t, c.Kind(), 3)
		_, err := c.deliver(body)
		require.NoError(t, err)

		got, err := c.Stored(t.Context(), "prod-1", "")

		require.NoError(t, err)
		require.Len(t, got, 3, version)
		for i, s := range got {
			assert.Equal(t, "admin", s.Account)
			assert.Equal(t, "team-a", s.Namespace)
			assert.Equal(t, "prod-1/team-a", s.Context)
			assert.Equal(t, "docker.io/acme/gzip:1.2", s.Image)
			assert.Equal(t, "kubernetes", s.Type)
			assert.NotEmpty(t, s.Seen)
			assert.Contains(t, plainText(t, body), s.Digest)
			if i > 0 {
				assert.Less(t, got[i-1].Digest, s.Digest, "sorted")
			}
		}
		last := r.Requests()[len(r.Requests())-1]
		assert.Equal(t, "admin", last.Account)
		assert.Equal(t, "GET", last.Method)
		none, err := c.Stored(t.Context(), "prod", "")
		require.NoError(t, err)
		assert.Empty(t, none, "prod-1 is another cluster")
	}
}

// A service whose version is not known is asked by the newer path first.
func TestStoredFallsBackToTheOlderPath(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{API: anchoretest.V1, Version: anchoretest.VersionAbsent})
	c := newClientOf(t, url, nil)
	_, err := newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = apiV1 }).deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)

	got, err := c.Stored(t.Context(), "prod-1", "")

	require.NoError(t, err)
	assert.Len(t, got, 1)
	_, err = newClientOf(t, url, func(o *AnchoreOptions) { o.APIVersion = apiV2 }).Stored(t.Context(), "prod-1", "")
	require.ErrorIs(t, err, ErrRefused, "the newer one was insisted on")
	require.ErrorContains(t, err, "404")
	paths := []string{}
	for _, q := range r.Requests()[1:] {
		paths = append(paths, q.Path)
	}
	assert.Equal(t, []string{"/v2/inventories", "/v1/enterprise/inventories", "/v2/inventories"}, paths)
}

func TestStoredSaysWhyItWasRefused(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{Users: testUsers, Accounts: []string{"admin"}})
	wrong := newClientOf(t, url, func(o *AnchoreOptions) { o.Password = "s3cret but wrong" })
	_, err := wrong.Stored(t.Context(), "prod-1", "")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "see anchore.user and anchore.password")
	assertNoSecret(t, err.Error())

	_, err = newClientOf(t, url, nil).Stored(t.Context(), "prod-1", "nobody")
	require.ErrorIs(t, err, ErrAccountNotFound)

	_, err = newClientOf(t, url+"/elsewhere", nil).Stored(t.Context(), "prod-1", "")
	require.ErrorContains(t, err, "404")
	require.ErrorContains(t, err, "/elsewhere/v2/inventories", "the path that was meant is named")
}

// listAnswering returns an Anchore that gets one answer for everything.
func listAnswering(t *testing.T, status int, kind, body string) *anchoreUnderTest {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return newClientOf(t, server.URL, nil)
}

const oneItem = `{"inventory_type":"kubernetes","context":"prod-1/team-a","image_tag":"a:1","image_digest":null,"last_seen":"2026-01-02T03:04:05Z"}`

func TestStoredTakesNothingElseForAnAnswer(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		"<html><title>Log in</title></html>": "login page",
		"":                                   "login page",
		`"ok"`:                               "not a list of inventories",
		`{}`:                                 "it has no items",
		`{"items":null}`:                     "items is no array",
		`{"items":{}}`:                       "items is no array",
		`{"items":[7]}`:                      "not a list of inventories",
		`{"items":[{"context":7}]}`:          "not a list of inventories",
		`[` + oneItem + `] x`:                "not a list of inventories",
		`[` + oneItem:                        "not a list of inventories",
		`{"items":[` + oneItem + `],"next_page":2}`: "it has more pages",
		`{"next_token":"abc","items":[]}`:           "it has more pages",
		"{\"items\":[\"\x1b[2J\"]}":                 "not a list of inventories",
	} {
		c := listAnswering(t, http.StatusOK, "application/json", body)
		_, err := c.Stored(t.Context(), "prod-1", "")
		require.ErrorIs(t, err, ErrRefused, "%.80s", body)
		require.ErrorContains(t, err, says, "%.80s", body)
		require.NotContains(t, err.Error(), "\x1b")
	}
}

// TestStoredSaysWhatIsTooLarge and does not take the service for a login page.
func TestStoredSaysWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, "["+strings.Repeat(`{"context":"other/a"},`, 40<<20/22)+"{}]")
	require.NoError(t, errors.Join(err, w.Close()))
	for name, test := range map[string]struct{ encoding, body, says string }{
		"an item":  {"identity", `[{"context":"` + strings.Repeat("x", 3*maxItem) + `"}]`, "one item is larger than 1 MiB"},
		"unpacked": {"gzip", packed.String(), "it unpacks to more than 200 times its size"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", test.encoding)
			_, _ = io.WriteString(w, test.body)
		}))
		t.Cleanup(server.Close)
		_, err := newClientOf(t, server.URL, nil).Stored(t.Context(), "prod-1", "")
		require.ErrorIs(t, err, ErrRefused, name)
		require.ErrorContains(t, err, "200 OK: the answer is too large: "+test.says, name)
		require.NotContains(t, err.Error(), "login page", name)
	}
	_, err = (&limited{reader: strings.NewReader("[]"), item: 1}).Read(make([]byte, 1))
	require.EqualError(t, err, "the answer is too large: it is larger than 4 GiB")
}

// TestStoredTakesNoOtherSuccessForAList: a list that is not there would read as one that is empty.
func TestStoredTakesNoOtherSuccessForAList(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		http.StatusNoContent: "204 No Content: not the answer of the API", http.StatusAccepted: "202 Accepted: [",
	} {
		body := map[int]string{http.StatusAccepted: "[]"}[status]
		_, err := listAnswering(t, status, "application/json", body).Stored(t.Context(), "prod-1", "")
		require.ErrorIs(t, err, ErrRefused)
		require.ErrorContains(t, err, says)
	}
}

func TestStoredReadsEveryFormOfAList(t *testing.T) {
	t.Parallel()
	foreign := strings.Join([]string{
		strings.Replace(oneItem, "prod-1/", "prod-2/", 1), strings.Replace(oneItem, "prod-1/team-a", "prod-1/a/b", 1), `{}`,
		strings.Replace(oneItem, "kubernetes", "ecs", 1),
	}, ",")
	for _, body := range []string{
		`[` + oneItem + `,` + foreign + `]`,
		`{"items":[` + foreign + `,` + oneItem + `]}`,
		` {"page":1,"next_page":false,"next_token":"","items":[` + oneItem + `],"total_rows":1} `,
	} {
		got, err := listAnswering(t, http.StatusOK, "application/json", body).Stored(t.Context(), "prod-1", "")
		require.NoError(t, err, body)
		assert.Equal(t, []Stored{{
			Account: "admin", Namespace: "team-a", Image: "a:1", Type: "kubernetes", Context: "prod-1/team-a", Seen: "2026-01-02T03:04:05Z",
		}}, got, body)
	}
}

// A list of which a part was read is read again from its start.
func TestStoredTriesAgainWhenTheAnswerBreaksOff(t *testing.T) {
	t.Parallel()
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprintf(w, `[%s,`, oneItem)
			return
		}
		if calls == 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, `[%s]`, oneItem)
	}))
	t.Cleanup(server.Close)
	c := newClientOf(t, server.URL, nil)

	got, err := c.Stored(t.Context(), "prod-1", "")

	require.NoError(t, err)
	assert.Len(t, got, 1, "and not two")
	assert.Equal(t, 3, calls)
}

func TestStoredEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	called := errors.New("stopped by SIGTERM")
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(called)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	_, err := newClientOf(t, server.URL, nil).Stored(ctx, "prod-1", "")
	require.ErrorIs(t, err, called)
}

// FuzzStored feeds answers: whatever comes is a list or an error, never both.
func FuzzStored(f *testing.F) {
	f.Add([]byte(`[` + oneItem + `]`))
	f.Add([]byte(`{"items":[` + oneItem + `],"next":null}`))
	f.Add([]byte(`{"next":{},"items":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l := &listing{cluster: "prod-1"}
		if err := l.take(bytes.NewReader(body)); err != nil {
			require.True(t, errors.Is(err, errNoList) || errors.Is(err, errTooLarge), err)
			return
		}
		for _, s := range l.found {
			require.Equal(t, "prod-1/"+s.Namespace, s.Context)
		}
	})
}

// TestStoredIsBoundedInWhatIsKept gives it the lists of a hostile service: the same item again and again, which is some
// megabyte in gzip, and different ones without an end.
func TestStoredIsBoundedInWhatIsKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		image string
		kind  error
		says  string
	}{
		"the same":  {"x/y:1", errNoList, "repeats the same items"},
		"different": {"x/y:%d", errTooLarge, "more than 64 MiB"},
	} {
		read, write := io.Pipe()
		go func() {
			_, err := io.WriteString(write, `{"items":[{"context":"other/a"}`)
			for n := 0; err == nil; n++ {
				image := strings.Replace(test.image, "%d", fmt.Sprint(n), 1)
				_, err = fmt.Fprintf(write, `,{"context":"prod/a","inventory_type":"kubernetes","image_tag":%q}`, image)
			}
		}()
		l := &listing{cluster: "prod", account: "admin"}
		err := l.take(read)
		_ = read.Close()
		require.ErrorIs(t, err, test.kind, name)
		require.ErrorContains(t, err, test.says)
		assert.LessOrEqual(t, l.kept, maxKept+1000)
	}
	l := &listing{cluster: "prod", account: "admin"}
	item := `{"context":"prod/a","image_tag":"x/y:1"}`
	require.NoError(t, l.take(strings.NewReader(`[`+item+`,`+item+`]`)))
	assert.Len(t, l.found, 1, "equal items are one")
}

func TestNewHTTPRefusesHeadersOfTheConnection(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"connection", "Keep-Alive", "TE", "trailer", "Upgrade", "Proxy-Authorization", "Expect", "Transfer-Encoding"} {
		_, err := (HTTPOptions{Header: name + ": x"}).header()
		require.ErrorIs(t, err, settings.ErrInvalid, name)
		require.ErrorContains(t, err, "give another header")
	}
}
