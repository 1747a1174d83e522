package kubeconfig

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiagnoseNamesThePlaceAndNotTheValue(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nkind: Config\n"
	for text, says := range map[string]string{
		head: "",
		head + "clusters: [{name: c, cluster: {server: \"https://a\"}}]\n": "",
		head + "users:\n- name: u\n  user: {token: s3cret\n":               "it is not YAML: see line 5",
		head + "\tusers: s3cret\n":                                         "it is not YAML: see line 3",
		"s3cret":                                                           "it is not a kubeconfig: compare it with `kubectl config view`",
		"- s3cret":                                                         "it is not a kubeconfig: compare it with `kubectl config view`",
		head + "users: s3cret\n":                                           "users is not a list",
		head + "users: [{name: u, user: s3cret}]\n":                        "users.user is not a group of keys and values",
		head + "users: [{name: u, user: {token: 12345678}}]\n":             "users.user.token is not text: put it in quotes",
		head + "clusters: [{name: c, cluster: {insecure-skip-tls-verify: s3cret}}]\n": "clusters.cluster.insecure-skip-tls-verify is not true or false",
		head + "users: [{name: u, user: {client-key-data: \"s3cret!\"}}]\n":           `"u": client-key-data is not base64: write it in one line, or name a file in the field without -data`,
		head + "clusters: [{name: c, cluster: {certificate-authority-data: s3c}}]\n":  `"c": certificate-authority-data is not base64: write it in one line, or name a file in the field without -data`,
		head + "users: [{name: u, user: {token: s3cret}}, {name: u, user: {}}]\n":     "users: the name u is there twice: rename or remove one",
		head + "contexts: [{name: x, context: {}}, {name: x, context: {}}]\n":         "contexts: the name x is there twice: rename or remove one",
		"apiVersion: s3cret/v7\nkind: Config\n":                                       "it is not a kubeconfig: write apiVersion: v1 and kind: Config, and compare it with `kubectl config view`",
		"apiVersion: v1\nkind: s3cret\n":                                              "it is not a kubeconfig: write apiVersion: v1 and kind: Config, and compare it with `kubectl config view`",
	} {
		err := diagnose([]byte(text))
		if says == "" {
			require.NoError(t, err, text)
			continue
		}
		require.EqualError(t, err, says, text)
		assert.NotContains(t, err.Error(), "s3c")
	}
}
