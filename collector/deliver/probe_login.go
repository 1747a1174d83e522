package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
)

// tellLogin reads what the service holds of a namespace that is not there.
func (a *Anchore) tellLogin(ctx context.Context, account string, about Survey) Finding {
	account = cmp.Or(account, a.options.Account)
	own, err := a.options.credentials(account)
	if err != nil {
		return Finding{Verdict: Fault, Says: words(err), Err: err, Late: true}
	}
	_, fault := a.client.ask(ctx, a.readingRequest(account, own, about.Cluster), true)
	who := fmt.Sprintf("user %s for account %s", plaintext.Cut(own.User, 100), plaintext.Cut(account, 100))
	switch {
	case fault == nil:
		return Finding{Verdict: Fine, Says: who + " may log in"}
	case errors.Is(fault, ErrAccountNotFound) && about.DefaultAccount != "" && account != about.DefaultAccount:
		return Finding{Verdict: Doubt, Says: "account " + plaintext.Cut(account, 100) + " is not known: its namespaces go to account " + plaintext.Cut(about.DefaultAccount, 100), Advice: "make the account, or mend the route"}
	case fault.Status == http.StatusUnauthorized, errors.Is(fault, ErrAccountNotFound):
		return Finding{Verdict: Fault, Says: who + ": " + fault.brief(), Advice: fault.Advice, Err: fault, Late: true}
	case fault.Status == http.StatusForbidden:
		return Finding{Verdict: Unknown, Says: who + " may log in, but not read inventories"}
	}
	return Finding{Verdict: Unknown, Says: who + ": " + fault.brief()}
}

// readingRequest asks for the inventories of a namespace that no cluster has: the
// answer is an empty list, whatever the service holds.
func (a *Anchore) readingRequest(account string, own Credentials, cluster string) request {
	path := "v2/inventories"
	if a.path == pathV1 || a.Kind() == payload.KAI {
		path = pathKAI // which lists as well as it takes
	}
	query := url.Values{"inventory_type": {"kubernetes"}, "context": {cluster + "/-"}}
	return request{method: http.MethodGet, url: a.address(path) + "?" + query.Encode(), header: a.headers(account, own)}
}

// releaseOf reads "5.11.0" from {"service":{"version":"5.11.0"}}.
func releaseOf(body []byte) string {
	var v struct {
		Service struct{ Version string }
	}
	_ = json.Unmarshal(body, &v) // what is not there is not known
	return plaintext.Cut(v.Service.Version, 100)
}

// unknown is what else only a body tells.
func (n *negotiation) unknown() string {
	switch n.compression {
	case compressGzip:
		return ", and whether gzip is taken, without which a run fails (" + n.client.security.Prefix + "compression)"
	case compressNone:
		return ""
	}
	return ", and whether gzip is taken, without which bodies go plain"
}
