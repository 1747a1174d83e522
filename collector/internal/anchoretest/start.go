package anchoretest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Start serves a Receiver on a loopback port until the test ends. The URL includes the base path.
func Start(t testing.TB, o Options) (*Receiver, string) {
	t.Helper()
	r, server := prepare(o)
	server.Start()
	t.Cleanup(func() { stop(r, server) })
	return r, server.URL + o.BasePath
}

// TLS is where a Receiver started with StartTLS is found, and the PEM files of those who trust each other.
type TLS struct {
	URL string
	// CAFile holds the authority that signed the Receiver's certificate.
	CAFile string
	// CertFile and KeyFile are a client's; the Receiver demands them with Options.ClientCert.
	CertFile, KeyFile string
}

// StartTLS is Start over TLS.
func StartTLS(t testing.TB, o Options) (*Receiver, TLS) {
	t.Helper()
	dir := t.TempDir()
	where := TLS{
		CAFile:   filepath.Join(dir, "ca.pem"),
		CertFile: filepath.Join(dir, "client.pem"),
		KeyFile:  filepath.Join(dir, "client-key.pem"),
	}
	client, key, err := clientCertificate()
	check(t, err)
	r, server := prepare(o)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if o.ClientCert {
		server.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		server.TLS.ClientCAs = x509.NewCertPool()
		server.TLS.ClientCAs.AddCert(client)
	}
	server.StartTLS()
	t.Cleanup(func() { stop(r, server) })

	where.URL = server.URL + o.BasePath
	check(t, writePEM(where.CAFile, "CERTIFICATE", server.Certificate().Raw))
	check(t, writePEM(where.CertFile, "CERTIFICATE", client.Raw))
	check(t, writePEM(where.KeyFile, "PRIVATE KEY", key))
	return r, where
}

func prepare(o Options) (*Receiver, *httptest.Server) {
	r := New(o)
	server := httptest.NewUnstartedServer(r)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what tests are after
	return r, server
}

// stop lets go of hanging requests first: closing a server waits for them.
func stop(r *Receiver, server *httptest.Server) {
	r.Close()
	server.CloseClientConnections()
	server.Close()
}

// clientCertificate makes a self-signed certificate and its key in PKCS #8.
func clientCertificate() (*x509.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "collector"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return certificate, private, err
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
