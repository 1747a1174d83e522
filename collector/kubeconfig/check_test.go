package kubeconfig

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/transport"
)

func execWith(change func(*clientcmdapi.ExecConfig)) clientcmdapi.AuthInfo {
	e := &clientcmdapi.ExecConfig{APIVersion: execAPI, Command: "aws", InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode}
	change(e)
	return clientcmdapi.AuthInfo{Exec: e}
}

func variables(env ...clientcmdapi.ExecEnvVar) clientcmdapi.AuthInfo {
	return execWith(func(e *clientcmdapi.ExecConfig) { e.Env = env })
}

func TestCheckUserFindsWhatCannotWork(t *testing.T) {
	t.Parallel()
	cert, key := faultproxy.PEM(t, faultproxy.Certificate(t, "user", time.Now().Add(time.Hour)))
	_, other := faultproxy.PEM(t, faultproxy.Certificate(t, "other", time.Now().Add(time.Hour)))
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("s3cret")})
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("t"), 0o600))
	for name, c := range map[string]struct {
		user clientcmdapi.AuthInfo
		says string // nothing: it can work
	}{
		"nothing":                     {clientcmdapi.AuthInfo{}, ""},
		"a token":                     {clientcmdapi.AuthInfo{Token: "s3cret"}, ""},
		"a token file":                {clientcmdapi.AuthInfo{TokenFile: file}, ""},
		"a token, and a lost file":    {clientcmdapi.AuthInfo{Token: "s3cret", TokenFile: "/nonexistent"}, ""},
		"a password":                  {clientcmdapi.AuthInfo{Username: "u", Password: "s3cret"}, ""},
		"a pair":                      {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}, ""},
		"a program":                   {execWith(func(*clientcmdapi.ExecConfig) {}), ""},
		"an identity":                 {clientcmdapi.AuthInfo{Impersonate: "a", ImpersonateGroups: []string{"g"}, ImpersonateUID: "1"}, ""},
		"a token and a password":      {clientcmdapi.AuthInfo{Token: "s3cret", Username: "u"}, "it has a token and a username with password"},
		"a program and a provider":    {clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{}, AuthProvider: &clientcmdapi.AuthProviderConfig{}}, "it has exec and auth-provider"},
		"a line break":                {clientcmdapi.AuthInfo{Token: "s3\ncret"}, "token holds a line break"},
		"a zero byte":                 {clientcmdapi.AuthInfo{Token: "s3\x00cret"}, "token holds a line break or another control character"},
		"blanks":                      {clientcmdapi.AuthInfo{Token: "  "}, "token is empty"},
		"a folder for a file":         {clientcmdapi.AuthInfo{TokenFile: filepath.Dir(file)}, "the file that tokenFile names cannot be read: is a directory"},
		"a certificate alone":         {clientcmdapi.AuthInfo{ClientCertificateData: cert}, "no client-key"},
		"another key":                 {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: other}, "key of another certificate"},
		"an encrypted key (PKCS 8)":   {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: locked}, "client-key is encrypted"},
		"a key that is none":          {clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: []byte("s3cret")}, "no pair of a certificate and its key: write both as PEM"},
		"a file and its content":      {clientcmdapi.AuthInfo{ClientCertificate: file, ClientCertificateData: cert}, "it has client-certificate and client-certificate-data"},
		"no command":                  {execWith(func(e *clientcmdapi.ExecConfig) { e.Command = "" }), "exec has no command"},
		"no version":                  {execWith(func(e *clientcmdapi.ExecConfig) { e.APIVersion = "" }), "exec: apiVersion is no version"},
		"a newer version":             {execWith(func(e *clientcmdapi.ExecConfig) { e.APIVersion = "client.authentication.k8s.io/v2" }), "exec: apiVersion is client.authentication.k8s.io/v2"},
		"a version that is none":      {execWith(func(e *clientcmdapi.ExecConfig) { e.APIVersion = "s3cret: v1" }), "exec: apiVersion is an unknown version"},
		"no interactive mode":         {execWith(func(e *clientcmdapi.ExecConfig) { e.InteractiveMode = "" }), "interactiveMode is missing or unknown"},
		"another interactive mode":    {execWith(func(e *clientcmdapi.ExecConfig) { e.InteractiveMode = "s3cret" }), "interactiveMode is missing or unknown"},
		"a variable without a name":   {variables(clientcmdapi.ExecEnvVar{Value: "s3cret"}), "env has an entry that is no variable"},
		"a variable with two":         {variables(clientcmdapi.ExecEnvVar{Name: "A=B", Value: "s3cret"}), "env has an entry that is no variable"},
		"groups without a user":       {clientcmdapi.AuthInfo{ImpersonateGroups: []string{"s3cret"}}, "and no as: name the user to act as"},
		"extras without a user":       {clientcmdapi.AuthInfo{ImpersonateUserExtra: map[string][]string{"s3cret": nil}}, "and no as: name the user to act as"},
		"an identity of two lines":    {clientcmdapi.AuthInfo{Impersonate: "s3\ncret"}, "has a line break"},
		"a provider and a token":      {clientcmdapi.AuthInfo{Token: "s3cret", AuthProvider: &clientcmdapi.AuthProviderConfig{Name: "gcp"}}, ""},
		"a provider that was removed": {clientcmdapi.AuthInfo{AuthProvider: &clientcmdapi.AuthProviderConfig{Name: "gcp"}}, "gke-gcloud-auth-plugin"},
	} {
		err := checkUser(&c.user)
		if c.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		assert.NotContains(t, err.Error(), "s3", name)
	}
}

