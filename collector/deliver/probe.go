package deliver

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// Verdict is what became of one step of a probe.
type Verdict string

// The verdicts of a probe.
const (
	Fine    Verdict = "ok"
	Doubt   Verdict = "warn"        // a run succeeds, and somebody should look into it
	Fault   Verdict = "fail"        // a run fails
	Unknown Verdict = "not checked" // because of a fault before, or because only a delivery tells
)

// Finding is what one step of a probe has learnt.
type Finding struct {
	Verdict Verdict
	Says    string // what it is about, in words without secrets
	Advice  string // the way out, if it is known
	Err     error  // of a fault: what a run would fail with
	Late    bool   // such a run would fail when it delivers, having read the cluster
}

// Survey is what a probe asks about.
type Survey struct {
	Cluster        string   // whose inventory it would be
	Accounts       []string // that would get one; empty for the one of the settings
	DefaultAccount string   // that gets those of unknown accounts
	Introduces     bool     // whether runs register as an integration
}

// Prober is a receiver that can be looked at without giving it anything. It is
// reached in the way in which a run reaches it in preflight, and tells what was
// found as it is found.
type Prober interface {
	// Where is the address, without secrets.
	Where() string
	Probe(ctx context.Context, about Survey, tell func(Finding))
}

var (
	_ Prober = (*Anchore)(nil)
	_ Prober = (*HTTP)(nil)
	_ Prober = (*File)(nil)
)

// Where implements Prober.
func (a *Anchore) Where() string { return a.base.String() }

// Where implements Prober.
func (h *HTTP) Where() string { return request{url: h.base.String()}.shown() }

// Where implements Prober.
func (f *File) Where() string { return f.options.Path }

// Probe implements Prober. It asks for the version without credentials, and
// reads an empty list of inventories with them.
func (a *Anchore) Probe(ctx context.Context, about Survey, tell func(Finding)) {
	said, took := a.client.reach(ctx, a.base, a.meet, "version, clock, credentials, accounts", tell)
	if said == nil {
		return
	}
	tell(a.tellVersion(said, took))
	tell(tellClock(said))
	if about.Introduces {
		tell(a.tellIntegrations(said))
	}
	for _, account := range about.Accounts {
		tell(a.tellLogin(ctx, account, about))
	}
	tell(Finding{Verdict: Unknown, Says: "whether the user may deliver" + a.coding.unknown() + ": only a delivery tells"})
}

// tellVersion says which API a run would choose, as choose has chosen.
func (a *Anchore) tellVersion(said *answer, took time.Duration) Finding {
	body, version := said.body, a.options.APIVersion
	if _, ok := apiMajor(body); !ok && version == auto {
		return Finding{
			Verdict: Doubt,
			Says:    fmt.Sprintf("answers %s in %s, but does not say which API it speaks: v2 is assumed", status(said.status), brief(took)),
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
	return Finding{Verdict: Fine, Says: fmt.Sprintf("Anchore Enterprise %s answers in %s; its API %s is used", release, brief(took), version)}
}

func (a *Anchore) tellIntegrations(said *answer) Finding {
	if release := releaseOf(said.body); !knowsIntegrations(release) {
		return Finding{
			Verdict: Doubt,
			Says:    fmt.Sprintf("release %q knows no integrations: runs will not register, which does not keep them from delivering", release),
			Advice:  "set anchore-registration.enabled=false, or move to Anchore Enterprise " + integrationsSince,
		}
	}
	return Finding{Verdict: Fine, Says: "it knows integrations, so runs can register"}
}

// Probe implements Prober.
func (h *HTTP) Probe(ctx context.Context, _ Survey, tell func(Finding)) {
	said, took := h.client.reach(ctx, h.base, h.meet, "answer, clock", tell)
	if said == nil {
		return
	}
	answered := Finding{Verdict: Fine, Says: fmt.Sprintf("answers HEAD without credentials in %s: %s", brief(took), status(said.status))}
	if said.status == http.StatusNotFound {
		answered.Verdict, answered.Advice = Doubt, "see whether the path of deliver.http.url is right"
	}
	tell(answered)
	tell(tellClock(said))
	tell(Finding{Verdict: Unknown, Says: "whether it takes these credentials" + h.coding.unknown() + ": only a delivery tells"})
}

// Probe implements Prober. Whether a file can be written is known only by making
// one, which is gone again at once.
func (f *File) Probe(ctx context.Context, _ Survey, tell func(Finding)) {
	if err := f.Preflight(ctx); err != nil {
		tell(Finding{Verdict: Fault, Says: words(err), Err: err})
		return
	}
	tell(Finding{Verdict: Fine, Says: "can be written"})
}

// brief is a duration for people.
func brief(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// words are those of an error about a setting, without the mark.
func words(err error) string {
	return strings.TrimPrefix(err.Error(), settings.ErrInvalid.Error()+": ")
}

// skewed is from when on a clock is wrong enough to be told of: logs no longer
// compare, and certificates and tokens that are new or old are refused.
const skewed = 30 * time.Second

// tellClock compares the receiver's clock with the one here.
func tellClock(said *answer) Finding {
	clock, err := http.ParseTime(said.header.Get("Date"))
	if err != nil {
		return Finding{Verdict: Unknown, Says: "clock: the receiver does not tell its time"}
	}
	ahead := time.Until(clock).Round(time.Second)
	if ahead.Abs() <= skewed {
		return Finding{Verdict: Fine, Says: "clock: agrees with the one here"}
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	return Finding{
		Verdict: Doubt, Says: fmt.Sprintf("clock: %s %s the one here, which says %s", ahead.Abs(), way, time.Now().UTC().Format(time.RFC3339)),
		Advice: "have both set by NTP: a certificate may seem over, or not yet begun",
	}
}
