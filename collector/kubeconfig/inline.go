package kubeconfig

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"k8s.io/client-go/rest"

	"stocktake/collector/settings"
)

// Ways in which a connection given inline authenticates (kubeconfig.user.type).
const (
	byPrivateKey = "private_key"
	byToken      = "token"
)

// inlined reports whether the settings themselves describe the connection. The
// type of the user alone does not: sample files of KAI always hold it.
func (o Options) inlined() bool {
	return o.Server+o.ClusterCert+o.ClientCert+o.PrivateKey+o.Token != ""
}

// inline makes the connection that the settings describe, for collectors that
// run outside of their cluster. KAI took ~/.kube/config, and so maybe another
// cluster, when a part was missing; here it is an error.
func (o Options) inline() (*rest.Config, error) {
	if o.Context != "" {
		return nil, settings.About("kubeconfig.context", "kubeconfig.context is %q, but kubeconfig.server describes a connection, which has no contexts: leave one of them out", o.Context)
	}
	if err := cmp.Or(o.checkParts(), checkServer(o.Server)); err != nil {
		return nil, err
	}
	config := &rest.Config{Host: o.Server}
	ca, err := certificates("kubeconfig.cluster-cert", o.ClusterCert)
	config.CAData = ca
	if o.userType() == byToken {
		config.BearerToken = strings.TrimSpace(o.Token)
		return config, err
	}
	var err2 error
	config.CertData, config.KeyData, err2 = o.keyPair()
	return config, errors.Join(err, err2)
}

// userType is what kubeconfig.user.type says, or else what was given.
func (o Options) userType() string {
	if o.UserType == "" && o.Token != "" && o.ClientCert+o.PrivateKey == "" {
		return byToken
	}
	return cmp.Or(o.UserType, byPrivateKey)
}

// part is one setting of the connection.
type part struct{ name, value string }

// parts are those that the connection needs.
func (o Options) parts() ([]part, error) {
	cluster := []part{{"kubeconfig.server", o.Server}, {"kubeconfig.cluster-cert", o.ClusterCert}}
	switch o.userType() {
	case byToken:
		return append(cluster, part{"kubeconfig.user.token", o.Token}), nil
	case byPrivateKey:
		return append(cluster, part{"kubeconfig.user.client-cert", o.ClientCert}, part{"kubeconfig.user.private-key", o.PrivateKey}), nil
	}
	return nil, settings.About("kubeconfig.user.type", "kubeconfig.user.type is %q: set it to %s or %s", o.UserType, byPrivateKey, byToken)
}

// checkParts names all that are missing at once.
func (o Options) checkParts() error {
	parts, err := o.parts()
	if err != nil {
		return err
	}
	var missing []string
	for _, p := range parts {
		if strings.TrimSpace(p.value) == "" {
			missing = append(missing, p.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%w: the connection is incomplete: set %s (kubeconfig.user.type is %s), or set kubeconfig.path to a file or to %s instead",
		settings.ErrInvalid, strings.Join(missing, ", "), o.userType(), InCluster)
}

// checkServer refuses to send credentials where anyone can read them.
func checkServer(server string) error {
	u, err := url.Parse(server)
	if err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil {
		return nil
	}
	return settings.About("kubeconfig.server", "kubeconfig.server is not the address of an API server: write it as https://HOST:PORT")
}

// certificates decodes the certificates of authorities.
func certificates(name, value string) ([]byte, error) {
	text, err := decodePEM(name, value)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
		err = settings.About(name, "%s holds no certificate: set it to the certificate-authority-data of a kubeconfig", name)
	}
	return text, err
}

// keyPair decodes the certificate of the user and its key.
func (o Options) keyPair() (cert, key []byte, err error) {
	cert, err = decodePEM("kubeconfig.user.client-cert", o.ClientCert)
	key, err2 := decodePEM("kubeconfig.user.private-key", o.PrivateKey)
	if err := errors.Join(err, err2); err != nil {
		return nil, nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: kubeconfig.user.client-cert and kubeconfig.user.private-key are no pair: %w", settings.ErrInvalid, err)
	}
	if err := checkEnd(&pair); err != nil {
		return nil, nil, fmt.Errorf("%w: kubeconfig.user.%w", settings.ErrInvalid, err)
	}
	return cert, key, nil
}

// decodePEM takes base64 of PEM, as a kubeconfig has it, or PEM itself, as a
// Secret that is mounted as a file has it. Errors never quote the value.
func decodePEM(name, value string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(value)); block != nil {
		return []byte(value), nil
	}
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil {
		return nil, settings.About(name, "%s is not base64: set it to the value that a kubeconfig has, in one line", name)
	}
	return text, nil
}
