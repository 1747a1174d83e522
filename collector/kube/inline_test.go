package kube

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/kubeconfig"
)

// inlined are the settings that lead to the same server as the kubeconfig does.
func inlined(t *testing.T, cluster *kubetest.Cluster) (kubeconfig.Source, *rest.Config) {
	t.Helper()
	config := cluster.Config()
	var from kubeconfig.Source
	from.Server = "https://" + strings.TrimPrefix(config.Host, "https://")
	from.ClusterCert = base64.StdEncoding.EncodeToString(config.CAData)
	from.ClientCert, from.PrivateKey = base64.StdEncoding.EncodeToString(config.CertData), base64.StdEncoding.EncodeToString(config.KeyData)
	return from, config
}

func TestInlineConnectionReachesARealServer(t *testing.T) {
	cluster := shared.Cluster(t)
	t.Setenv("KUBECONFIG", "/nonexistent/config") // what is inline comes before it
	whole, config := inlined(t, cluster)
	for name, set := range map[string]func(*kubeconfig.Source){
		"base64":          func(*kubeconfig.Source) {},
		"with its type":   func(o *kubeconfig.Source) { o.UserType = "private_key" },
		"an unused token": func(o *kubeconfig.Source) { o.UserType, o.Token = "private_key", "unused" },
		"PEM as it is": func(o *kubeconfig.Source) {
			o.ClusterCert, o.PrivateKey = string(config.CAData), string(config.KeyData)
		},
		"base64 with lines": func(o *kubeconfig.Source) { o.ClusterCert = o.ClusterCert[:76] + "\n" + o.ClusterCert[76:] + "\n" },
	} {
		t.Run(name, func(t *testing.T) {
			from := whole
			set(&from)
			c, err := Connect(from, usual(500))
			require.NoError(t, err)
			defer c.Close()
			require.NoError(t, c.Preflight(t.Context(), Scope{}, podResource()))
		})
	}
}

// serviceAccountToken makes a service account of the namespace default, and a
// token of it.
func serviceAccountToken(t *testing.T, cluster *kubetest.Cluster, name string) string {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	accounts := client.CoreV1().ServiceAccounts("default")
	_, err = accounts.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, accounts.Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}))
	})
	request, err := accounts.CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	return request.Status.Token
}

func TestInlineTokenIsSent(t *testing.T) {
	cluster := shared.Cluster(t)
	token := serviceAccountToken(t, cluster, "agentless")
	from, _ := inlined(t, cluster)
	from.ClientCert, from.PrivateKey = "", ""
	for name, typ := range map[string]string{"by type": "token", "by what is given": ""} {
		t.Run(name, func(t *testing.T) {
			from.UserType, from.Token = typ, token+"\n"
			c, err := Connect(from, usual(500))
			require.NoError(t, err)
			defer c.Close()
			err = c.Preflight(t.Context(), Scope{}, podResource())
			require.ErrorIs(t, err, ErrRefused)
			require.ErrorContains(t, err, `User "system:serviceaccount:default:agentless" cannot list resource "pods"`)
		})
	}
	from.Token = "of a stranger"
	c, err := Connect(from, usual(500))
	require.NoError(t, err)
	defer c.Close()
	err = c.Preflight(t.Context(), Scope{}, podResource())
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "401 Unauthorized")
	assert.NotContains(t, err.Error(), "of a stranger")
}
