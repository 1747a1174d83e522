package settings

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLaterSourcesAreStronger(t *testing.T) {
	t.Parallel()
	const name, legacy, variable = "kubernetes.request-batch-size", "KAI_KUBERNETES_REQUEST_BATCH_SIZE", "STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE"
	dir := folder(t, map[string]string{name: "100\n"})
	for _, c := range []struct {
		title  string
		from   Sources
		want   int
		source string
	}{
		{"default", Sources{Config: t.TempDir()}, 0, ""},
		{"folder", Sources{Config: dir}, 100, "file " + filepath.Join(dir, name)},
		{"prefixed variable", Sources{Config: dir, Environ: []string{legacy + "=150"}}, 150, "environment " + legacy},
		{"own variable", Sources{Config: dir, Environ: []string{legacy + "=150", variable + "=200"}}, 200, "environment " + variable},
		{"variable without the prefix", Sources{Config: dir, Environ: []string{"KUBERNETES_REQUEST_BATCH_SIZE=200"}}, 100, "file " + filepath.Join(dir, name)},
		{"empty variable", Sources{Config: dir, Environ: []string{variable + "="}}, 100, "file " + filepath.Join(dir, name)},
		{"flag", Sources{Config: dir, Environ: []string{variable + "=200"}, Flags: map[string]string{name: "300"}}, 300, "flag"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			l, err := load(c.from)
			require.NoError(t, err)
			assert.Equal(t, c.want, l.Cluster.BatchSize)
			assert.Equal(t, c.source, l.Values[name].Source)
		})
	}
}

// TestDefaultsOfOlderToolsAreNobodysChoice: their files and pod specifications spell
// them out.
func TestDefaultsOfOlderToolsAreNobodysChoice(t *testing.T) {
	t.Parallel()
	const name = "kubernetes.request-batch-size"
	yaml := func(value string) string {
		return fileOf(t, "kai.yaml", "kubernetes:\n  request-batch-size: "+value+"\n")
	}
	for title, c := range map[string]struct {
		from Sources
		want int
	}{
		"KAI's file":             {Sources{Config: yaml("100")}, 0},
		"AKI's file":             {Sources{Config: yaml("500")}, 0},
		"chosen in a file":       {Sources{Config: yaml("200")}, 200},
		"KAI's variable":         {Sources{Environ: []string{"KAI_KUBERNETES_REQUEST_BATCH_SIZE=100"}}, 0},
		"AKI's variable":         {Sources{Environ: []string{"ANCHORE_K8S_INVENTORY_KUBERNETES_REQUEST_BATCH_SIZE=500"}}, 0},
		"chosen in a variable":   {Sources{Environ: []string{"KAI_KUBERNETES_REQUEST_BATCH_SIZE=50"}}, 50},
		"KAI's key in a folder":  {Sources{Config: folder(t, map[string]string{"KAI_KUBERNETES_REQUEST_BATCH_SIZE": "100\n"})}, 0},
		"our folder":             {Sources{Config: folder(t, map[string]string{name: "500\n"})}, 500},
		"our variable":           {Sources{Environ: []string{"STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE=100"}}, 100},
		"a flag":                 {Sources{Flags: map[string]string{name: "500"}}, 500},
		"a variable over a file": {Sources{Config: yaml("200"), Environ: []string{"KAI_KUBERNETES_REQUEST_BATCH_SIZE=100"}}, 200},
	} {
		l, err := load(c.from)
		require.NoError(t, err, title)
		assert.Equal(t, c.want, l.Cluster.BatchSize, title)
	}
}

func TestSettingsNamedInEveryForm(t *testing.T) {
	t.Parallel()
	yaml := fileOf(t, "kai.yaml", "anchore:\n  url: https://a\n  HTTP:\n    timeout-seconds: 7\nkubeconfig:\n  cluster: Prod.EU\n")
	l, err := load(Sources{Config: yaml})
	require.NoError(t, err)
	assert.Equal(t, "https://a", l.Anchore.URL)
	assert.Equal(t, 7, l.Anchore.Timeout)
	assert.Equal(t, "Prod.EU", l.Cluster.Name)

	mounted := folder(t, map[string]string{"KAI_ANCHORE_PASSWORD": "from-secret\n", "..data": "ignored", ".hidden": "ignored", "anchore.url~": "ignored"})
	l, err = load(Sources{Config: mounted})
	require.NoError(t, err)
	assert.Equal(t, "from-secret", l.Anchore.Password, "a KAI Secret mounted as a folder")
}

