package faultproxy

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// ExpireToken makes the continue token of the request one of a revision that was
// compacted long ago, so that the API server itself answers 410 and offers a
// token to go on with. A request with such an offer passes, else no listing would
// ever end.
func ExpireToken(next http.Handler) http.Handler {
	return withToken(next, func(fields map[string]any) {
		if revision, _ := fields["rv"].(float64); revision > 0 {
			fields["rv"] = 1
		}
	})
}

// Overlap makes a page begin with the last object of the page before.
func Overlap(next http.Handler) http.Handler {
	return withToken(next, func(fields map[string]any) {
		start, _ := fields["start"].(string)
		fields["start"] = strings.TrimSuffix(start, "\x00")
	})
}

// Rewind answers with the first page once more.
func Rewind(next http.Handler) http.Handler {
	return withQuery(next, func(q url.Values) { q.Del("continue") })
}

func withQuery(next http.Handler, change func(url.Values)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		change(query)
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		next.ServeHTTP(w, r)
	})
}

// withToken changes what the continue token of the request says
// (k8s.io/apiserver/pkg/storage/continue.go): rv, the revision of the listing,
// which is -1 in a token that goes on with whatever is there now, and start, the
// least key of the page.
func withToken(next http.Handler, change func(fields map[string]any)) http.Handler {
	return withQuery(next, func(q url.Values) {
		text, err := base64.RawURLEncoding.DecodeString(q.Get("continue"))
		var fields map[string]any
		if err != nil || json.Unmarshal(text, &fields) != nil {
			return // the first page has no token
		}
		change(fields)
		if text, err = json.Marshal(fields); err == nil {
			q.Set("continue", base64.RawURLEncoding.EncodeToString(text))
		}
	})
}
