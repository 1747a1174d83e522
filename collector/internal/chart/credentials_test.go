package chart

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

const password = "correct horse: #battery 'staple'"

// TestPasswordIsInTheSecretOnly looks for it in everything else that is rendered.
func TestPasswordIsInTheSecretOnly(t *testing.T) {
	t.Parallel()
	all := release{values: "anchore: {existingSecret: '', user: robot, password: \"" + password + "\"}"}.render(t)

	secret := the[*corev1.Secret](t, all, "Secret")
	assert.Equal(t, map[string][]byte{"anchore.password": []byte(password)}, secret.Data)
	for _, o := range all {
		if o.GetKind() == "Secret" {
			continue
		}
		raw, err := o.MarshalJSON()
		require.NoError(t, err)
		assert.NotContains(t, string(raw), "battery", o.GetKind())
	}
	assert.Equal(t, []string{"stocktake"}, secrets(t, all))
}

// TestOtherSecretsAreFilesToo: routes to accounts, because they may have passwords,
// and what other receivers ask for. The Secret of the user is mounted too.
func TestOtherSecretsAreFilesToo(t *testing.T) {
	t.Parallel()
	all := release{values: "secretSettings: {deliver.http.token: t, account-routes: {TeamA: {namespaces: [a, 'a-.*'], user: u, password: battery}}}"}.render(t)

	assert.Equal(t, []string{"anchore-login", "stocktake"}, secrets(t, all))
	data := the[*corev1.Secret](t, all, "Secret").Data
	assert.YAMLEq(t, "TeamA: {namespaces: [a, 'a-.*'], user: u, password: battery}", string(data["account-routes"]))
	assert.Equal(t, "t", string(data["deliver.http.token"]))
	assert.NotContains(t, configMap(t, all), "account-routes")
	text := understood(t, mounted(t, all, map[string]string{"anchore.user": "robot", "anchore.password": password}))
	assert.Contains(t, text, "account-routes ****** file")
}

// TestSecretIsMountedAsFiles: no variable and no argument refers to it.
func TestSecretIsMountedAsFiles(t *testing.T) {
	t.Parallel()
	all := release{}.render(t)
	c := container(t, all)

	assert.Empty(t, all.ofKind("Secret"))
	assert.Equal(t, []string{"anchore-login"}, secrets(t, all))
	assert.Empty(t, c.EnvFrom)
	for _, v := range c.Env {
		assert.Nil(t, v.ValueFrom, v.Name)
	}
	projected := volume(t, all, "settings").Projected
	assert.EqualValues(t, 0o440, *projected.DefaultMode)
	assert.Empty(t, projected.Sources[1].Secret.Items, "every key is a setting")
}

// secrets are the names of those that are mounted with the settings.
func secrets(t *testing.T, all objects) []string {
	t.Helper()
	var names []string
	for _, source := range volume(t, all, "settings").Projected.Sources {
		if source.Secret != nil {
			names = append(names, source.Secret.Name)
		}
	}
	return names
}

func TestKeysOfASecretCanHaveOtherNames(t *testing.T) {
	t.Parallel()
	for values, want := range map[string][]corev1.KeyToPath{
		"{user: username, password: pw}": {{Key: "username", Path: "anchore.user"}, {Key: "pw", Path: "anchore.password"}},
		"{password: pw}":                 {{Key: "pw", Path: "anchore.password"}},
	} {
		all := release{values: "anchore: {secretKeys: " + values + "}"}.render(t)
		assert.Equal(t, want, volume(t, all, "settings").Projected.Sources[1].Secret.Items)
	}
}

func TestCredentialsCanComeFromElsewhere(t *testing.T) {
	t.Parallel()
	const anchore = "anchore: {url: 'https://anchore.example.com'}\n"
	for _, values := range []string{
		anchore + "extraEnv: [{name: ANCHORE_PASSWORD_FILE, value: /vault/secrets/password}]",
		anchore + "extraEnvFrom: [{secretRef: {name: kai}}]",
		anchore + "settings: {dry-run: true}",
		"settings: {dry-run: true}",
		"settings: {deliver.file.path: /more/inventory.json}",
		"settings: {deliver.http.url: 'https://other.example.com'}",
	} {
		all := release{alone: true, values: "clusterId: prod-1\n" + values}.render(t)
		assert.Empty(t, secrets(t, all))
	}
}

func TestAuthoritiesOfTheReceiver(t *testing.T) {
	t.Parallel()
	for kind, values := range map[string]string{"ConfigMap": "{configMap: trust, key: bundle.pem}", "Secret": "{secret: trust, key: bundle.pem}"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			all := release{values: "caBundle: " + values}.render(t)
			source := volume(t, all, "ca").Projected.Sources[0]

			assert.Equal(t, "/etc/ca/bundle.pem", configMap(t, all)["anchore.http.ca-file"])
			assert.Equal(t, kind == "ConfigMap", source.ConfigMap != nil)
			assert.Equal(t, kind == "Secret", source.Secret != nil)
		})
	}
	assert.NotContains(t, configMap(t, release{}.render(t)), "anchore.http.ca-file")
	other := configMap(t, release{values: "caBundle: {secret: trust}\nsettings: {deliver.http.url: 'https://other.example.com'}"}.render(t))
	assert.Equal(t, "/etc/ca/ca.crt", other["deliver.http.ca-file"])
}

// TestSchemaTakesNoSecrets where they would be readable to all, and repeats none.
func TestSchemaTakesNoSecrets(t *testing.T) {
	t.Parallel()
	for _, values := range []string{
		`settings: {anchore.password: secret}`,
		`settings: {account-routes: secret}`,
		`proxy: {https: "http://user:secret@proxy:3128"}`,
		`anchore: {url: "https://user:secret@anchore.example.com"}`,
	} {
		refusal := release{values: values}.refusal(t)
		assert.True(t, strings.Contains(refusal, "additional properties") || strings.Contains(refusal, "without a user and a password"), refusal)
		assert.NotContains(t, refusal, "user:secret")
	}
}

// TestNoAddressHasAPassword: none of the settings that are addresses, by any name that
// they have, with or without a scheme.
func TestNoAddressHasAPassword(t *testing.T) {
	t.Parallel()
	refusal := release{alone: true, values: given(t, "passwords-in-addresses")}.refusal(t)
	addresses := []string{"anchore.url", "deliver.http.url", "kubeconfig.server", "metrics.pushgateway.url"}

	for _, name := range addresses {
		assert.Contains(t, refusal, "/settings/"+name+"'")
		one := release{values: "settings: {" + name + ": 'u:FAKE-PW@host'}"}.refusal(t)
		assert.Contains(t, one, "/settings/"+name+"'")
		assert.NotContains(t, one, "FAKE")
	}
	assert.NotContains(t, refusal, "FAKE", "the refusal is in the log of whoever installs")
	for name, text := range settings() {
		then, _ := text.(object)["then"].(object)
		assert.Equal(t, slices.Contains(addresses, name), then["const"] == readableToAll, name)
	}
	pushed := release{values: "metrics: {pushgateway: 'http://u:FAKE-PW@host'}"}.refusal(t) //nolint:gosec // no real one
	assert.NotContains(t, pushed, "FAKE")
}
