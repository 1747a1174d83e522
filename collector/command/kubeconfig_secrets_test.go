package command_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api/v1"
	"sigs.k8s.io/yaml"

	"stocktake/collector"
	"stocktake/collector/command"
	"stocktake/collector/internal/programs"
)

// The canary is a secret that stands in a kubeconfig, in each of its fields in
// turn and in each kind of fault, and must not come out of any command. As a
// number it is another.
const (
	canary        = "Canary-7Q8z"
	canaryAsDigit = 4127935681
)

// tree is a kubeconfig, or a part of one, as YAML has it.
type tree = map[string]any

// place is a field of a kubeconfig.
type place struct {
	path string // users.user.exec.command
	put  func(config tree, value any)
}

// baseline is a kubeconfig that is right, but that nobody listens at its server.
func baseline() tree {
	return tree{
		"apiVersion": "v1", "kind": "Config", "current-context": "x",
		"clusters": []any{tree{"name": "c", "cluster": tree{"server": "https://127.0.0.1:1"}}},
		"users":    []any{tree{"name": "u", "user": tree{}}},
		"contexts": []any{tree{"name": "x", "context": tree{"cluster": "c", "user": "u"}}},
	}
}

// part finds the object that holds a list's settings: "clusters" and "cluster".
func part(config tree, list, inner string) tree {
	entry, _ := config[list].([]any)[0].(tree)
	settings, _ := entry[inner].(tree)
	return settings
}

// places are all fields that client-go knows, but the names, which errors say.
func places(plugin string) []place {
	var all []place
	for list, inner := range map[string]string{"clusters": "cluster", "users": "user", "contexts": "context"} {
		kind := map[string]reflect.Type{
			"clusters": reflect.TypeFor[clientcmdapi.Cluster](), "users": reflect.TypeFor[clientcmdapi.AuthInfo](), "contexts": reflect.TypeFor[clientcmdapi.Context](),
		}[list]
		for _, name := range fieldNames(kind) {
			if list == "contexts" && (name == "cluster" || name == "user") {
				continue // names
			}
			all = append(all, place{list + "." + inner + "." + name, func(config tree, value any) { part(config, list, inner)[name] = value }})
		}
	}
	for _, name := range fieldNames(reflect.TypeFor[clientcmdapi.ExecConfig]()) {
		all = append(all, place{"exec." + name, func(config tree, value any) {
			e := tree{"apiVersion": "client.authentication.k8s.io/v1", "command": plugin, "interactiveMode": "Never"}
			e[name] = value
			part(config, "users", "user")["exec"] = e
		}})
	}
	for _, name := range fieldNames(reflect.TypeFor[clientcmdapi.AuthProviderConfig]()) {
		all = append(all, place{"auth-provider." + name, func(config tree, value any) {
			p := tree{"name": "oidc", "config": tree{}}
			p[name] = value
			part(config, "users", "user")["auth-provider"] = p
		}})
	}
	for _, name := range []string{"id-token", "client-id", "client-secret", "refresh-token", "idp-issuer-url"} {
		all = append(all, place{"auth-provider.config." + name, func(config tree, value any) {
			part(config, "users", "user")["auth-provider"] = tree{"name": "oidc", "config": tree{name: value}}
		}})
	}
	for _, name := range []string{"kind", "apiVersion", "preferences", "extensions", "clusters", "users", "contexts"} {
		all = append(all, place{name, func(config tree, value any) { config[name] = value }})
	}
	return all
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// canaryValues are what stands in a field: what it may be taken for, of other types.
func canaryValues() map[string]any {
	pem := "-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString([]byte(canary)) + "\n-----END PRIVATE KEY-----\n"
	return map[string]any{
		"a word":               canary,
		"two lines":            "first\n" + canary + "\n",
		"a sentence":           "get it with " + canary,
		"an address":           "https://me:" + canary + "@127.0.0.1:1",
		"an address with #":    "https://me:12#" + canary + "@127.0.0.1:1",
		"an address with /":    "http://me:12/" + canary + "@127.0.0.1:1",
		"an address with ?":    "https://me:12?" + canary + "@127.0.0.1:1",
		"an address with %":    "http://me:%" + canary + "@127.0.0.1:1",
		"no scheme":            "me:" + canary + "@127.0.0.1:1",
		"a query":              "https://127.0.0.1:1/?token=" + canary,
		"a key":                pem,
		"a key in base64":      base64.StdEncoding.EncodeToString([]byte(pem)),
		"a number":             canaryAsDigit,
		"a list":               []any{canary},
		"a list of lists":      []any{[]any{canary}},
		"a list of variables":  []any{tree{"name": "NAME", "value": canary}},
		"a flag":               []any{"--client-secret=" + canary, "--password", canary, "-c", "echo " + canary},
		"extensions":           []any{tree{"name": "e", "extension": tree{"secret": canary}}},
		"extensions, doubly":   []any{tree{"name": "e", "extension": canary}, tree{"name": "e", "extension": canary}},
		"keys and values":      tree{canary: canary},
		"keys and numbers":     tree{"key": canaryAsDigit},
		"keys and lists":       tree{"scopes": []any{canary}},
		"an object in objects": tree{"config": tree{"id-token": tree{canary: canary}}},
	}
}

// shown are the values that errors may say: the host that is not found, the program
// that is not there, and the hint that is made to be said.
func shown(path, value string) bool {
	switch path {
	case "clusters.cluster.server", "exec.command":
		return value == "a word"
	case "exec.installHint":
		return true
	}
	return false
}

// TestNothingOfAKubeconfigComesOut is the one test of that promise.
func TestNothingOfAKubeconfigComesOut(t *testing.T) {
	t.Parallel()
	plugin := script(t, `echo "$0 $* $NAME" >&2; env >&2; exit 1`)
	for _, p := range places(plugin) {
		for value, content := range canaryValues() {
			if shown(p.path, value) {
				continue
			}
			config := baseline()
			p.put(config, content)
			confess(t, p.path+" is "+value, written(t, config), some(p.path+value)...)
		}
	}
}

func TestNothingOfAKubeconfigWithNamesTwiceComesOut(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"clusters", "users", "contexts"} {
		config := crowded("")
		all, _ := config[list].([]any)
		config[list] = append(all, all[0])
		stderr := confess(t, list+" with a name twice", written(t, config), slices.Concat(speakers(), quiet())...)
		assert.Contains(t, stderr, list+": the name")
		assert.Contains(t, stderr, "is there twice")
	}
}

