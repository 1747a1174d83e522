package programtest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
)

// The tests of this file ask the built program which images there are, of a real
// API server and of inventories that it saved.

// images runs the command and demands what holds for every look at images: no
// receiver, no name of the cluster, no message for the kubelet.
func images(t *testing.T, kubeconfig string, args ...string) outcome {
	t.Helper()
	got := inside(t, call{args: append([]string{"images", "-set", "kubeconfig.path=" + kubeconfig}, args...)})
	assert.Empty(t, got.termination)
	return got
}

// imagesOf are the images that must be shown without a word on stderr.
func imagesOf(t *testing.T, kubeconfig string, args ...string) string {
	t.Helper()
	got := images(t, kubeconfig, args...)
	require.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	return got.stdout
}

func goldenImages(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "images", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run make generate if this is meant")
}

var imageFormats = []string{"table", "wide", "json", "ndjson", "csv", "name"}

// TestImagesGoldenOfEveryCase writes all known cases in every form: once of the live
// cluster, and the same of what was saved of it.
func TestImagesGoldenOfEveryCase(t *testing.T) {
	t.Parallel()
	cluster := seedCases(t)
	kubeconfig := cluster.Kubeconfig(t)
	saved := save(t, kubeconfig, "stocktake")
	const only = "case-places,case-references,case-runtimes"
	for _, format := range imageFormats {
		live := imagesOf(t, kubeconfig, "-n", only, "-o", format)
		goldenImages(t, "cases."+format+".golden", live)
		assert.Equal(t, live, imagesOf(t, nowhere(t), "-f", saved, "-n", only, "-o", format), "%s of a saved inventory", format)
	}
	for _, by := range []string{"namespace", "workload", "node", "registry"} {
		live := imagesOf(t, kubeconfig, "-n", only, "--by", by)
		goldenImages(t, "cases.by-"+by+".golden", live)
		assert.Equal(t, live, imagesOf(t, nowhere(t), "-f", saved, "-n", only, "--by", by), "by %s of a saved inventory", by)
	}
}

// nowhere is a kubeconfig that leads to nobody: who looks at a file asks nobody.
func nowhere(t *testing.T) string {
	t.Helper()
	return kubeconfigOf(t, unreachable(t))
}

// save returns a file with the inventory of a cluster.
func save(t *testing.T, kubeconfig, kind string) string {
	t.Helper()
	got := inside(t, call{args: []string{"-external", kubeconfig, "-dry-run", "-set", "output-kind=" + kind, "-set", "ignore-not-running=false", "prod"}})
	require.Equal(t, 0, got.code, got.stderr)
	path := filepath.Join(t.TempDir(), kind+".json")
	require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o600))
	return path
}

func TestImagesOfEveryKindOfSavedInventory(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	for kind, want := range map[string][]string{
		"stocktake": smallImages(cluster),
		"anchore":   {"docker.io/library/busybox:latest", "docker.io/library/nginx:1.27@sha256:" + kubetest.Hex("nginx")},
		"kai":       smallImages(cluster),
	} {
		path := save(t, kubeconfig, kind)
		assert.Equal(t, strings.Join(want, "\n")+"\n", imagesOf(t, nowhere(t), "-f", path, "-o", "name"), kind)
		assert.NotContains(t, imagesOf(t, nowhere(t), "-f", path, "-n", "team-b", "-o", "name"), "busybox", kind)
	}
}

func TestImagesOfAFileThatIsPackedOrPiped(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	plain := save(t, kubeconfig, "stocktake")
	want := imagesOf(t, kubeconfig, "-o", "json")
	text, err := os.ReadFile(plain)
	require.NoError(t, err)
	packed, err := os.Create(plain + ".gz")
	require.NoError(t, err)
	zip := gzip.NewWriter(packed)
	_, err = zip.Write(text)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, packed.Close())

	assert.Equal(t, want, imagesOf(t, nowhere(t), "--file", plain+".gz", "-o", "json"))
	path, err := program()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, "images", "-f", "-", "-o", "json")
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(string(text))
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, want, string(out), "from stdin")
}

