package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/programs"
)

// The README is tried as a new user would: every command in it is run, in
// order, in a home of its own beside the demo's cluster, and what it shows of the
// output of a command is what the command prints.
//
// A fenced block marked sh holds commands; each block must end well, unless it
// ends in a comment that names another exit code. A block marked console holds
// one command after "$ " and its output; UPDATE_GOLDEN=1 writes the output anew.

const (
	top    = "../../.."
	readme = top + "/README.md"
)

// block is a fenced block of the README.
type block struct {
	language, text string
}

func blocks(page string) []block {
	var all []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		all = append(all, block{m[1], m[2]})
	}

	return all
}

// elsewhere are commands that other tests run, or that change the machine.
var elsewhere = regexp.MustCompile(`(?m)^(make|git clone|cd stocktake|go install|kubectl krew|\w+-completion) ?.*$`)

// ready turns what the README says into what can be run here: its receiver
// is the demo's.
func ready(text string) string {
	return strings.NewReplacer(
		"https://anchore.example.com", `"$DEMO_URL"`,
		"/run/secrets/anchore-password", `"$HOME/anchore-password"`,
		"charts/stocktake", `"$TOP/charts/stocktake"`,
	).Replace(elsewhere.ReplaceAllString(text, ":"))
}

// result is what a block did.
type result struct {
	code           string
	stdout, stderr string
}

// tried runs all blocks in one demo, behind a delivery by what the demo says of the
// cluster and the receiver, and returns what each did.
func tried(t *testing.T, tools string, texts []string) []result {
	t.Helper()
	home := t.TempDir()
	absolute, err := filepath.Abs(top)
	require.NoError(t, err)
	script := "stocktake deliver 2>&1 && stocktake deliver -quiet -output table | wc -l\n" +
		fmt.Sprintf("export TOP=%q DEMO_URL=$ANCHORE_URL PATH=\"$PATH:%s\" COLUMNS=118 HOME=%q\n", absolute, tools, home) +
		"printf %s \"$ANCHORE_PASSWORD\" >\"$HOME/anchore-password\"\n" +
		"mkdir \"$HOME/.kube\" && cp \"$KUBECONFIG\" \"$HOME/.kube/config\"\n" +
		"unset KUBECONFIG CLUSTER_ID ANCHORE_URL ANCHORE_USER ANCHORE_PASSWORD\ncd\n"
	for i, text := range texts {
		name := filepath.Join(home, fmt.Sprintf(".block-%d", i))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		script += fmt.Sprintf("bash -eo pipefail %s >%s.out 2>%s.err </dev/null; echo $? >%s.code\n", name, name, name, name)
	}
	var out bytes.Buffer
	require.NoError(t, play(t.Context(), shared.Cluster(t), built(t), &out, []string{"bash", "-ec", script}), "%s", out.String())
	assert.Contains(t, out.String(), "delivered, complete", "a command finds the cluster and the receiver")
	assert.NotContains(t, out.String(), password)
	assert.NotContains(t, out.String(), "==", "the command has the screen")
	results := make([]result, len(texts))
	for i := range texts {
		read := func(kind string) string {
			b, err := os.ReadFile(filepath.Join(home, fmt.Sprintf(".block-%d.%s", i, kind)))
			require.NoError(t, err)

			return string(b)
		}
		results[i] = result{strings.TrimSpace(read("code")), read("out"), read("err")}
	}

	return results
}

func TestEveryCommandOfTheReadmeDoesWhatItSays(t *testing.T) {
	t.Parallel()
	tools, err := programs.Build("release", "helm")
	require.NoError(t, err)
	b, err := os.ReadFile(readme)
	require.NoError(t, err)
	page := string(b)
	var found []block
	var texts []string
	for _, each := range blocks(page) {
		switch each.language {
		case "sh":
			found, texts = append(found, each), append(texts, ready(each.text))
		case "console":
			command, _, _ := strings.Cut(strings.TrimPrefix(each.text, "$ "), "\n")
			found, texts = append(found, each), append(texts, ready(command)+"\n")
		}
	}
	require.Greater(t, len(found), 5, "the README has hardly any commands")
	for i, did := range tried(t, tools, texts) {
		if found[i].language == "sh" {
			assert.Equal(t, wantedCode(found[i].text), did.code, "%s\n%s", found[i].text, did.stderr)

			continue
		}
		command, _, _ := strings.Cut(found[i].text, "\n")
		shown := command + "\n" + did.stdout
		if os.Getenv("UPDATE_GOLDEN") != "" {
			page = strings.Replace(page, found[i].text, shown, 1)
		} else {
			assert.Equal(t, shown, found[i].text, "README.md is not up to date: run `make generate`\n%s", did.stderr)
		}
	}
	if page != string(b) {
		require.NoError(t, os.WriteFile(readme, []byte(page), 0o644))
	}
}

// wantedCode is the exit code that the comment at the end of a block names.
func wantedCode(text string) string {
	if m := regexp.MustCompile(`# exits with (\d+)\n$`).FindStringSubmatch(text); m != nil {
		return m[1]
	}

	return "0"
}

// TestMakeTargetsOfTheReadmeExist covers the commands that change the machine or
// take their time; what they do is the business of other tests and of CI.
func TestMakeTargetsOfTheReadmeExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(readme)
	require.NoError(t, err)
	makefile, err := os.ReadFile(top + "/Makefile")
	require.NoError(t, err)
	named := regexp.MustCompile(`(?m)(?:^|`+"`"+`)make ([a-z-]+)`).FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, named)
	for _, m := range named {
		assert.Regexp(t, `(?m)^`+m[1]+`:`, string(makefile), "make %s is not there", m[1])
	}
}