// TestNothingOfAMalformedKubeconfigComesOut breaks each line in several ways.
func TestNothingOfAMalformedKubeconfigComesOut(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(written(t, crowded("")), "\n")
	for i := range lines {
		for _, breach := range []string{"\t- ", "*" + canary + "\n", "  " + canary + ": [\n", "!!float " + canary + "\n", "&" + canary + " {\n", "\"" + canary + "\n", "\x00" + canary + "\n", canary + "\n"} {
			what := fmt.Sprintf("line %d, %q", i+1, breach)
			confess(t, what, strings.Join(slices.Insert(slices.Clone(lines), i, breach), ""), some(what)...)
		}
	}
	text, err := json.Marshal(crowded(""))
	require.NoError(t, err)
	for i := 0; i < len(text); i += 29 {
		what := fmt.Sprintf("JSON of %d bytes", i)
		confess(t, what, string(text[:i]), some(what)...)
	}
}

// TestNothingOfAKubeconfigComesOutOfAPlugin has plugins that fail, and say all they know.
func TestNothingOfAKubeconfigComesOutOfAPlugin(t *testing.T) {
	t.Parallel()
	const all = `{ echo "$0" "$@"; env; echo "$KUBERNETES_EXEC_INFO"; } `
	answer := func(json string) string { return all + `>&2; cat <<'EOF'` + "\n" + json + "\nEOF" }
	for name, text := range map[string]string{
		"fails":             all + `>&2; exit 1`,
		"prints a word":     all + `>&2; echo ` + canary,
		"prints all":        all,
		"another version":   answer(`{"kind":"ExecCredential","apiVersion":"` + canary + `","status":{"token":"` + canary + `"}}`),
		"another kind":      answer(`{"kind":"` + canary + `","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"` + canary + `"}}`),
		"a wrong time":      answer(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"` + canary + `","expirationTimestamp":"` + canary + `"}}`),
		"a wrong type":      answer(fmt.Sprintf(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":%d}}`, canaryAsDigit)),
		"two lines":         answer(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"a\n` + canary + `"}}`),
		"half a pair":       answer(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"` + canary + `"}}`),
		"a pair of nothing": answer(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"` + canary + `","clientCertificateData":"` + canary + `"}}`),
		"a token":           answer(`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"` + canary + `"}}`),
	} {
		confess(t, "a plugin: "+name, written(t, crowded(script(t, text))), slices.Concat(speakers(), quiet())...)
	}
}

// crowded has the canary wherever it does no harm, and a plugin if one is given.
func crowded(plugin string) tree {
	config := baseline()
	cluster, user := part(config, "clusters", "cluster"), part(config, "users", "user")
	cluster["server"] = "https://me:" + canary + "@127.0.0.1:1"
	cluster["proxy-url"] = "http://me:" + canary + "@127.0.0.1:1"
	cluster["extensions"] = []any{tree{"name": "client.authentication.k8s.io/exec", "extension": tree{"audience": canary}}}
	part(config, "contexts", "context")["namespace"] = strings.ToLower(canary)
	user["as"], user["as-uid"], user["as-groups"], user["as-user-extra"] = canary, canary, []any{canary}, tree{canary: []any{canary}}
	if plugin == "" {
		user["token"], user["client-key-data"] = canary, base64.StdEncoding.EncodeToString([]byte(canary))
		return config
	}
	user["exec"] = tree{
		"apiVersion": "client.authentication.k8s.io/v1", "command": plugin, "interactiveMode": "IfAvailable", "provideClusterInfo": true,
		"args": []any{"get-token", "--secret=" + canary, "--password", canary, "-c", "curl -H 'X-Key: " + canary + "'"},
		"env":  []any{tree{"name": "NAME", "value": canary}},
	}
	return config
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plugin.sh")
	require.NoError(t, programs.WriteScript(path, "#!/bin/sh\n"+text+"\n"))
	return path
}

func written(t *testing.T, config tree) string {
	t.Helper()
	text, err := yaml.Marshal(config)
	require.NoError(t, err)
	return string(text)
}

// speakers are the commands that say what is wrong with a kubeconfig, and quiet are those that
// look into one and hardly say a word of it.
func speakers() []string {
	return []string{"-dry-run prod", "-dry-run -debug prod", "images", "images -o json", "doctor", "doctor -o json"}
}

func quiet() []string {
	return []string{"diff -", "rbac", "settings", "__complete --context ", "__complete images -n "}
}

// some is one of the speakers, and for one in four a quiet one. What is wrong with a
// kubeconfig is worded by the package that reads it, and printed by the commands: each field,
// and each line, meets nearly all of them.
func some(what string) []string {
	sum := int(crc32.ChecksumIEEE([]byte(what)))
	commands := []string{speakers()[sum%len(speakers())]}
	if sum /= len(speakers()); sum%4 == 0 {
		commands = append(commands, quiet()[sum/4%len(quiet())])
	}
	return commands
}

// confess runs commands, and returns all that they said.
func confess(t *testing.T, what, kubeconfig string, commands ...string) string {
	t.Helper()
	dir := t.TempDir()
	file, note := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "termination")
	require.NoError(t, os.WriteFile(file, []byte(kubeconfig), 0o600))
	require.NoError(t, os.WriteFile(note, nil, 0o600)) // as by the kubelet
	var said strings.Builder
	for _, words := range commands {
		words := append([]string{"stocktake"}, strings.Split(words, " ")...)
		flags := []string{"--kubeconfig", file, "-set", "deadline=20ms"}
		if strings.HasPrefix(words[1], "__") {
			words = slices.Insert(words, 2, flags...)
		} else {
			words = slices.Insert(words, 1, flags...)
		}
		said.WriteString(utter(note, words))
	}
	text, err := os.ReadFile(note)
	require.NoError(t, err)
	said.Write(text)
	for _, spelling := range []string{
		strings.ToLower(canary), strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]"), fmt.Sprint(canaryAsDigit),
		strings.ToLower(base64.StdEncoding.EncodeToString([]byte(canary))[:12]),
	} {
		if i := strings.Index(strings.ToLower(said.String()), spelling); i >= 0 {
			t.Errorf("%s: the canary came out: %.300q", what, said.String()[max(0, i-200):])
			break
		}
	}
	return said.String()
}

func utter(note string, words []string) string {
	turn.Lock()
	defer turn.Unlock()
	var said bytes.Buffer
	command.Run(context.Background(), words, command.Process{
		Environ: []string{"KUBERNETES_SERVICE_HOST=192.0.2.1", "STOCKTAKE_TERMINATION_MESSAGE_PATH=" + note, "PATH=" + os.Getenv("PATH")},
		Stdin:   strings.NewReader("{}"), Stdout: &said, Stderr: &said, Build: collector.Build{Version: "1.2.3"},
	})
	return said.String() + "\n"
}
