package faultproxy

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Serve starts the proxy on loopback with TLS, HTTP/2 and HTTP/1.1, as an API
// server is reached, and returns how to connect to it. It stops after the test.
func (p *Proxy) Serve(t testing.TB) *rest.Config {
	t.Helper()
	p.server = httptest.NewUnstartedServer(p)
	p.start()
	t.Cleanup(func() {
		p.Leave()
		p.server.Close()
	})
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw})
	return &rest.Config{Host: p.server.URL, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}
}

func (p *Proxy) start() {
	p.server.EnableHTTP2, p.server.TLS = true, p.TLS.Clone()
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // faults are noisy
	p.server.StartTLS()
}

// Leave takes a proxy that serves off the network: its connections break, and
// new ones are refused.
func (p *Proxy) Leave() {
	_ = p.server.Listener.Close() // closed already, at worst
	p.server.CloseClientConnections()
}

// Return brings it back after Leave, at the same address and with the same
// certificate.
func (p *Proxy) Return(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.server.Listener.Addr().String())
	if err != nil {
		return err
	}
	p.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}}
	p.start()
	return nil
}

// WriteKubeconfig writes a kubeconfig for what Serve returned, for programs that
// are run, and returns its path.
func WriteKubeconfig(t testing.TB, config *rest.Config) string {
	t.Helper()
	file := clientcmdapi.NewConfig()
	file.Clusters["proxy"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, InsecureSkipTLSVerify: config.Insecure}
	file.Contexts["proxy"] = &clientcmdapi.Context{Cluster: "proxy", AuthInfo: "user"}
	file.AuthInfos["user"] = &clientcmdapi.AuthInfo{
		TokenFile: config.BearerTokenFile, Exec: config.ExecProvider,
		ClientCertificateData: config.CertData, ClientKeyData: config.KeyData,
	}
	file.CurrentContext = "proxy"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*file, path))
	return path
}
