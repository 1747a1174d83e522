package kubeconfig

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

// connectAs makes the connection of a kubeconfig with that cluster and user, in JSON,
// and returns how the server saw it.
func connectAs(t *testing.T, cluster, user string, as Identity) (authorization []string, err error) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		authorization = r.Header["Authorization"]
	}))
	t.Cleanup(server.Close)
	if cluster == "" {
		cluster = `"server":"` + server.URL + `","insecure-skip-tls-verify":true`
	}
	source := Source{Options: Options{Path: filepath.Join(t.TempDir(), "kubeconfig")}, Identity: as}
	require.NoError(t, os.WriteFile(source.Path, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"c",
"clusters":[{"name":"k","cluster":{`+cluster+`}}],"users":[{"name":"u","user":{`+user+`}}],"contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}]}`), 0o600))
	c, err := open(source)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	err = ask(t, c)
	return authorization, err
}

// written is the name of a file with that text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestWhatCannotWorkIsFoundBeforeTheServerIsAsked(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("s3cret"))
	for title, c := range map[string]struct {
		cluster, user, says string
		as                  Identity
	}{
		"a port that is none":         {cluster: `"server":"https://127.0.0.1:99999"`, says: "server is not an address"},
		"a proxy's port that is none": {cluster: `"server":"https://127.0.0.1:9","proxy-url":"http://corp:s3cret@127.0.0.1:99999"`, says: "proxy-url is not a proxy"}, //nolint:gosec // none of them is real
		"a key alone":                 {user: `"client-key-data":"` + key + `"`, says: "no client-certificate"},
		"a token after a mark":        {user: `"tokenFile":"` + written(t, "\ufeffs3cret\n") + `"`, says: "byte order mark"},
		"a user of two lines":         {user: `"token":"t"`, as: Identity{As: "bob\ns3cret"}, says: "kubeconfig.as"},
		"a group of two lines":        {user: `"token":"t"`, as: Identity{As: "bob", AsGroups: []string{"g\r\ns3cret"}}, says: "kubeconfig.as-group"},
	} {
		asked, err := connectAs(t, c.cluster, c.user, c.as)
		require.ErrorIs(t, err, settings.ErrInvalid, title)
		require.ErrorContains(t, err, c.says, title)
		assert.NotContains(t, err.Error(), "s3cret", title)
		assert.Nil(t, asked, title)
	}
}

// TestATokenBesideAnEmptyFileCounts is what client-go does with the two of them.
func TestATokenBesideAnEmptyFileCounts(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{written(t, "\n"): "Bearer given", written(t, "of the file\n"): "Bearer of the file", "/nonexistent/token": "Bearer given"} {
		asked, err := connectAs(t, "", `"token":"given","tokenFile":"`+file+`"`, Identity{})
		require.NoError(t, err)
		assert.Equal(t, []string{want}, asked)
	}
	asked, err := connectAs(t, "", `"token":"given","client-key-data":"eA=="`, Identity{})
	require.NoError(t, err)
	assert.Equal(t, []string{"Bearer given"}, asked, "a key that nobody uses does not matter")
}

func TestPluginThatLeavesAProgramBehindHasPrintedWhatItPrinted(t *testing.T) {
	t.Parallel()
	plugin := func(script string) string {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(script)
		return `"exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"sh","args":["-c","` + quoted + `"],"interactiveMode":"Never"}`
	}
	const credential = `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"fresh"}}'` //nolint:gosec // none of them is real
	asked, err := connectAs(t, "", plugin("sleep 20 & "+credential), Identity{})
	require.NoError(t, err)
	assert.Equal(t, []string{"Bearer fresh"}, asked)
	_, err = connectAs(t, "", plugin("sleep 20 & exit 0"), Identity{})
	require.ErrorContains(t, err, "left a program behind")
}

func TestAnswersOfPluginsAreNamedByWhatCame(t *testing.T) {
	t.Parallel()
	const v1 = "client.authentication.k8s.io/v1"
	for text, want := range map[string]string{ //nolint:gosec // none of them is real
		`{"kind":"Secret","apiVersion":"v1","status":{"token":"s3cret"}}`:                                            "no ExecCredential, but a Secret of v1",
		`{"kind":"s3cret","apiVersion":"v1"}`:                                                                        "an object that is no ExecCredential",
		`{"kind":"ExecCredential","apiVersion":"v1"}`:                                                                "an ExecCredential of v1, and the kubeconfig asks for " + v1,
		"A new version is out\n" + `{"kind":"ExecCredential","apiVersion":"` + v1 + `","status":{"token":"s3cret"}}`: "it begins in line 2",
	} {
		_, err := parseCredential([]byte(text), v1)
		require.ErrorContains(t, err, want, text)
		assert.NotContains(t, err.Error(), "s3cret")
	}
}
