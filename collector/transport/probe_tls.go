package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"stocktake/collector/plaintext"
)

// renewal is how long before its end a certificate should be renewed. Those that
// renew themselves do it a third of their life before, which is a month of ninety days.
const renewal = 14 * 24 * time.Hour

// inClear tells of a connection without TLS.
func (o Options) inClear() Finding {
	f := Finding{Verdict: Doubt, Says: "no TLS: whoever is in between can read what is sent", Advice: "write https:// in " + o.URL}
	if o.Login {
		f.Says += ", and the password"
	}
	return f
}

// secured tells of a connection with TLS; state is nil without one of its own.
func (o Options) secured(state *tls.ConnectionState) Finding {
	switch {
	case state == nil:
		return Finding{Verdict: Unknown, Says: "TLS: no connection of its own was made"}
	case o.Insecure:
		return Finding{
			Verdict: Doubt, Says: "TLS: " + tls.VersionName(state.Version) + ", but " + o.Prefix + "insecure: the certificate is not verified, whoever is in between can read the password",
			Advice: "set " + o.Prefix + "ca-file to the PEM file of the authority, and " + o.Prefix + "insecure=false",
		}
	}
	end := endOf(state)
	left := time.Until(end)
	f := Finding{Verdict: Fine, Says: fmt.Sprintf("TLS: %s, certificate %s, until %s (%s)", tls.VersionName(state.Version), described(state.PeerCertificates[0]), day(end), days(left))}
	if left < renewal {
		f.Verdict, f.Advice = Doubt, "have the certificate of the receiver renewed before it ends"
	}
	return f
}

// endOf is when the first certificate of the chain ends.
func endOf(state *tls.ConnectionState) time.Time {
	end := state.PeerCertificates[0].NotAfter
	if len(state.VerifiedChains) > 0 {
		for _, c := range state.VerifiedChains[0] {
			if c.NotAfter.Before(end) {
				end = c.NotAfter
			}
		}
	}
	return end
}

// unsecured explains why no secure connection came about.
func (o Options) unsecured(found Finding, e *Error) Finding {
	var wrong *tls.CertificateVerificationError
	if !errors.As(e.cause, &wrong) || len(wrong.UnverifiedCertificates) == 0 {
		if e.Kind == Refused { // it was ours that did not please
			found.Advice = "give a certificate that the receiver trusts as " + o.Prefix + "client-cert-file and client-key-file"
		}
		return found
	}
	found.Says += "; it is " + described(wrong.UnverifiedCertificates[0])
	var invalid x509.CertificateInvalidError
	if errors.As(e.cause, &invalid) && invalid.Reason == x509.Expired {
		return outOfTime(found, invalid.Cert)
	}
	return found
}

// outOfTime explains a certificate that is beyond either end of its time, by the
// clock of this machine, which may be what is wrong.
func outOfTime(found Finding, c *x509.Certificate) Finding {
	now := time.Now()
	clock := "the clock of this machine is right, which says " + now.UTC().Format(time.RFC3339)
	if now.Before(c.NotBefore) {
		found.Says = "TLS: the certificate " + described(c) + " is not valid before " + c.NotBefore.UTC().Format(time.RFC3339)
		found.Advice = "see whether " + clock
		return found
	}
	found.Says = "TLS: the certificate " + described(c) + " ended at " + c.NotAfter.UTC().Format(time.RFC3339)
	found.Advice = "have it renewed, if " + clock
	return found
}

// described says for whom a certificate is, and by whom. Both are words of strangers.
func described(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{c.Subject.CommonName}
	}
	return "for " + plaintext.Cut(strings.Join(firstOf(names, 3), ", "), 200) + " by " + plaintext.Cut(c.Issuer.String(), 200)
}
