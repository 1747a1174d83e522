package programtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// configured writes settings files, by name, and has the program read them.
func configured(files map[string]string) func(*stage) {
	return func(s *stage) { s.args = append([]string{"-config", folderOf(s, files)}, s.args...) }
}

func folderOf(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// inYAML writes one settings file.
func inYAML(content string) func(*stage) {
	return func(s *stage) {
		path := filepath.Join(folderOf(s, map[string]string{"settings.yaml": content}), "settings.yaml")
		s.args = append([]string{"-config", path}, s.args...)
	}
}

// laughs is a YAML file of some hundred bytes that unfolds to a billion values.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 'b'; i < 'k'; i++ {
		last := string(i-1) + "0"
		b.WriteString(string(i) + "0: &" + string(i) + "0 [" + strings.TrimSuffix(strings.Repeat("*"+last+", ", 9), ", ") + "]\n")
	}
	return b.String() + "namespaces: *j0\n"
}

func settingsTrials() []trial {
	link := func(target string) func(*stage) {
		return func(s *stage) {
			dir := s.TempDir()
			require.NoError(s, os.Symlink(target, filepath.Join(dir, "anchore.account")))
			s.args = append([]string{"-config", dir}, s.args...)
		}
	}
	return []trial{
		{"settings", "a file that ends in CRLF", 0, complete, 1, soon, configured(map[string]string{"anchore.account": "admin\r\n"})},
		{"settings", "a file with a byte order mark", 0, complete, 1, soon, configured(map[string]string{"anchore.account": "\ufeffadmin\n"})},
		{"settings", "a file of binary data", 2, "binary", 0, soon, configured(map[string]string{"anchore.account": "\x00\x01\x02"})},
		{"settings", "a file of two megabytes", 2, "larger than", 0, soon, configured(map[string]string{"anchore.account": strings.Repeat("x", 2<<20)})},
		{"settings", "an unknown key", 2, "did you mean anchore.url?", 0, soon, configured(map[string]string{"anchore.urll": "x"})},
		{"settings", "one key in two spellings", 2, "given twice", 0, soon, configured(map[string]string{"anchore.account": "a", "ANCHORE_ACCOUNT": "a"})},
		{"settings", "a link to itself", 2, "too many levels of symbolic links", 0, soon, link("anchore.account")},
		{"settings", "a link to nowhere", 2, "no such file", 0, soon, link("nowhere")},
		{"settings", "a folder without read permission", 2, "permission denied", 0, soon, unreadable("", 0o300)},
		{"settings", "a file without read permission", 2, "permission denied", 0, soon, unreadable("anchore.account", 0o200)},
		{"settings", "a folder that is a link to itself", 2, "too many levels of symbolic links", 0, soon, func(s *stage) {
			loop := filepath.Join(s.TempDir(), "loop")
			require.NoError(s, os.Symlink(loop, loop))
			s.args = append([]string{"-config", loop}, s.args...)
		}},
		{"settings", "a folder that does not end", 2, "too long", 0, soon, func(s *stage) {
			s.args = append([]string{"-config", strings.Repeat("/x", 5_000)}, s.args...)
		}},
		{"settings", "a kubeconfig of binary data", 2, "it is not YAML", 0, soon, kubeconfigText("\x00\xff\x1b[2J")},
		{"settings", "a kubeconfig that is a YAML bomb", 2, "it is not", 0, soon, kubeconfigText(laughs())},
		{"settings", "a named pipe", 2, "not a regular file", 0, soon, func(s *stage) {
			dir := s.TempDir()
			require.NoError(s, syscall.Mkfifo(filepath.Join(dir, "anchore.account"), 0o600))
			s.args = append([]string{"-config", dir}, s.args...)
		}},
		{"settings", "a device", 2, "not a regular file", 0, soon, link("/dev/zero")},
		{"settings", "a folder where a file belongs", 2, "not a regular file", 0, soon, link("/")},
		{"settings", "the links of a mounted ConfigMap", 0, complete, 1, soon, mounted},
		{"settings", "YAML with tabs", 2, "line 2", 0, soon, inYAML("anchore:\n\taccount: admin\n")},
		{"settings", "YAML with CRLF and a byte order mark", 0, complete, 1, soon, inYAML("\ufeffanchore:\r\n  account: admin\r\n")},
		{"settings", "YAML with a key twice", 2, "twice", 0, soon, inYAML("quiet: false\nquiet: false\n")},
		{"settings", "YAML with anchors", 0, complete, 1, soon, inYAML("anchore:\n  account: &name admin\naccount-route-by-namespace-label:\n  default-account: \"\"\n")},
		{"settings", "a YAML bomb", 2, "settings.yaml", 0, soon, inYAML(laughs())},
		{"settings", "YAML that holds itself", 2, "settings.yaml", 0, soon, inYAML("anchore: &a\n  account: *a\n")},
		{"settings", "YAML ten thousand deep", 2, "settings.yaml", 0, soon, inYAML(strings.Repeat("[", 10_000))},
		{"settings", "two YAML documents", 2, "more than one document", 0, soon, inYAML("quiet: false\n---\nquiet: true\n")},
		{"settings", "binary data as YAML", 2, "settings.yaml", 0, soon, inYAML("\x00\xff\x1b[2J")},
		{"settings", "a list as YAML", 2, "not a list of keys and values", 0, soon, inYAML("- a\n- b\n")},
	}
}

