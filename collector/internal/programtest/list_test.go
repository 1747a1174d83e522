package programtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

type heldItem struct {
	Status, Namespace, Context string
	Image                      string `json:"image_tag"`
	Digest                     string `json:"image_digest"`
}

func heldItems(t *testing.T, got outcome) []heldItem {
	t.Helper()
	var all []heldItem
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &all), got.stdout+got.stderr)
	return all
}

// What was delivered is read back and verified, by every API that the service may speak.
func TestListVerifiesWhatWasDelivered(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	native := saveAs(t, kubeconfig, "stocktake")
	for version, api := range map[string]anchoretest.API{"auto": anchoretest.V2, "v1": anchoretest.V1, "kai": anchoretest.KAI} {
		options := receiverOptions()
		options.API = api
		_, receiver := anchoretest.Start(t, options)
		asked := func(args ...string) call {
			return delivering(receiver, call{args: args, env: []string{"ANCHORE_API_VERSION=" + version}})
		}
		kind := map[bool]string{true: "kai", false: "anchore"}[version == "kai"]
		sent := saveAs(t, kubeconfig, kind)

		got := inside(t, asked("list", "--verify", sent, "-o", "json"))
		assert.Equal(t, 10, got.code, "nothing was delivered yet: %s", got.stderr)
		for _, item := range heldItems(t, got) {
			assert.Equal(t, "missing", item.Status)
		}
		require.Equal(t, 0, run(t, asked("-external", kubeconfig)).code)
		for _, file := range []string{sent, native} {
			got = inside(t, asked("list", "--verify", file, "-o", "json"))
			assert.Equal(t, 0, got.code, "%s: %s%s", version, got.stdout, got.stderr)
			items := heldItems(t, got)
			assert.GreaterOrEqual(t, len(items), 3)
			for _, item := range items {
				assert.Equal(t, "stored", item.Status)
				assert.Equal(t, "prod/"+item.Namespace, item.Context)
			}
		}

		got = inside(t, asked("list"))
		assert.Equal(t, 0, got.code, got.stderr)
		assert.Empty(t, unwarned(got.stderr))
		assert.Regexp(t, `^IMAGE TAG +IMAGE DIGEST +CONTEXT +LAST SEEN AT\n`, got.stdout)
		assert.Regexp(t, `(?m)^nginx:1.27 +`+kubetest.Hex("nginx")[:12]+` +prod/team-b +20\d\d-`, got.stdout)
	}
}

func TestListVerifyTellsMissingFromExtra(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	_, receiver := anchoretest.Start(t, receiverOptions())
	require.Equal(t, 0, run(t, delivering(receiver, call{args: []string{"-external", kubeconfig}})).code)
	deploy(t, cluster, "nginx:1.28", "newer")
	later := saveAs(t, kubeconfig, "anchore")

	got := inside(t, delivering(receiver, call{args: []string{"list", "--verify", later}}))
	assert.Equal(t, 10, got.code)
	assert.Empty(t, unwarned(got.stderr), "what is missing is an answer")
	lines := strings.Split(got.stdout, "\n")
	assert.Regexp(t, `^missing +nginx:1.28 +\w{12} +prod/team-b`, lines[1])
	assert.Regexp(t, `^extra +nginx:1.27 +\w{12} +prod/team-b`, lines[2])
	assert.Regexp(t, `^stored +busybox:latest +- +prod/team-a`, lines[3])

	got = inside(t, delivering(receiver, call{args: []string{"list", "--verify", later, "-n", "team-a"}}))
	assert.Equal(t, 0, got.code, "all of that namespace is there")
	assert.NotContains(t, got.stdout, "team-b")
}

// unwarned is what a program says besides that a login is sent without TLS, as it is to
// the receiver of the tests.
func unwarned(stderr string) string {
	return regexp.MustCompile(`(?m)^.*begins with http://.*\n`).ReplaceAllString(stderr, "")
}

// The cluster of a file is the one that is asked about, and no other.
func TestListVerifyIsAboutTheClusterOfTheFile(t *testing.T) {
	t.Parallel()
	_, receiver := anchoretest.Start(t, receiverOptions())
	asked := func(args ...string) call {
		return call{args: args, env: []string{"ANCHORE_URL=" + receiver, "ANCHORE_USER=robot", "ANCHORE_PASSWORD=" + secret}}
	}
	got := inside(t, asked("list", "--verify", oldInventory(t), "-set", "ignore-not-running=false"))
	assert.Equal(t, 0, got.code, "its containers have no IDs, so that none of them was sent: %s", got.stderr)
	assert.Equal(t, "No images of cluster prod found\n", unwarned(got.stderr))
	got = inside(t, asked("list", "other", "--verify", oldInventory(t)))
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, `is an inventory of the cluster "prod", and cluster-id is "other"`)
	got = inside(t, asked("list"))
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "the cluster has no name")
}

func TestListAsksTheAccountsOfRoutes(t *testing.T) {
	t.Parallel()
	r, receiver := anchoretest.Start(t, receiverOptions())
	got := inside(t, delivering(receiver, call{args: []string{"list"}, env: []string{"ANCHORE_ACCOUNT=home", `STOCKTAKE_ACCOUNT_ROUTES={"shop":{"namespaces":["shop-.*"]}}`}}))
	require.Equal(t, 0, got.code, got.stderr)
	var asked []string
	for _, q := range r.Requests() {
		if strings.HasSuffix(q.Path, "inventories") {
			asked = append(asked, q.Account)
		}
	}
	assert.Equal(t, []string{"home", "shop"}, asked)
}

func TestListNamesTheCauseByItsCode(t *testing.T) {
	t.Parallel()
	_, strict := anchoretest.Start(t, receiverOptions())
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html><title>Log in</title></html>"))
	}))
	t.Cleanup(page.Close)
	for says, test := range map[string]struct {
		call call
		code int
	}{
		"nobody to ask":                      {call{args: []string{"list", "prod"}}, 2},
		"anchore.user and anchore.password)": {delivering(strict, call{args: []string{"list", "-set", "anchore.user=stranger"}}), 4},
		"login page":                         {delivering(page.URL, call{args: []string{"list"}}), 4},
		"connection refused":                 {delivering("http://127.0.0.1:9", call{args: []string{"list", "-set", "deadline=15s"}}), 5},
		"no such file":                       {delivering(strict, call{args: []string{"list", "--verify", "/nowhere.json"}}), 2},
		`-o: "csv" is not one of`:            {delivering(strict, call{args: []string{"list", "-o", "csv"}}), 2},
		"list takes one argument":            {delivering(strict, call{args: []string{"list", "a", "b"}}), 2},
	} {
		got := inside(t, test.call)
		assert.Equal(t, test.code, got.code, "%s: %s", says, got.stderr)
		assert.Contains(t, got.stderr, says)
		assert.Empty(t, got.stdout)
	}
}
