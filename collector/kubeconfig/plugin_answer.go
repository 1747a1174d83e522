package kubeconfig

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// execVersions are the versions of the API of exec plugins. The oldest is one that
// client-go takes no more; its objects are the same.
func execVersions() []string {
	const group = "client.authentication.k8s.io/"
	return []string{group + "v1", group + "v1beta1", group + "v1alpha1"}
}

// maxCredential bounds what a plugin prints, in bytes.
const maxCredential = 1 << 20

// credentials are what the program printed.
type credentials struct {
	token       string
	certificate *tls.Certificate
	expires     time.Time // zero: never
}

func (c *credentials) usable() bool {
	return c != nil && (c.expires.IsZero() || time.Now().Before(c.expires))
}

// execCredential is the object that goes to the program and comes back from it.
type execCredential struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       struct {
		Cluster     *execCluster `json:"cluster,omitempty"`
		Interactive bool         `json:"interactive"`
	} `json:"spec"`
	Status *struct {
		Expires *string `json:"expirationTimestamp"`
		Token   string  `json:"token"`
		Cert    string  `json:"clientCertificateData"`
		Key     string  `json:"clientKeyData"`
	} `json:"status,omitempty"`
}

// execCluster is ExecCredential.spec.cluster of client.authentication.k8s.io/v1,
// which names its fields in a way of its own.
type execCluster struct {
	Server             string `json:"server"`
	ServerName         string `json:"tls-server-name,omitempty"`
	Insecure           bool   `json:"insecure-skip-tls-verify,omitempty"`
	CAData             []byte `json:"certificate-authority-data,omitempty"`
	ProxyURL           string `json:"proxy-url,omitempty"`
	DisableCompression bool   `json:"disable-compression,omitempty"`
	Config             any    `json:"config,omitempty"`
}

// parseCredential reads what the program printed, in JSON or YAML, as client-go
// does. An error names versions and fields, and quotes nothing else of it: it may
// be a secret.
func parseCredential(printed []byte, wanted string) (*credentials, error) {
	answer, err := decodeCredential(printed)
	if err != nil {
		return nil, err
	}
	status := answer.Status
	switch {
	case answer.Kind != "ExecCredential":
		return nil, errors.New("it printed an object that is no ExecCredential" + kindIn(answer))
	case answer.APIVersion != wanted:
		return nil, fmt.Errorf("it printed an ExecCredential of %s, and the kubeconfig asks for %s: update the program, or apiVersion in the kubeconfig", versionName(answer.APIVersion), wanted)
	case status == nil:
		return nil, errors.New("it printed an ExecCredential without a status")
	case status.Token+status.Cert+status.Key == "":
		return nil, errors.New("it printed an ExecCredential with neither a token nor a certificate in its status")
	}
	c := new(credentials)
	if status.Expires != nil {
		if c.expires, err = time.Parse(time.RFC3339, *status.Expires); err != nil {
			return nil, errors.New("it printed an expirationTimestamp that is no time of RFC 3339: it is left out where there is none")
		}
	}
	if status.Token != "" {
		if c.token, err = tokenIn("the token it printed", status.Token); err != nil {
			return nil, err
		}
	}
	return c, c.pair([]byte(status.Cert), []byte(status.Key))
}

// pair takes the certificate and its key, if there are any.
func (c *credentials) pair(cert, key []byte) error {
	switch {
	case len(cert)+len(key) == 0:
		return nil
	case len(cert) == 0 || len(key) == 0:
		return errors.New("it printed one of clientCertificateData and clientKeyData, and not both")
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return errors.New("it printed clientCertificateData and clientKeyData that are no pair of a certificate and its key, in PEM")
	}
	c.certificate = &pair
	return nil
}

func decodeCredential(printed []byte) (*execCredential, error) {
	if len(strings.TrimSpace(string(printed))) == 0 {
		return nil, errors.New("it printed no ExecCredential: nothing came on its standard output")
	}
	if len(printed) >= maxCredential {
		return nil, fmt.Errorf("it printed no ExecCredential: more than %d bytes came", maxCredential)
	}
	answer := new(execCredential)
	asJSON, err := printed, error(nil)
	if !json.Valid(printed) { // what is JSON is not read as YAML, which is stricter in places
		asJSON, err = toJSON(printed)
	}
	if err != nil || json.Unmarshal(asJSON, &map[string]any{}) != nil {
		return nil, errors.New("it printed no ExecCredential" + preface(printed))
	}
	if mistake, ok := errors.AsType[*json.UnmarshalTypeError](json.Unmarshal(asJSON, answer)); ok {
		return nil, fmt.Errorf("it printed no ExecCredential: %s is not %s", mistake.Field, looksLike(mistake.Type))
	}
	return answer, nil
}

// preface says that an object comes after other words, as when a program tells of
// its new version.
func preface(printed []byte) string {
	lines := strings.SplitAfter(string(printed), "\n")
	begins := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "{") || strings.HasPrefix(line, "apiVersion:") })
	if begins > 0 {
		if _, err := decodeCredential([]byte(strings.Join(lines[begins:], ""))); err == nil {
			return fmt.Sprintf(" alone: it begins in line %d, and other words come before it; have the program print nothing else on its standard output", begins+1)
		}
	}
	return ": it is neither JSON nor YAML"
}

// kindIn names what came in the place of a credential, where that looks like a kind.
func kindIn(answer *execCredential) string {
	if !isKind(answer.Kind) {
		return ""
	}
	return fmt.Sprintf(", but a %s of %s", answer.Kind, versionName(answer.APIVersion))
}
