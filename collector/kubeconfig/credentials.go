package kubeconfig

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Credentials that cannot work are found before the API server is asked: to ask
// again would not help, and it would be blamed for them.

// tokenIn is the token in a text, without the newline that editors and echo leave
// at its end. The error names the place.
func tokenIn(place, text string) (string, error) {
	token := strings.TrimSpace(text)
	switch {
	case token == "":
		return "", fmt.Errorf("%s is empty: write the token there", place)
	case strings.HasPrefix(token, "\ufeff"):
		return "", fmt.Errorf("%s begins with a byte order mark: write the token without", place)
	case noHeader(token):
		return "", fmt.Errorf("%s holds a line break or another control character: write the token in one line", place)
	}
	return token, nil
}

// checkPair says why a client certificate and its key cannot be used.
func checkPair(certificate, key []byte) error {
	switch {
	case len(key) == 0:
		return errors.New("it has a client-certificate and no client-key: add its key")
	case isEncrypted(key):
		return errors.New("client-key is encrypted, and nobody is asked for a passphrase: write it without one (openssl pkey -in KEY -out NEW)")
	}
	pair, err := tls.X509KeyPair(certificate, key)
	switch {
	case err == nil:
		return checkEnd(&pair)
	case strings.Contains(err.Error(), "does not match"):
		return errors.New("client-key is the key of another certificate than client-certificate: they are no pair")
	}
	return errors.New("client-certificate and client-key are no pair of a certificate and its key: write both as PEM")
}

// checkEnd refuses a certificate that has ended by the clock of this machine.
func checkEnd(pair *tls.Certificate) error {
	if leaf := pair.Leaf; leaf != nil && time.Now().After(leaf.NotAfter) {
		return fmt.Errorf("client-certificate ended at %s, and it is %s: renew it, or set the clock of this machine", leaf.NotAfter.UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	}
	return nil
}

// isEncrypted knows both forms of keys with a passphrase (RFC 1421 and RFC 5958).
func isEncrypted(key []byte) bool {
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
	return false
}

func checkAuthority(field string, text []byte) error {
	if x509.NewCertPool().AppendCertsFromPEM(text) {
		return nil
	}
	return fmt.Errorf("%s holds no certificate: write one as PEM", field)
}

// checkAccountAuthority finds out whether a service account comes with the certificates
// of its API server. client-go goes on without, and takes those of the system.
func checkAccountAuthority(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %s: mount it beside the token (ConfigMap kube-root-ca.crt), or set kubeconfig.path to a kubeconfig file", file, reasonOf(err))
	}
	return checkAuthority(file, text)
}

// reasonOf is why a file cannot be read, without its path.
func reasonOf(err error) string {
	if unread, ok := errors.AsType[*fs.PathError](err); ok {
		return unread.Err.Error()
	}
	return "an error without a reason"
}