func TestCheckClusterFindsWhatCannotWork(t *testing.T) {
	t.Parallel()
	const server = "https://a:6443"
	through := func(proxy string) clientcmdapi.Cluster { return clientcmdapi.Cluster{Server: server, ProxyURL: proxy} }
	for name, c := range map[string]struct {
		cluster clientcmdapi.Cluster
		says    string // nothing: it can work
	}{
		"an address":               {clientcmdapi.Cluster{Server: server}, ""},
		"a host":                   {clientcmdapi.Cluster{Server: "a:6443"}, ""},
		"a path":                   {clientcmdapi.Cluster{Server: server + "/k8s/clusters/c-1"}, ""},
		"a login":                  {clientcmdapi.Cluster{Server: "https://me:s3cret@a:6443"}, ""}, //nolint:gosec // no real one
		"no server":                {clientcmdapi.Cluster{}, "it has no server"},
		"another scheme":           {clientcmdapi.Cluster{Server: "ftp://s3cret"}, "server is not an address"},
		"a # in the login":         {clientcmdapi.Cluster{Server: "https://me:s3#cret@a"}, "server is not an address"},
		"a proxy":                  {through("http://me:p%40ss@proxy:3128"), ""},
		"a proxy of SOCKS":         {through("SOCKS5://proxy:1080"), ""},
		"a proxy without scheme":   {through("me:s3cret@proxy:3128"), "proxy-url is " + transport.ProxyForm},
		"a proxy of socks5h":       {through("socks5h://me:s3cret@proxy"), "proxy-url is " + transport.ProxyForm},
		"a proxy with #":           {through("http://me:s3#cret@proxy:3128"), "proxy-url is " + transport.ProxyForm},
		"a proxy with /":           {through("http://me:12/s3cret@proxy:3128"), "proxy-url is " + transport.ProxyForm},
		"a proxy with %":           {through("http://me:s3%cret@proxy:3128"), "proxy-url is " + transport.ProxyForm},
		"an authority that is not": {clientcmdapi.Cluster{Server: server, CertificateAuthorityData: []byte("s3cret")}, "certificate-authority holds no certificate"},
		"an authority that is off": {clientcmdapi.Cluster{Server: server, CertificateAuthorityData: []byte("x"), InsecureSkipTLSVerify: true}, "insecure-skip-tls-verify: leave one of them out"},
	} {
		err := checkCluster(&c.cluster)
		if c.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		assert.NotContains(t, err.Error(), "s3", name)
	}
}
