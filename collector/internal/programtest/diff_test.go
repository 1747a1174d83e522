package programtest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/kubetest"
)

// saveAs prints the inventory of a cluster into a file, or what may be left of it.
func saveAs(t *testing.T, kubeconfig, kind string, settings ...string) string {
	t.Helper()
	args := []string{"-external", kubeconfig, "-dry-run", "-set", "output-kind=" + kind, "prod"}
	for _, s := range settings {
		args = append(args, "-set", s)
	}
	got := inside(t, call{args: args})
	require.Contains(t, []int{0, 7}, got.code, got.stderr)
	path := filepath.Join(t.TempDir(), kind+".json")
	require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o600))
	return path
}

// deploy puts the workload of smallCluster's team-b into another image.
func deploy(t *testing.T, cluster *kubetest.Cluster, image, content string) {
	t.Helper()
	name, _, _ := strings.Cut(image, ":")
	cluster.SeedPods(t, kubetest.Pod{Namespace: "team-b", Name: "web", Node: "node-1", Containers: []kubetest.Container{
		{Name: "web", Image: image, ImageID: "docker.io/library/" + name + "@sha256:" + kubetest.Hex(content)},
	}})
}

type diffed struct {
	Same    bool
	Counts  map[string]int
	Changes []struct {
		Change, Name, Tag string
		Old               []string `json:"old_digests"`
		New               []string `json:"new_digests"`
		Namespaces        []string
		Doubt             string
	}
	Uncertain   []struct{ Change, Name, Tag, Doubt string }
	NotCompared []struct{ Namespace string } `json:"not_compared"`
}

func readDiff(t *testing.T, got outcome) diffed {
	t.Helper()
	var d diffed
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &d), got.stdout+got.stderr)
	return d
}

func TestDiffShowsWhatARolloutChanged(t *testing.T) {
	t.Parallel()
	cluster := ownSmallCluster(t)
	kubeconfig := cluster.Kubeconfig(t)
	old := saveAs(t, kubeconfig, "stocktake")

	got := run(t, call{args: []string{"diff", old, "live", "-external", kubeconfig}})
	assert.Equal(t, 0, got.code, got.stderr)
	assert.Empty(t, got.stdout)
	assert.Equal(t, "No differences found\n", got.stderr)

	deploy(t, cluster, "nginx:1.27", "rebuilt") // the same tag, another content
	got = run(t, call{args: []string{"diff", old, "live", "-external", kubeconfig}})
	assert.Equal(t, 10, got.code)
	assert.Empty(t, got.stderr, "a difference is an answer")
	assert.Empty(t, got.termination)
	before, after := kubetest.Hex("nginx")[:12], kubetest.Hex("rebuilt")[:12]
	assert.Equal(t, "CHANGE     IMAGE                         OLD           NEW           NAMESPACES\n"+
		"re-tagged  docker.io/library/nginx:1.27  "+before+"  "+after+"  team-b\n", got.stdout)

	deploy(t, cluster, "nginx:1.28", "newer") // another tag
	second := saveAs(t, kubeconfig, "stocktake")
	got = run(t, call{args: []string{"diff", old, second, "-o", "json"}})
	assert.Equal(t, 10, got.code)
	d := readDiff(t, got)
	assert.False(t, d.Same)
	require.Len(t, d.Changes, 2)
	assert.Equal(t, "added", d.Changes[0].Change)
	assert.Equal(t, "1.28", d.Changes[0].Tag)
	assert.Equal(t, []string{"sha256:" + kubetest.Hex("newer")}, d.Changes[0].New)
	assert.Equal(t, "removed", d.Changes[1].Change)
	assert.Equal(t, []string{"team-b"}, d.Changes[1].Namespaces)

	got = run(t, call{args: []string{"diff", old, second, "-n", "team-a"}})
	assert.Equal(t, 0, got.code, "nothing has changed there")
}