func TestImagesByLabelAndNamespaceAreThoseOfTheAPIServer(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	cluster.SeedNodes(t, "node-1")
	cluster.SeedNamespaces(t, "front", "back")
	one := func(image string) []kubetest.Container { return []kubetest.Container{{Name: "c", Image: image}} }
	cluster.SeedPods(t,
		kubetest.Pod{Namespace: "front", Name: "web", Node: "node-1", Labels: map[string]string{"app": "web", "tier": "a"}, Containers: one("web:1")},
		kubetest.Pod{Namespace: "back", Name: "web", Node: "node-1", Labels: map[string]string{"app": "web"}, Containers: one("web:2")},
		kubetest.Pod{Namespace: "back", Name: "db", Node: "node-1", Labels: map[string]string{"app": "db"}, Containers: one("db:1")},
	)
	kubeconfig := cluster.Kubeconfig(t)
	saved := save(t, kubeconfig, "stocktake")
	for _, c := range []struct{ args, want string }{
		{"-l app=web", "web:1 web:2"},
		{"-l app=web,tier", "web:1"},
		{"-l app=web,tier!=a -A", "web:2"},
		{"--selector=app --namespace back", "db:1 web:2"},
		{"-n front -n back", "db:1 web:1 web:2"},
		{"-n front,back", "db:1 web:1 web:2"},
		{"-set namespace-selectors.exclude=back", "web:1"},
		{"-set namespace-selectors.exclude=back -n back", "db:1 web:2"},
		{"-set namespace-selectors.exclude=back --all-namespaces", "db:1 web:1 web:2"},
	} {
		args := append(strings.Fields(c.args), "-o", "name")
		live := imagesOf(t, kubeconfig, args...)
		assert.Equal(t, c.want, strings.Join(strings.Fields(strings.ReplaceAll(live, "docker.io/library/", "")), " "), c.args)
		assert.Equal(t, live, imagesOf(t, nowhere(t), append(args, "-f", saved)...), c.args)
	}
}

func TestImagesOfNamedNamespacesNeedNoRightBeyondThem(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	teamA := cluster.KubeconfigFor(t, "team-a-reader",
		kubetest.Grant{Namespace: "team-a", Resources: []string{"pods"}}, kubetest.Grant{Namespace: "team-a", Resources: []string{"namespaces"}, Verbs: []string{"get"}})

	got := images(t, teamA, "-n", "team-a")
	assert.Equal(t, 0, got.code)
	assert.Contains(t, got.stdout, "docker.io/library/busybox")
	assert.Contains(t, got.stderr, "PLATFORMS stay empty: nodes may not be listed")
	got = images(t, teamA)
	assert.Equal(t, 3, got.code)
	assert.Empty(t, got.stdout)
	assert.Regexp(t, `^stocktake: list pods: .*forbidden`, got.stderr)
}

func TestImagesNeverShowAPartAsTheWhole(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := proxied(t, cluster, func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/team-b/pods") })

	got := images(t, kubeconfig, "-n", "team-a,team-b")
	assert.Equal(t, 3, got.code)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, "team-b")

	got = images(t, kubeconfig, "-n", "team-a,team-b", "-set", "allow-incomplete=true")
	assert.Equal(t, 7, got.code)
	assert.Contains(t, got.stdout, "busybox")
	assert.NotContains(t, got.stdout, "Foo")
	assert.Regexp(t, `^stocktake: incomplete: .*team-b.*the proxy says no`, got.stderr)
}

func TestImagesFailWithTheCodeOfTheCause(t *testing.T) {
	t.Parallel()
	kubeconfig := smallCluster(t).Kubeconfig(t)
	saved := save(t, kubeconfig, "kai")
	broken := filepath.Join(t.TempDir(), "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"format":`), 0o600))
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"-o yaml", 2, `-o: "yaml" is not one of table, wide, json, ndjson, csv, name`},
		{"--by pod", 2, `--by: "pod" is not one of image, namespace, workload, node, registry`},
		{"--sort size", 2, `--sort: "size" is not one of name, `},
		{"--by node --sort tag", 2, `--sort: "tag" is not one of name, images, pods`},
		{"-l app=(", 2, `label selector "app=("`},
		{"-n no-such", 2, "namespace no-such does not exist: -n or"},
		{"shop", 2, "images takes no arguments: a namespace is given as -n shop"},
		{"-context other", 2, `kubeconfig.context is "other"`},
		{"-set deadline=never", 2, "deadline"},
		{"-f /no/such/file", 2, "/no/such/file: no such file"},
		{"-f /", 2, "/ is a folder: give the file that was saved"},
		{"-f " + broken, 2, broken},
		{"-f " + saved + " -n no-such", 2, "namespace no-such: it is not in " + saved},
		{"-f " + saved + " -l app=web", 2, "kai, which knows no labels"},
		{"-set deadline=1ns", 124, "deadline"},
	} {
		got := images(t, kubeconfig, strings.Fields(c.args)...)
		assert.Equal(t, c.code, got.code, "%s: %s", c.args, got.stderr)
		assert.Contains(t, got.stderr, c.says, c.args)
		assert.Empty(t, got.stdout, c.args)
	}
	got := run(t, call{args: []string{"images"}, env: []string{"KUBECONFIG=" + nowhere(t)}})
	assert.Equal(t, 6, got.code)
	assert.Contains(t, got.stderr, "connection refused")
}

