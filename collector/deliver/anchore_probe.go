package deliver

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"stocktake/collector/plaintext"
	"stocktake/collector/transport"
)

// Where implements Prober.
func (a *Anchore) Where() string { return a.client.base.String() }

// Probe implements Prober. It asks for the version without credentials, and
// reads an empty list of inventories with them.
func (a *Anchore) Probe(ctx context.Context, about Survey, tell func(transport.Finding)) {
	said, took, e := a.client.Probe(ctx, a.client.base, a.meet, "version, clock, credentials, accounts", telling(tell))
	if e != nil {
		return
	}
	tell(a.tellVersion(said, took))
	tell(clockOf(said))
	if about.Introduces {
		tell(tellIntegrations(said))
	}
	for _, account := range about.Accounts {
		tell(a.tellLogin(ctx, account, about))
	}
	tell(transport.Finding{Verdict: transport.Unknown, Says: "whether the user may deliver" + a.coding.unknown() + ": only a delivery tells"})
}

// tellVersion says which API a run would choose, as choose has chosen.
func (a *Anchore) tellVersion(said transport.Answer, took time.Duration) transport.Finding {
	body, version := said.Body, a.options.APIVersion
	if _, ok := apiMajor(body); !ok && version == auto {
		return transport.Finding{
			Verdict: transport.Doubt,
			Says:    fmt.Sprintf("answers %s in %s, but does not say which API it speaks: v2 is assumed", transport.StatusText(said.Status), transport.Brief(took)),
			Advice:  "set anchore.api-version to v2, v1 or kai",
		}
	}
	if version == auto {
		version = apiV2
		if a.path == pathV1 {
			version = apiV1
		}
	}
	release := releaseOf(body)
	if release == "" {
		release = "of unknown release"
	}
	return transport.Finding{Verdict: transport.Fine, Says: fmt.Sprintf("Anchore Enterprise %s answers in %s; its API %s is used", release, transport.Brief(took), version)}
}

// tellIntegrations says whether runs can register.
func tellIntegrations(said transport.Answer) transport.Finding {
	if release := releaseOf(said.Body); !knowsIntegrations(release) {
		return transport.Finding{
			Verdict: transport.Doubt,
			Says:    fmt.Sprintf("release %q knows no integrations: runs will not register, which does not keep them from delivering", release),
			Advice:  "set anchore-registration.enabled=false, or move to Anchore Enterprise " + integrationsSince,
		}
	}
	return transport.Finding{Verdict: transport.Fine, Says: "it knows integrations, so runs can register"}
}

// tellLogin reads what the service holds of a namespace that is not there.
func (a *Anchore) tellLogin(ctx context.Context, account string, about Survey) transport.Finding {
	account = cmp.Or(account, a.options.Account)
	own, err := a.options.credentials(account)
	if err != nil {
		return transport.Finding{Verdict: transport.Fault, Says: err.Error(), Err: err, Late: true}
	}
	_, e := a.client.Do(ctx, a.reading(account, own, about.Cluster))
	who := fmt.Sprintf("user %s for account %s", plaintext.Cut(own.User, 100), plaintext.Cut(account, 100))
	switch {
	case e == nil:
		return transport.Finding{Verdict: transport.Fine, Says: who + " may log in"}
	case isAccountUnknown(e) && about.DefaultAccount != "" && account != about.DefaultAccount:
		return transport.Finding{
			Verdict: transport.Doubt,
			Says:    "account " + plaintext.Cut(account, 100) + " is not known: its namespaces go to account " + plaintext.Cut(about.DefaultAccount, 100),
			Advice:  "make the account, or mend the route",
		}
	case e.Status == http.StatusUnauthorized, isAccountUnknown(e):
		return transport.Finding{Verdict: transport.Fault, Says: who + ": " + e.Brief(), Advice: e.Advice, Err: failedAtAnchore(e), Late: true}
	case e.Status == http.StatusForbidden:
		return transport.Finding{Verdict: transport.Unknown, Says: who + " may log in, but not read inventories"}
	}
	return transport.Finding{Verdict: transport.Unknown, Says: who + ": " + e.Brief()}
}

// reading asks for the inventories of a namespace that no cluster has: the
// answer is an empty list, whatever the service holds.
func (a *Anchore) reading(account string, own Credentials, cluster string) transport.Request {
	query := url.Values{"inventory_type": {"kubernetes"}, "context": {cluster + "/-"}}
	req := a.request(http.MethodGet, a.items(), account, own)
	req.URL += "?" + query.Encode()
	req.Retry = hurriedly()
	return req
}

// clockOf tells of a receiver's clock.
func clockOf(said transport.Answer) transport.Finding {
	clock := transport.ClockOf(said.Header)
	clock.Whose, clock.Doubt = "the receiver", "a certificate"
	return clock.Finding()
}