func TestSecretsArriveIntact(t *testing.T) {
	t.Parallel()
	const secret = "s3cret: #1"
	for title, from := range map[string]Sources{
		"environment":            {Environ: []string{"ANCHORE_PASSWORD=" + secret}},
		"KAI environment":        {Environ: []string{"KAI_ANCHORE_PASSWORD=" + secret}},
		"AKI environment":        {Environ: []string{"ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=" + secret}},
		"environment, LF":        {Environ: []string{"ANCHORE_PASSWORD=" + secret + "\n"}},
		"KAI environment, CRLF":  {Environ: []string{"KAI_ANCHORE_PASSWORD=" + secret + "\r\n"}},
		"file":                   {Environ: []string{"ANCHORE_PASSWORD_FILE=" + fileOf(t, "p", secret+"\n")}},
		"file, CRLF":             {Environ: []string{"ANCHORE_PASSWORD_FILE=" + fileOf(t, "p", secret+"\r\n")}},
		"folder":                 {Config: folder(t, map[string]string{"anchore.password": secret})},
		"YAML":                   {Config: fileOf(t, "s.yaml", `anchore: {password: "s3cret: #1"}`)},
		"YAML, from the env":     {Config: fileOf(t, "s.yaml", `anchore: {password: "${PW}"}`), Environ: []string{"PW=" + secret}},
		"YAML, from the env, LF": {Config: fileOf(t, "s.yaml", `anchore: {password: "${PW}"}`), Environ: []string{"PW=" + secret + "\n"}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			if from.Config == "" {
				from.Config = t.TempDir()
			}
			l, err := load(from)
			require.NoError(t, err)
			assert.Equal(t, secret, l.Anchore.Password)
			out := table(from)
			assert.Contains(t, out, "******")
			assert.NotContains(t, out, "s3cret")
		})
	}
}

// TestFilesOfWindowsAreRead has what PowerShell and Notepad write: UTF-16, and UTF-8 with
// a byte order mark.
func TestFilesOfWindowsAreRead(t *testing.T) {
	t.Parallel()
	const secret = "pässwort 😀" //nolint:gosec // no real one
	for title, encoded := range map[string]func(string) string{
		"UTF-8":         func(text string) string { return "\ufeff" + text },
		"little endian": func(text string) string { return "\xff\xfe" + inUTF16(text, binary.LittleEndian) },
		"big endian":    func(text string) string { return "\xfe\xff" + inUTF16(text, binary.BigEndian) },
	} {
		for place, from := range map[string]Sources{
			"value":  {Environ: []string{"ANCHORE_PASSWORD_FILE=" + fileOf(t, "p", encoded(secret+"\r\n"))}},
			"folder": {Config: folder(t, map[string]string{"anchore.password": encoded(secret + "\r\n")})},
			"YAML":   {Config: fileOf(t, "s.yaml", encoded("anchore:\r\n  password: "+secret+"\r\n"))},
		} {
			l, err := load(from)
			require.NoError(t, err, title+place)
			assert.Equal(t, secret, l.Anchore.Password, title+place)
		}
	}
	for file, want := range map[string]string{
		"\xff\xfea\x00b": "anchore.password: %s: not UTF-16, as which it begins", "\xff\xfe\x00\x00a\x00\x00\x00": "anchore.password: %s: it is UTF-32: save it as UTF-8",
		"\xff\xfea\x00\x00\x00": "anchore.password: %s holds binary data, not a value", "a\x00b\x00": "anchore.password: %s holds binary data, not a value",
	} {
		dir := folder(t, map[string]string{"anchore.password": file})
		_, err := load(Sources{Config: dir})
		require.ErrorIs(t, err, ErrInvalid)
		require.ErrorContains(t, err, fmt.Sprintf(want, filepath.Join(dir, "anchore.password")))
	}
}