// Inventories of one cluster are the same, whatever their kinds, however little one of
// them knows: a difference of kinds is no difference of the cluster.
func TestDiffInventsNothingAcrossKinds(t *testing.T) {
	t.Parallel()
	cluster := seedCases(t)
	cluster.SeedNamespaces(t, "team-b")
	deploy(t, cluster, "nginx:1.27", "nginx")
	kubeconfig := cluster.Kubeconfig(t)
	all := []string{"live", saveAs(t, kubeconfig, "anchore"), saveAs(t, kubeconfig, "kai"), saveAs(t, kubeconfig, "stocktake")}
	for i, old := range all {
		for j, after := range all {
			if i == j && old == "live" {
				continue
			}
			got := inside(t, call{args: []string{"diff", old, after, "-external", kubeconfig, "-o", "json"}})
			assert.Equal(t, 0, got.code, "%s and %s: %s%s", old, after, got.stdout, got.stderr)
			assert.Empty(t, readDiff(t, got).Changes)
		}
	}
	deploy(t, cluster, "nginx:1.27", "rebuilt")
	for _, old := range all[1:] {
		got := inside(t, call{args: []string{"diff", old, "live", "-external", kubeconfig, "-o", "json"}})
		assert.Equal(t, 10, got.code, got.stderr)
		d := readDiff(t, got)
		require.Len(t, d.Changes, 1, "%s: %s", old, got.stdout)
		assert.Equal(t, "re-tagged", d.Changes[0].Change)
	}
}

func TestDiffOfAnIncompleteInventoryLosesNoNamespace(t *testing.T) {
	t.Parallel()
	cluster := smallCluster(t)
	whole := saveAs(t, cluster.Kubeconfig(t), "stocktake", "namespace-selectors.include=team-a,team-b")
	some := cluster.KubeconfigFor(t, "reader-of-one",
		kubetest.Grant{Namespace: "team-a", Verbs: []string{"list"}, Resources: []string{"pods"}},
		kubetest.Grant{Verbs: []string{"get"}, Resources: []string{"namespaces"}})
	part := saveAs(t, some, "stocktake", "namespace-selectors.include=team-a,team-b", "allow-incomplete=true")

	got := run(t, call{args: []string{"diff", whole, part, "-o", "json"}})

	assert.Equal(t, 7, got.code, got.stderr)
	d := readDiff(t, got)
	assert.Empty(t, d.Changes, "what was not read was not removed")
	require.Len(t, d.NotCompared, 1)
	assert.Equal(t, "team-b", d.NotCompared[0].Namespace)
	assert.Contains(t, got.stderr, "stocktake: the new inventory is incomplete: pods of namespace team-b: ")
	assert.Contains(t, got.stderr, "stocktake: not compared, because one of the inventories does not have them: team-b (unread in the new one)")

	got = run(t, call{args: []string{"diff", whole, "live", "-external", some, "-n", "team-b"}})
	assert.Equal(t, 3, got.code, "what cannot be read is not shown as if it were whole")
	assert.Empty(t, got.stdout)
}

func TestDiffReadsStdin(t *testing.T) {
	t.Parallel()
	path, err := program()
	require.NoError(t, err)
	file, err := os.Open(oldInventory(t))
	require.NoError(t, err)
	defer file.Close() //nolint:errcheck // only read
	cmd := exec.CommandContext(t.Context(), path, "diff", "-", file.Name())
	cmd.Dir, cmd.Stdin = t.TempDir(), file
	out, err := cmd.CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "No differences found\n", string(out))
}

// oldInventory and newInventory are two inventories by hand.
func oldInventory(t *testing.T) string { return testFile(t, "diff/old.json") }

func newInventory(t *testing.T) string { return testFile(t, "diff/new.json") }

func testFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	require.NoError(t, err)
	return path
}

func TestDiffMatchesTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"table":             nil,
		"wide":              {"-o", "wide"},
		"json":              {"-o", "json"},
		"by-namespace":      {"--by", "namespace"},
		"by-namespace.json": {"--by", "namespace", "-o", "json"},
		"no-headers":        {"--no-headers"},
	} {
		got := inside(t, call{args: append([]string{"diff", oldInventory(t), newInventory(t)}, args...)})
		assert.Equal(t, 10, got.code, got.stderr)
		goldenDiff(t, name, strings.ReplaceAll(got.stdout, filepath.Dir(oldInventory(t)), "."))
		goldenDiff(t, "notes", got.stderr)
	}
}

