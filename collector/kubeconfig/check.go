package kubeconfig

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/transport"
)

// checkCluster finds what cannot work before anybody is asked.
func checkCluster(c *clientcmdapi.Cluster) error {
	if c.Server == "" {
		return errors.New("it has no server: write the address of the API server, https://HOST:PORT")
	}
	if !isAddress(c.Server, "https", "http") {
		return errors.New("server is not an address: write it as https://HOST:PORT")
	}
	if c.ProxyURL != "" && !isProxyURL(c.ProxyURL) {
		return errors.New("proxy-url is " + transport.ProxyForm)
	}
	authority, err := content("certificate-authority", c.CertificateAuthority, c.CertificateAuthorityData)
	if err != nil || len(authority) == 0 {
		return err
	}
	if c.InsecureSkipTLSVerify {
		return errors.New("it has a certificate-authority and insecure-skip-tls-verify: leave one of them out")
	}
	return checkAuthority("certificate-authority", authority)
}

// isAddress takes an address with one of the schemes, or none. What comes after
// an unescaped # / or ? in a password is no part of the host: it is refused
// before it is taken for a path, and shown.
func isAddress(text string, schemes ...string) bool {
	if !strings.Contains(text, "://") {
		text = schemes[0] + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Hostname() != "" &&
		!strings.ContainsAny(u.EscapedPath()+u.RawQuery+u.EscapedFragment(), "@")
}

// isProxyURL takes what a variable may hold for a proxy, as far as client-go takes
// it: with a scheme, and not with socks5h.
func isProxyURL(text string) bool {
	scheme, _, given := strings.Cut(strings.ToLower(text), "://")
	return given && scheme != "socks5h" && transport.IsProxy(text)
}

// content is that of a field, or of the file that another names. Both is a mistake
// that kubectl refuses too. The path is not named: keys are pasted in its place.
func content(field, path string, data []byte) ([]byte, error) {
	if path == "" {
		return data, nil
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("it has %s and %s-data: leave one of them out", field, field)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the file that %s names cannot be read: %s", field, reasonOf(err))
	}
	return text, nil
}

// checkUser finds credentials that cannot work, and takes the newline off a token.
func checkUser(u *clientcmdapi.AuthInfo) error {
	for _, check := range []func(*clientcmdapi.AuthInfo) error{checkMethods, checkToken, checkCertificate, checkExec, checkImpersonation} {
		if err := check(u); err != nil {
			return err
		}
	}
	return takeProvider(u)
}

func checkMethods(u *clientcmdapi.AuthInfo) error {
	switch {
	case u.Token != "" && u.Username+u.Password != "":
		return errors.New("it has a token and a username with password: leave one of them out")
	case u.Exec != nil && u.AuthProvider != nil:
		return errors.New("it has exec and auth-provider: leave one of them out")
	}
	return nil
}

func checkToken(u *clientcmdapi.AuthInfo) (err error) {
	if u.Token == "" && u.TokenFile != "" {
		text, err := os.ReadFile(u.TokenFile)
		if err != nil {
			return fmt.Errorf("the file that tokenFile names cannot be read: %s", reasonOf(err))
		}
		_, err = tokenIn("the file that tokenFile names", string(text))
		return err
	}
	if u.Token == "" {
		return nil
	}
	text, err := os.ReadFile(u.TokenFile)
	if _, wrong := tokenIn("tokenFile", string(text)); err != nil || wrong != nil {
		u.TokenFile = "" // the token counts until the file holds one, and it does not
	}
	u.Token, err = tokenIn("token", u.Token)
	return err
}

func checkCertificate(u *clientcmdapi.AuthInfo) error {
	certificate, err := content("client-certificate", u.ClientCertificate, u.ClientCertificateData)
	if err != nil {
		return err
	}
	if len(certificate) == 0 {
		if u.ClientKey+string(u.ClientKeyData) != "" && !hasOther(u) {
			return errors.New("it has a client-key and no client-certificate: add its certificate")
		}
		return nil
	}
	key, err := content("client-key", u.ClientKey, u.ClientKeyData)
	if err != nil {
		return err
	}
	return checkPair(certificate, key)
}

// hasOther reports credentials beside a certificate.
func hasOther(u *clientcmdapi.AuthInfo) bool {
	return u.Token+u.TokenFile+u.Username != "" || u.Exec != nil || u.AuthProvider != nil
}

// checkExec demands what client-go demands of an exec section.
func checkExec(u *clientcmdapi.AuthInfo) error {
	e := u.Exec
	if e == nil {
		return nil
	}
	if e.Command == "" {
		return errors.New("exec has no command: name the program that prints credentials")
	}
	if !slices.Contains(execVersions(), e.APIVersion) {
		return fmt.Errorf("exec: apiVersion is %s: write %s if the program prints that", versionName(e.APIVersion), execVersions()[0])
	}
	for _, variable := range e.Env {
		if variable.Name == "" || strings.ContainsAny(variable.Name, "=\x00") || strings.Contains(variable.Value, "\x00") {
			return errors.New("exec: env has an entry that is no variable: give each a name, without =, and a value")
		}
	}
	switch e.InteractiveMode {
	case clientcmdapi.NeverExecInteractiveMode, clientcmdapi.IfAvailableExecInteractiveMode, clientcmdapi.AlwaysExecInteractiveMode:
		return nil
	}
	return errors.New("exec: interactiveMode is missing or unknown: write Never, IfAvailable or Always")
}

func checkImpersonation(u *clientcmdapi.AuthInfo) error {
	values := append([]string{u.Impersonate, u.ImpersonateUID}, u.ImpersonateGroups...)
	for _, extra := range u.ImpersonateUserExtra {
		values = append(values, extra...)
	}
	if slices.ContainsFunc(values, noHeader) {
		return errors.New("as, as-uid, as-groups or as-user-extra has a line break or another control character: write it without")
	}
	if u.Impersonate == "" && strings.Join(values, "")+strings.Repeat("x", len(u.ImpersonateUserExtra)) != "" {
		return errors.New("it has as-uid, as-groups or as-user-extra and no as: name the user to act as")
	}
	return nil
}