// inUTF16 writes a text without a byte order mark.
func inUTF16(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestWrongSettingsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for title, c := range map[string]struct {
		from Sources
		want []string
	}{
		"unknown file":         {Sources{Config: folder(t, map[string]string{"anchore.urll": "x"})}, []string{"anchore.urll", "unknown", "did you mean anchore.url?"}},
		"unknown YAML key":     {Sources{Config: fileOf(t, "a.yaml", "anchore:\n  pasword: x\n")}, []string{"anchore.pasword", "line 2", "did you mean anchore.password?"}},
		"unknown flag":         {Sources{Flags: map[string]string{"nonsense-of-all-kinds": "1"}}, []string{"nonsense-of-all-kinds", "stocktake settings"}},
		"wrong number":         {Sources{Environ: []string{"STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE=many"}}, []string{"kubernetes.request-batch-size", `"many"`, "whole number", "environment STOCKTAKE_KUBERNETES_REQUEST_BATCH_SIZE"}},
		"wrong duration":       {Sources{Flags: map[string]string{"deadline": "10"}}, []string{"deadline", `"10"`, "10m"}},
		"wrong bool":           {Sources{Flags: map[string]string{"dry-run": "maybe"}}, []string{"dry-run", `"maybe"`, "true or false"}},
		"missing config":       {Sources{Config: "/nonexistent/x"}, []string{"-config", "/nonexistent/x", "no such file"}},
		"missing secret file":  {Sources{Environ: []string{"ANCHORE_PASSWORD_FILE=/nonexistent/p"}}, []string{"ANCHORE_PASSWORD_FILE", "/nonexistent/p", "no such file"}},
		"both forms":           {Sources{Environ: []string{"ANCHORE_USER=a", "ANCHORE_USER_FILE=b"}}, []string{"ANCHORE_USER", "both set"}},
		"secret as a flag":     {Sources{Flags: map[string]string{"anchore.password": "hunter2"}}, []string{"anchore.password", "ANCHORE_PASSWORD_FILE"}},
		"unset variable":       {Sources{Config: fileOf(t, "a.yaml", "anchore:\n  password: $KAI_ANCHORE_PASSWORD\n")}, []string{"anchore.password", "KAI_ANCHORE_PASSWORD", "not set"}},
		"key given twice":      {Sources{Config: fileOf(t, "a.yaml", "quiet: true\nquiet: false\n")}, []string{"quiet", "line 2", "twice"}},
		"two documents":        {Sources{Config: fileOf(t, "a.yaml", "quiet: true\n---\nquiet: false\n")}, []string{"more than one document"}},
		"not YAML":             {Sources{Config: fileOf(t, "a.yaml", "quiet: [true\n")}, []string{"a.yaml", "line"}},
		"a list as top":        {Sources{Config: fileOf(t, "a.yaml", "- quiet\n")}, []string{"not a list of keys and values"}},
		"binary value":         {Sources{Config: folder(t, map[string]string{"anchore.url": "a\x00b"})}, []string{"anchore.url", "binary"}},
		"huge value":           {Sources{Config: folder(t, map[string]string{"anchore.url": strings.Repeat("x", 1<<20+1)})}, []string{"anchore.url", "larger than"}},
		"a YAML file in there": {Sources{Config: folder(t, map[string]string{"config.yaml": "quiet: true"})}, []string{"config.yaml", "-config"}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			if c.from.Config == "" {
				c.from.Config = t.TempDir()
			}
			_, err := load(c.from)
			require.ErrorIs(t, err, ErrInvalid)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestRetiredKeysWarnOnce(t *testing.T) {
	t.Parallel()
	l, err := load(Sources{Config: fileOf(t, "kai.yaml", "mode: periodic\npolling-interval-seconds: 300\ncheck-for-app-update: true\n")})
	require.NoError(t, err)
	require.Len(t, l.Warnings, 3)
	assert.Contains(t, l.Warnings[1], "schedule")
}

func TestAliasBombIsRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1, y: 2}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	_, err := load(Sources{Config: fileOf(t, "bomb.yaml", b.String())})
	require.ErrorIs(t, err, ErrInvalid)
	assert.ErrorContains(t, err, "too many values")
}

// TestSettingsComeFromNoFolderAtHand stands in a home as people have them, and in a
// stranger's checkout: what lies in .config there is nobody's settings.
func TestSettingsComeFromNoFolderAtHand(t *testing.T) {
	home := t.TempDir()
	t.Chdir(home)
	for _, dir := range []string{".config/gcloud", ".config/k9s", ".config/helm", "stocktake", "config/stocktake"} {
		require.NoError(t, os.MkdirAll(dir, 0o700))
	}
	for _, name := range []string{"mimeapps.list", "user-dirs.dirs", "deliver.http.url", "kubeconfig.path"} {
		for _, dir := range []string{".config", "stocktake", "config/stocktake"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
		}
	}
	for _, environ := range [][]string{
		nil, {"HOME=" + home}, {"HOME=."}, {"HOME="}, {"XDG_CONFIG_HOME=."}, {"XDG_CONFIG_HOME=config", "HOME=."}, {"XDG_CONFIG_HOME="},
		{"HOME=" + home, "KUBERNETES_SERVICE_HOST=192.0.2.1"},
	} {
		l, err := load(Sources{Environ: environ})
		require.NoError(t, err, environ)
		assert.Empty(t, l.Values, environ)
	}
}

func TestSettingsComeFromTheUsersOwnFolder(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for place, value := range map[string]string{".config/stocktake": "100", "xdg/stocktake": "200"} {
		require.NoError(t, os.MkdirAll(filepath.Join(home, place), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(home, place, "kubernetes.request-batch-size"), []byte(value), 0o600))
	}
	asked := folder(t, map[string]string{"quiet": "true"})
	for want, from := range map[int]Sources{
		100: {Environ: []string{"HOME=" + home}},
		200: {Environ: []string{"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "xdg")}},
		0:   {Environ: []string{"HOME=" + home}, Config: asked},
	} {
		l, err := load(from)
		require.NoError(t, err)
		assert.Equal(t, want, l.Cluster.BatchSize)
	}
	l, err := load(Sources{Environ: []string{"HOME=" + home, "KUBERNETES_SERVICE_HOST=192.0.2.1"}})
	require.NoError(t, err)
	assert.Equal(t, 0, l.Cluster.BatchSize, "a pod has /etc/config")

	require.NoError(t, os.WriteFile(filepath.Join(home, ".config/stocktake/mimeapps.list"), nil, 0o600))
	_, err = load(Sources{Environ: []string{"HOME=" + home}})
	require.ErrorContains(t, err, "mimeapps.list: unknown setting", "this folder is stocktake's own")
}
