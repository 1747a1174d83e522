package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// maxRedirects is how often a service may move a request within its own origin.
const maxRedirects = 5

// Security is what TLS needs to know, with the names of the settings for errors and advice.
type Security struct {
	Insecure          bool
	CAFile            string
	CertFile, KeyFile string
	URL               string // the setting of the address, "anchore.url"
	Prefix            string // of the other settings, "anchore.http."
}

// doubts are what may be wrong with an address that a login goes to. Loopback is no exception: what listens there is
// often the end of a tunnel.
func (s Security) doubts(base *url.URL, login bool) []string {
	var all []string
	if login && base.Scheme == "http" {
		all = append(all, s.URL+" begins with http://: what is sent is not encrypted, anyone in between can read the login")
	}
	if s.Insecure && base.Scheme == "https" {
		all = append(all, s.Prefix+"insecure: the receiver's certificate is not verified, anyone in between can read the password")
	}
	return all
}

// newHTTPClient is the default one but for TLS, for early answers, and for redirects. Connecting has a time limit of its
// own, because a connection attempt outlives the request that asked for it.
func newHTTPClient(s Security, connect time.Duration) (*http.Client, error) {
	tlsConfig, err := s.config()
	if err := errors.Join(err, checkProxies()); err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented to be one
	t.OnProxyConnectResponse = CheckProxyAnswer
	t.DialContext = dialer(&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second})
	t.TLSHandshakeTimeout = connect
	t.TLSClientConfig = tlsConfig
	t.MaxIdleConnsPerHost = t.MaxIdleConns // a client has one service, to which it may send several things at a time
	return &http.Client{Transport: t, CheckRedirect: sameOrigin}, nil
}

func (s Security) config() (*tls.Config, error) {
	roots, err := s.roots()
	own, ownErr := s.certificates()
	if err := errors.Join(err, ownErr); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		RootCAs:            roots,
		Certificates:       own,
		InsecureSkipVerify: s.Insecure, //nolint:gosec // asked for by a setting, and warned about in every run
	}, nil
}

// roots are the system's authorities and those of the CA file; nil for just the system's.
func (s Security) roots() (*x509.CertPool, error) {
	if s.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, settings.Invalid(s.Prefix+"ca-file", "%w: give a readable PEM file", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // an image without certificates has none to add to
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, settings.Invalid(s.Prefix+"ca-file", "%s holds no certificate: give a PEM file", s.CAFile)
	}
	return pool, nil
}

func (s Security) certificates() ([]tls.Certificate, error) {
	cert, key := s.Prefix+"client-cert-file", s.Prefix+"client-key-file"
	switch {
	case s.CertFile == "" && s.KeyFile == "":
		return nil, nil
	case s.KeyFile == "":
		return nil, settings.Invalid(key, "is not set, but %s is: a certificate needs its key", cert)
	case s.CertFile == "":
		return nil, settings.Invalid(cert, "is not set, but %s is: a key needs its certificate", key)
	}
	pair, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
	if err != nil {
		return nil, settings.Invalid(cert+", "+key, "%w: give a PEM certificate and the unencrypted key to it", err)
	}
	return []tls.Certificate{pair}, nil
}

// checkProxies names the proxies of the environment that net/http would not use.
func checkProxies() error {
	var all []error
	for _, bad := range BadProxies() {
		all = append(all, settings.Invalid(bad.Name, "%s", bad.Why))
	}
	return errors.Join(all...)
}

// sameOrigin lets a redirect be followed that stays with scheme, host, port and method. All others become the answer:
// credentials must not follow to another host, and a POST that turned into a GET would deliver nothing and succeed.
func sameOrigin(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || next.Method != first.Method || origin(next.URL) != origin(first.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return fmt.Sprintf("%s://%s", u.Scheme, net.JoinHostPort(strings.ToLower(u.Hostname()), port))
}
