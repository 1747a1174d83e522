package kubeconfig

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// expiryMargin is how long an ID token must still be valid, as for kubectl.
const expiryMargin = 10 * time.Second

// takeProvider makes a token of what an auth-provider section holds, which is how
// kubeconfigs fetched credentials before there were exec plugins. Other
// credentials go first, as in client-go.
//
// Of oidc the ID token is used as long as it is valid. It is not renewed: that
// would write a new refresh token into the kubeconfig, and client-go's code for it
// waits for the issuer past any deadline. kubectl renews it.
func takeProvider(u *clientcmdapi.AuthInfo) error {
	provider := u.AuthProvider
	u.AuthProvider = nil
	if provider == nil || u.Token+u.TokenFile+u.Username != "" {
		return nil
	}
	if provider.Name != "oidc" {
		return fmt.Errorf("its auth-provider %s", adviceProvider(provider.Name))
	}
	token := provider.Config["id-token"]
	if token == "" {
		return errors.New("auth-provider oidc has no id-token: run a kubectl command with this kubeconfig, which fetches one, " + insteadOfOIDC)
	}
	end, err := endOf(token)
	if err != nil {
		return err
	}
	if time.Until(end) < expiryMargin {
		return fmt.Errorf("the id-token of auth-provider oidc ended at %s: run a kubectl command with this kubeconfig, which renews it, %s", end.UTC().Format(time.RFC3339), insteadOfOIDC)
	}
	u.Token = token
	return nil
}

const insteadOfOIDC = "or use the exec plugin kubelogin (kubectl oidc-login) instead"

// adviceProvider says what came in the place of a provider that was removed from
// client-go (kubernetes 1.22 and 1.26).
func adviceProvider(name string) string {
	switch name {
	case "gcp":
		return "gcp is not supported any more: install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`, which writes an exec section"
	case "azure":
		return "azure is not supported any more: install kubelogin (Azure) and run `kubelogin convert-kubeconfig`, which writes an exec section"
	case "openstack":
		return "openstack is not supported any more: use client-keystone-auth in an exec section"
	}
	return "is not supported: use an exec plugin instead, or a token"
}

// endOf reads when a token of OpenID Connect ends (RFC 7519, exp).
func endOf(token string) (time.Time, error) {
	unreadable := errors.New("the id-token of auth-provider oidc is no JWT: log in again, " + insteadOfOIDC)
	parts := strings.Split(token, ".")
	if len(parts) != 3 || noHeader(token) {
		return time.Time{}, unreadable
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}, unreadable
	}
	var claims struct {
		End float64 `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return time.Time{}, unreadable
	}
	return time.Unix(int64(claims.End), 0), nil
}