// goldenDiff compares with a file, which UPDATE_GOLDEN=1 writes anew.
func goldenDiff(t *testing.T, name, got string) {
	t.Helper()
	path := testFile(t, "diff/"+name+".golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "when the change is right, refresh with UPDATE_GOLDEN=1")
}

func TestDiffRefusesWhatItCannotCompare(t *testing.T) {
	t.Parallel()
	old := oldInventory(t)
	junk := filepath.Join(t.TempDir(), "junk.json")
	require.NoError(t, os.WriteFile(junk, []byte(`{"a\u001b[2J":"b"}`), 0o600))
	for says, args := range map[string][]string{
		"diff takes two arguments":        {"diff", old},
		"both inventories are -":          {"diff", "-", "-"},
		"both inventories are live":       {"diff", "live", "live"},
		"no such file":                    {"diff", old, "/nowhere/new.json"},
		"not an inventory":                {"diff", old, junk},
		`--by: "pod" is not one of`:       {"diff", old, old, "--by", "pod"},
		`-o: "csv" is not one of`:         {"diff", old, old, "-o", "csv"},
		"missing-tag-policy.policy":       {"diff", old, old, "-set", "missing-tag-policy.policy=guess"},
		"namespace-selectors.include: \"": {"diff", old, old, "-set", "namespace-selectors.include=/(/"},
	} {
		got := inside(t, call{args: args})
		assert.Equal(t, 2, got.code, "%s: %s", says, got.stderr)
		assert.Contains(t, got.stderr, says)
		assert.Empty(t, got.stdout)
		assert.NotContains(t, got.stderr, "\x1b")
	}
}

// rewritten is a file with one text in the place of another.
func rewritten(t *testing.T, path, old, text string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(b), old)
	other := filepath.Join(t.TempDir(), filepath.Base(path))
	require.NoError(t, os.WriteFile(other, []byte(strings.ReplaceAll(string(b), old, text)), 0o600))
	return other
}

// Two names of one cluster are one cluster; one name of two clusters is not.
func TestDiffSaysThatItComparesTwoClusters(t *testing.T) {
	t.Parallel()
	old := oldInventory(t)
	renamed := rewritten(t, old, `"name": "prod"`, `"name": "production"`)
	rebuilt := rewritten(t, renamed, "0c0c0c0c-0000-4000-8000-000000000001", "0c0c0c0c-0000-4000-8000-00000000000f")

	got := inside(t, call{args: []string{"diff", old, renamed}})
	assert.Equal(t, 0, got.code)
	assert.NotContains(t, got.stderr, "two clusters")
	got = inside(t, call{args: []string{"diff", old, rebuilt}})
	assert.Equal(t, 0, got.code, "their images are the same")
	assert.Contains(t, got.stderr, "stocktake: these are two clusters: the old inventory is of prod, the new one of production\n")
}

// KAI's body names images of volumes, for which Anchore's has no room.
func TestDiffCountsNoImageThatOnlyOneKindCanName(t *testing.T) {
	t.Parallel()
	const stamp = `"timestamp":"2026-03-04T05:06:07Z"}`
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	kai := write("kai.json", `{"cluster_name":"c","inventory_type":"kubernetes","results":[{"namespace":"a","images":[{"tag":"volume:1"}]}],`+stamp)
	anchore := write("anchore.json", `{"cluster_name":"c","containers":[],"namespaces":[{"name":"a","uid":"0c0c0c0c-0000-4000-8000-000000000001"}],`+stamp)
	for _, files := range [][]string{{kai, anchore}, {anchore, kai}} {
		got := inside(t, call{args: append([]string{"diff"}, files...)})
		assert.Equal(t, 0, got.code, got.stdout)
		assert.Contains(t, got.stderr, "not counted (1): only bodies of KAI name images of volumes and of containers that wait: docker.io/library/volume:1\n")
	}
}
