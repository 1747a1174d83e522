package kube

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/wire"
)

// FuzzContinueToken gives a listing a token, lets it expire with another, and
// reads both back from the requests that follow: byte for byte, because to the
// client a token has no meaning.
func FuzzContinueToken(f *testing.F) {
	for _, token := range []string{
		"", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NywicyI6ImEvYlx1MDAwMCJ9", "a b+c/d=&limit=0", "%41%zz", "#?;", "\x00\x7f\r\nHost: evil",
		"ключ", "\xff\xfe", `"\u2028<>&`, "null",
	} {
		f.Add(token, token, false)
		f.Add(token, "then"+token, true)
		f.Add("first", token, false)
	}
	f.Fuzz(func(t *testing.T, token, later string, inJSON bool) {
		e := wire.Protobuf
		if inJSON {
			e = wire.JSON
		}
		if len(token+later) > 8192 || inJSON && (!utf8.ValidString(token) || !utf8.ValidString(later)) {
			return // JSON has no way to say it
		}
		server := &expiring{t: t, encoding: e, token: token, later: later}
		c := over(t, server, usual(500))
		c.link.Base.Path = "/k8s"
		r := newRecorder(t)
		listing, err := c.Pods(t.Context(), r)
		switch {
		case token == "":
			require.NoError(t, err)
			require.Equal(t, []string{""}, server.asked)
		case later == "":
			require.ErrorIs(t, err, ErrUnavailable)
			require.Equal(t, []string{"", token}, server.asked, "a listing that cannot go on is not begun anew")
		default:
			require.NoError(t, err)
			// The namespace was read in parts, and so it is read again.
			require.Equal(t, []string{"", token, later, ""}, server.asked)
			assert.Equal(t, inventory.Mixed, listing.Consistency)
			assert.Len(t, r.pods, 2)
		}
	})
}

// expiring is an API server of two pages that says 410 to the token of the
// second, and takes the one that comes with that.
type expiring struct {
	t            *testing.T
	encoding     wire.Encoding
	token, later string
	asked        []string // the token of each request
}

// RoundTrip implements http.RoundTripper. A listing of two pages asks for one
// after the other, so that no lock is needed.
func (s *expiring) RoundTrip(req *http.Request) (*http.Response, error) {
	// What counts is what stands in the request line.
	target, err := url.ParseRequestURI(req.URL.RequestURI())
	require.NoError(s.t, err)
	if len(s.asked) < 3 {
		require.Equal(s.t, "/k8s/api/v1/pods", target.Path)
	} else if target.Path != "/k8s/api/v1/pods" {
		require.Equal(s.t, "/k8s/api/v1/namespaces/n/pods", target.Path)
	}
	query, err := url.ParseQuery(target.RawQuery)
	require.NoError(s.t, err)
	require.Equal(s.t, []string{"500"}, query["limit"], "no token sets a limit")
	s.asked = append(s.asked, query.Get("continue"))
	switch len(s.asked) {
	case 1:
		return answerWith(http.StatusOK, s.encoding, podtest.Page(s.t, s.encoding, metav1.ListMeta{ResourceVersion: "7", Continue: s.token}, named("a"))), nil
	case 2:
		return answerWith(http.StatusGone, s.encoding, s.expired()), nil
	case 4:
		return answerWith(http.StatusOK, s.encoding, podtest.Page(s.t, s.encoding, metav1.ListMeta{ResourceVersion: "9"}, named("a"), named("b"))), nil
	}
	return answerWith(http.StatusOK, s.encoding, podtest.Page(s.t, s.encoding, metav1.ListMeta{ResourceVersion: "8"}, named("b"))), nil
}

// expired is the Status of a 410, in the encoding of the pages.
func (s *expiring) expired() []byte {
	status := metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, ListMeta: metav1.ListMeta{Continue: s.later},
		Status: metav1.StatusFailure, Reason: metav1.StatusReasonExpired, Code: http.StatusGone,
	}
	if s.encoding == wire.JSON {
		text, err := json.Marshal(status)
		require.NoError(s.t, err)
		return text
	}
	raw, err := status.Marshal()
	require.NoError(s.t, err)
	return append(append([]byte(wire.Magic), 0x12), append(protowire.AppendVarint(nil, uint64(len(raw))), raw...)...)
}

func answerWith(code int, e wire.Encoding, body []byte) *http.Response {
	return &http.Response{
		StatusCode: code,
		Header:     http.Header{"Content-Type": {string(e)}},
		Body:       io.NopCloser(bytes.NewReader(body)),
	}
}

func named(name string) corev1.Pod {
	return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: name, UID: "u"}}
}
