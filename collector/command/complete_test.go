package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector"
)

// offered are the candidates for the last word, and how the shell is to take them.
func offered(t *testing.T, words ...string) (all []string, how string) {
	t.Helper()
	code, stdout, stderr := line(t, append([]string{"__complete"}, words...)...)
	assert.Equal(t, collector.OK, code)
	assert.Empty(t, stderr)
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	for _, each := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(each, "\t")
		all = append(all, word)
	}
	return all, lines[len(lines)-1]
}

func TestCompletionOffersWhatFitsTheWord(t *testing.T) {
	t.Parallel()
	const files, nospace, nothing = ":0", ":6", ":4"
	tests := map[string]struct {
		words []string
		all   []string
		how   string
	}{
		"a command":                     {[]string{"di"}, []string{"diff"}, nothing},
		"no command after a word":       {[]string{"prod", "di"}, nil, nothing},
		"no command after --":           {[]string{"--", "--se"}, nil, nothing},
		"a command to be helped with":   {[]string{"help", "im"}, []string{"images"}, nothing},
		"a shell":                       {[]string{"completion", ""}, []string{"bash", "fish", "kubectl", "powershell", "zsh"}, nothing},
		"a flag":                        {[]string{"images", "--no-"}, []string{"--no-digest", "--no-headers"}, nothing},
		"the word types":                {[]string{"objects", "t"}, []string{"types"}, nothing},
		"no word types after a type":    {[]string{"objects", "pods", "t"}, nil, nothing},
		"what objects are counted by":   {[]string{"objects", "--by", ""}, []string{"type", "namespace", "owner"}, nothing},
		"a flag with one dash":          {[]string{"images", "-no-d"}, []string{"-no-digest"}, nothing},
		"a flag of a run":               {[]string{"--dry"}, []string{"--dry-run"}, nothing},
		"no flag of another command":    {[]string{"images", "--dry"}, nil, nothing},
		"the flag for help":             {[]string{"images", "--he"}, []string{"--help"}, nothing},
		"a value":                       {[]string{"images", "--by", "n"}, []string{"namespace", "node"}, nothing},
		"a value after =":               {[]string{"images", "--by=n"}, []string{"--by=namespace", "--by=node"}, nothing},
		"a value where flags have -":    {[]string{"images", "-by", "w"}, []string{"workload"}, nothing},
		"a value of a run":              {[]string{"-output", ""}, []string{"table", "json"}, nothing},
		"a value of that command":       {[]string{"version", "-o", ""}, []string{"text", "json"}, nothing},
		"a value that is not listed":    {[]string{"images", "-l", ""}, nil, nothing},
		"a value of a flag nobody has":  {[]string{"images", "--nothing=", ""}, nil, nothing},
		"a setting":                     {[]string{"-set", "spool."}, []string{"spool.memory=", "spool.dir="}, nospace},
		"a setting after =":             {[]string{"--set=spool.m"}, []string{"--set=spool.memory="}, nospace},
		"a setting that is a switch":    {[]string{"-set", "quiet="}, []string{"quiet=true", "quiet=false"}, nothing},
		"a setting that is a file":      {[]string{"-set", "deliver.file.path=x"}, nil, files},
		"a setting that nobody knows":   {[]string{"-set", "nothing="}, nil, nothing},
		"a file":                        {[]string{"send", ""}, nil, files},
		"a second file":                 {[]string{"diff", "old.json", "n"}, nil, files},
		"no third file":                 {[]string{"diff", "old.json", "new.json", ""}, nil, nothing},
		"a file after a flag":           {[]string{"images", "-f", "x"}, nil, files},
		"a file after a flag and =":     {[]string{"images", "--file=x"}, nil, files},
		"a command after flags":         {[]string{"-set", "quiet=true", "-debug", "im"}, []string{"images"}, nothing},
		"a value that begins like flag": {[]string{"-set", "-h", "im"}, []string{"images"}, nothing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, how := offered(t, test.words...)
			assert.Equal(t, test.all, all)
			assert.Equal(t, test.how, how)
		})
	}
}

// TestCompletionKnowsTheValuesOfEveryFlagThatListsThem reads the help: what a
// person is told there, a shell offers.
func TestCompletionKnowsTheValuesOfEveryFlagThatListsThem(t *testing.T) {
	t.Parallel()
	found := 0
	for _, command := range listed(t) {
		_, page, _ := line(t, command, "-help")
		for _, flag := range []string{"--by", "--sort", "-o"} {
			if !strings.Contains(page, "   "+flag+" ") && !strings.Contains(page, "   "+flag+",") {
				continue
			}
			found++
			all, _ := offered(t, command, flag, "")
			assert.NotEmpty(t, all, "%s %s", command, flag)
			for _, value := range all {
				assert.Contains(t, page, value)
			}
		}
	}
	assert.GreaterOrEqual(t, found, 7)
}

func TestCompletionSaysWhatCandidatesMean(t *testing.T) {
	t.Parallel()
	_, stdout, _ := line(t, "__complete", "imag")
	assert.Equal(t, "images\tshow which images are in use, and where\n:4\n", stdout)
}

func TestCompletionHasAScriptForEveryShell(t *testing.T) {
	t.Parallel()
	shells, _ := offered(t, "completion", "")
	for _, shell := range shells {
		code, script, stderr := line(t, "completion", shell)
		assert.Equal(t, collector.OK, code, stderr)
		assert.Contains(t, script, "__complete", shell)
		assert.Regexp(t, `(?m)^# (For every shell|Make it executable)`, script, "%s: it says how to install it", shell)
	}
	for _, words := range []string{"completion", "completion tcsh", "completion bash zsh"} {
		code, stdout, stderr := line(t, strings.Fields(words)...)
		assert.Equal(t, collector.BadSettings, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "bash, fish, kubectl, powershell, zsh")
	}
}

// FuzzCompletion types anything: a shell must get a number at the end, and
// candidates that begin with what was typed.
func FuzzCompletion(f *testing.F) {
	for _, words := range []string{"", "im", "images\n-", "images\n--by\n", "-set\nx=", "--\n-", "-\n=", "images\n-o=\n-ojson", "\x00\n\xff", "--=\n--="} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Split(text, "\n")
		for _, word := range words {
			if strings.Contains(word, "-n") || strings.Contains(word, "selectors") {
				t.Skip("it would look for a cluster")
			}
		}
		_, stdout, stderr := line(t, append([]string{"__complete"}, words...)...)
		assert.Empty(t, stderr)
		assert.Regexp(t, `(?m)^:[0-6]\n\z`, stdout)
		lines := strings.Split(stdout, "\n")
		for _, each := range lines[:len(lines)-2] {
			assert.True(t, strings.HasPrefix(each, words[len(words)-1]), "%q", each)
		}
	})
}