// unreadable takes a permission away from a folder of settings, or from a file in it.
func unreadable(name string, mode os.FileMode) func(*stage) {
	return func(s *stage) {
		dir := folderOf(s, map[string]string{"anchore.account": "admin"})
		require.NoError(s, os.Chmod(filepath.Join(dir, name), mode))
		s.nobody = true
		s.args = append([]string{"-config", dir}, s.args...)
	}
}

func kubeconfigText(text string) func(*stage) {
	return func(s *stage) {
		s.args[1] = filepath.Join(folderOf(s, map[string]string{"kubeconfig": text}), "kubeconfig")
	}
}

// mounted lays files out as the kubelet does: each a link through ..data.
func mounted(s *stage) {
	dir := s.TempDir()
	require.NoError(s, os.Mkdir(filepath.Join(dir, "..2026_01_01"), 0o700))
	require.NoError(s, os.WriteFile(filepath.Join(dir, "..2026_01_01", "anchore.account"), []byte("admin"), 0o600))
	require.NoError(s, os.Symlink("..2026_01_01", filepath.Join(dir, "..data")))
	require.NoError(s, os.Symlink("..data/anchore.account", filepath.Join(dir, "anchore.account")))
	s.args = append([]string{"-config", dir}, s.args...)
}

// wrongValues are inputs that hardly a setting takes.
func wrongValues() map[string]string {
	return map[string]string{
		"another type":       "nonsense!",
		"nothing":            "",
		"spaces":             " \t ",
		"huge":               strings.Repeat("x", 100_000),
		"a huge number":      "99999999999999999999999",
		"a negative number":  "-1",
		"a terminal command": "\x1b[2J\r",
		"no UTF-8":           "\xff\xfe",
		"binary":             "\x00\x01",
	}
}

// TestEverySettingSurvivesEveryValue gives each wrong value to each setting. The
// program either names the setting, or takes the value and goes on until its
// deadline, which is over when it begins. The built program is given each value once,
// and says the same.
func TestEverySettingSurvivesEveryValue(t *testing.T) {
	names := settingNames(t)
	t.Chdir(t.TempDir()) // where some of the values are names of files
	for i, kind := range sorted(wrongValues()) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			value := wrongValues()[kind]
			name := names[i*len(names)/len(wrongValues())]
			c := callWith(t, name, value) // before there is a file of the name of the value
			assert.Equal(t, inside(t, c).summary, run(t, c).summary, name)
			for _, name := range names {
				judgeValue(t, name, inside(t, callWith(t, name, value)))
			}
		})
	}
}

func settingNames(t *testing.T) []string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(run(t, call{args: []string{"settings"}}).stdout), "\n")
	names := firstWords(lines[1:])
	require.Greater(t, len(names), 50)
	return names
}

// insteadOf is what an error may name in the place of a setting.
func insteadOf(name string) string {
	for _, group := range []string{"deliver.http.", "metrics.pushgateway."} {
		if strings.HasPrefix(name, group) {
			return regexp.QuoteMeta(group + "url: is not set")
		}
	}
	return "settings: " + strings.TrimSuffix(name, ".path") + "[: ]"
}

// callWith is a run with a setting of this value.
func callWith(t *testing.T, name, value string) call {
	t.Helper()
	args := []string{"-config", folderOf(t, map[string]string{name: value})}
	if name != "deadline" {
		args = append(args, "-set", "deadline=1ns")
	}
	if name != "kubeconfig.path" {
		args = append(args, "-set", "kubeconfig.path="+kubeconfigOf(t, "http://127.0.0.1:1"))
	}
	env := []string{"ANCHORE_URL=http://127.0.0.1:1", "ANCHORE_USER=robot", "ANCHORE_PASSWORD=" + secret, "CLUSTER_ID=prod"}
	env = slices.DeleteFunc(env, func(kv string) bool { // it would win over the file
		return strings.HasPrefix(kv, strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))+"=")
	})
	return call{args: args, env: env}
}

func judgeValue(t *testing.T, name string, got outcome) {
	t.Helper()
	assert.NotContains(t, got.stderr, "goroutine ", "%s: a panic", name)
	assert.Equal(t, -1, strings.IndexFunc(got.stderr, obeyed), "%s: a control character: %.300q", name, got.stderr)
	switch got.code {
	case 2:
		named := regexp.MustCompile(regexp.QuoteMeta(name) + `|` + insteadOf(name)).MatchString(got.stderr)
		assert.True(t, named, "%s is not named: %.300s", name, got.stderr)
	case 5, 6, 124:
	default:
		t.Errorf("%s: exit code %d: %.300s", name, got.code, got.stderr)
	}
}
