package kubeconfig

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// asked connects by a kubeconfig of two clusters and two users, and returns what the
// server was asked with.
func asked(t *testing.T, source Source) (server string, header http.Header, err error) {
	t.Helper()
	handler := func(name string) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			server, header = name, r.Header
		})
	}
	one, two := httptest.NewServer(handler("one")), httptest.NewServer(handler("two"))
	t.Cleanup(one.Close)
	t.Cleanup(two.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"c",
"clusters":[{"name":"one","cluster":{"server":"`+one.URL+`"}},{"name":"two","cluster":{"server":"`+two.URL+`"}},
{"name":"proxied","cluster":{"server":"https://a","proxy-url":"me:s3cret@proxy"}}],
"users":[{"name":"u","user":{"username":"u","password":"p"}},{"name":"v","user":{"username":"v","password":"p"}},{"name":"w","user":{"as":"own","as-groups":["g"]}},
{"name":"groups","user":{"as-groups":["g"]}},{"name":"broken","user":{"token":"s3cret-1\ns3cret-2"}},{"name":"gone","user":{"auth-provider":{"name":"gcp"}}}],
"contexts":[{"name":"c","context":{"cluster":"one","user":"u"}}]}`), 0o600))
	source.Path = cmp.Or(source.Path, path)
	c, err := open(source)
	if err != nil {
		return "", nil, err
	}
	defer c.Close()
	err = ask(t, c)
	return server, header, err
}

func TestClusterAndUserAreThoseAskedFor(t *testing.T) {
	t.Parallel()
	server, header, err := asked(t, Source{Identity: Identity{ClusterOf: "two", UserOf: "v", As: "system:serviceaccount:a:b", AsGroups: []string{"g", "h"}}})
	require.NoError(t, err)
	assert.Equal(t, "two", server)
	assert.Equal(t, []string{"system:serviceaccount:a:b", "g", "h"}, append(header["Impersonate-User"], header["Impersonate-Group"]...))

	server, header, err = asked(t, Source{Identity: Identity{UserOf: "w", AsGroups: []string{"x"}}})
	require.NoError(t, err)
	assert.Equal(t, "one", server)
	assert.Equal(t, []string{"own", "x"}, append(header["Impersonate-User"], header["Impersonate-Group"]...), "what is not given stays")

	_, header, err = asked(t, Source{Identity: Identity{UserOf: "groups", As: "me"}})
	require.NoError(t, err, "the groups of the kubeconfig have a user now")
	assert.Equal(t, []string{"me", "g"}, append(header["Impersonate-User"], header["Impersonate-Group"]...))
}

func TestIdentityThatLeadsNowhereIsAnError(t *testing.T) {
	t.Parallel()
	for says, source := range map[string]Source{
		`kubeconfig.use-cluster (--cluster) is "three", which the kubeconfig does not have: set it to one of one, proxied, two`:   {Identity: Identity{ClusterOf: "three"}},
		`kubeconfig.use-user (--user) is "x", which the kubeconfig does not have: set it to one of broken, gone, groups, u, v, w`: {Identity: Identity{UserOf: "x"}},
		"kubeconfig.as-group is set, and kubeconfig.as is not":                                                                    {Identity: Identity{AsGroups: []string{"g"}}},
		"kubeconfig.as-group (--as-group) has an empty name":                                                                      {Identity: Identity{As: "a", AsGroups: []string{"g", ""}}},
		"kubeconfig.use-cluster and kubeconfig.use-user name entries":                                                             {Options: Options{Path: InCluster}, Identity: Identity{ClusterOf: "two"}},
		`context "c": cluster "proxied": proxy-url is not a proxy`:                                                                {Identity: Identity{ClusterOf: "proxied"}},
		`context "c": user "broken": token holds a line break`:                                                                    {Identity: Identity{UserOf: "broken"}},
		`context "c": user "gone": its auth-provider gcp is not supported any more`:                                               {Identity: Identity{UserOf: "gone"}},
		`context "c": user "groups": it has as-uid, as-groups or as-user-extra and no as`:                                         {Identity: Identity{UserOf: "groups"}},
		"kubeconfig.as or kubeconfig.as-group has a line break":                                                                   {Identity: Identity{As: "a\nb"}},
		"kubeconfig.as or kubeconfig.as-group has a line break or another control character":                                      {Identity: Identity{As: "a", AsGroups: []string{"g\x01"}}},
	} {
		_, _, err := asked(t, source)
		require.ErrorIs(t, err, settings.ErrInvalid, says)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