func TestImagesSayThatThereAreNone(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	for _, c := range []struct{ args, stdout, stderr string }{
		{"", "", "No images found\n"},
		{"--no-digest -n default", "", "No images without a digest found: namespace default\n"},
		{"-l app=web -o wide", "", "No images found: labels app=web\n"},
		{"-o json", "[\n]\n", ""},
		{"-o ndjson", "", ""},
		{"-o name", "", ""},
	} {
		got := images(t, kubeconfig, strings.Fields(c.args)...)
		assert.Equal(t, 0, got.code, got.stderr)
		assert.Equal(t, [2]string{c.stdout, c.stderr}, [2]string{got.stdout, got.stderr}, c.args)
	}
}

func TestImagesAreUsedByTheWorkloadThatSomebodyWrote(t *testing.T) {
	t.Parallel()
	cluster := ownCluster(t)
	cluster.SeedNodes(t, "node-1")
	one := []kubetest.Container{{Name: "c", Image: "web:1"}}
	cluster.SeedPods(t,
		kubetest.Pod{Name: "web-5d4f8c7b9-x", Node: "node-1", Owner: "ReplicaSet/web-5d4f8c7b9", Labels: map[string]string{"pod-template-hash": "5d4f8c7b9"}, Containers: one},
		kubetest.Pod{Name: "nightly-29455384-x", Node: "node-1", Owner: "Job/nightly-29455384", Containers: one},
		kubetest.Pod{Name: "bare", Node: "node-1", Containers: one},
		kubetest.Pod{Name: "api-node-1", Node: "node-1", Mirror: true, Containers: one},
	)
	kubeconfig := cluster.Kubeconfig(t)
	want := "default/CronJob/nightly\ndefault/Deployment/web\ndefault/Pod/api-node-1\ndefault/Pod/bare\n"

	assert.Equal(t, want, imagesOf(t, kubeconfig, "--by", "workload", "-o", "name"))
	assert.Equal(t, want, imagesOf(t, nowhere(t), "--by", "workload", "-o", "name", "-f", save(t, kubeconfig, "stocktake")))
}

func TestImagesInCSVAndJSONSayTheSame(t *testing.T) {
	t.Parallel()
	saved := savedCases(t)
	rows, err := csv.NewReader(strings.NewReader(readSaved(t, saved, "-o", "csv", "--sort", "pods"))).ReadAll()
	require.NoError(t, err)
	var objects []map[string]any
	require.NoError(t, json.Unmarshal([]byte(readSaved(t, saved, "-o", "json", "--sort", "pods")), &objects))
	require.Len(t, rows, len(objects)+1)
	for i, object := range objects {
		columns := len(rows[0])
		if _, ok := object["digest_repository"]; !ok { // nearly always that of the reference
			columns--
		}
		assert.Len(t, object, columns)
		assert.Equal(t, object["digest"], rows[i+1][4])
		assert.Contains(t, rows[i+1][10], object["namespaces"].([]any)[0])
	}
}

func TestImagesEndQuietlyWhenNobodyReadsOn(t *testing.T) {
	t.Parallel()
	saved := savedCases(t)
	path, err := program()
	require.NoError(t, err)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	cmd := exec.CommandContext(t.Context(), path, "images", "-f", saved, "-o", "wide")
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), writer, &stderr
	err = cmd.Run()
	require.NoError(t, writer.Close())
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, "signal: broken pipe", exit.Error(), "as ls and kubectl do")
	assert.Empty(t, stderr.String())
}

func TestImagesWithoutDigestOnly(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)

	assert.Equal(t, asKept(cluster, "docker.io/library/busybox:latest", dataImage, "reg.io/Foo:1", ""), strings.Split(imagesOf(t, kubeconfig, "--no-digest", "-o", "name"), "\n"))
	assert.Equal(t, []string{"team-a", "team-b", ""}, firstWords(strings.Split(imagesOf(t, kubeconfig, "--no-digest", "--by", "namespace", "--no-headers"), "\n")))
}
