package doctor

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"stocktake/collector"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/report"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// doctor is an examination on its way.
type doctor struct {
	session *collector.Session
	plan    *collector.Plan
	checks  *report.Checks
	faults  [stages][]fault
	shown   error             // why the checks could not be shown
	about   inventory.Cluster // as far as it was looked at
	gaps    []inventory.Gap   // what a run would do without
	pods    int64             // about as many as there are to read
	objs    int64             // bytes of whole objects in a body, before compression
}

func newDoctor(s *collector.Session, format string) *doctor {
	d := &doctor{session: s, plan: &collector.Plan{}}
	if format == "json" {
		d.checks = report.NewChecks(nil, report.Screen{})
	} else {
		d.checks = report.NewChecks(s.Stdout, s.Screen(false))
	}
	return d
}

// stage is when in a run a fault would end it. The first counts.
type stage int

const (
	atStart     stage = iota // the settings
	inPreflight              // of the receivers
	inReading                // of the cluster
	inDelivery
	inRecording
	stages
)

// fault is what a run would fail with, and the words in which that was told.
type fault struct {
	err  error
	says string
}

// kinds are the kinds of body that receivers want.
func (d *doctor) kinds() map[string]bool {
	kinds := map[string]bool{}
	for _, t := range d.plan.Receivers {
		kinds[string(t.Kind)] = true
	}
	return kinds
}

// tell shows a check.
func (d *doctor) tell(area string, verdict report.Verdict, says, advice string) {
	d.note(d.checks.Add(report.Check{Area: area, Verdict: verdict, Says: says, Advice: advice}))
}

// tellFinding shows what a probe found.
func (d *doctor) tellFinding(area string, f transport.Finding) {
	d.tell(area, report.Verdict(f.Verdict), f.Says, f.Advice)
}

// fail shows a check that a run would not survive.
func (d *doctor) fail(when stage, area string, err error, advice string) {
	err = d.session.Given.Locate(err)
	d.faults[when] = append(d.faults[when], fault{err, plainly(err)})
	d.tell(area, report.Failed, plainly(err), advice)
}

// note keeps the first error of showing.
func (d *doctor) note(err error) {
	if d.shown == nil {
		d.shown = err
	}
}

// plainly is an error without the mark of its package.
func plainly(err error) string {
	words := err.Error()
	for _, mark := range []string{"settings: ", "kubernetes is not available: ", "kubernetes refused: "} {
		words = strings.TrimPrefix(words, mark)
	}
	return words
}

// each are the errors that were joined, one by one. What wraps several is one error.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || reflect.TypeOf(err) != reflect.TypeOf(errors.Join(err)) {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, each(one)...)
	}
	return all
}

const areaNamespaces = "namespaces"

// errNothingSelected is that of a run whose selectors match nothing.
func errNothingSelected() error {
	return fmt.Errorf("%w: the namespace selectors match no namespace: nothing is delivered unless allow-empty=true", collector.ErrEmpty)
}

const adviceRights = "have an administrator grant it: stocktake rbac prints the least role for these settings, for kubectl apply -f -"

// failReading tells of a refusal to read only if the rights have not told of it.
func (d *doctor) failReading(area string, err error) {
	if errors.Is(err, kube.ErrRefused) && len(d.faults[inReading]) > 0 {
		d.faults[inReading] = append(d.faults[inReading], fault{err, plainly(err)})
		return
	}
	advice := adviceServer(err)
	if errors.Is(err, kube.ErrRefused) {
		advice = adviceRights
	}
	d.fail(inReading, area, err, advice)
}

// adviceServer is the way out when the server does not answer, or refuses to.
func adviceServer(err error) string {
	words := err.Error()
	switch {
	case strings.HasPrefix(plainly(err), "exec plugin ") || strings.Contains(words, ": exec plugin "):
		return "run the program by hand, with the args and env of the kubeconfig's exec section, and see what it prints"
	case errors.Is(err, settings.ErrInvalid):
		return "" // the error says it
	case strings.Contains(words, "proxyconnect "), strings.Contains(words, "socks connect "), strings.Contains(words, "the proxy "):
		return "see whether the proxy is the right one (HTTPS_PROXY, or proxy-url of the kubeconfig) and works; NO_PROXY lists what is reached without"
	case errors.Is(err, kube.ErrRefused):
		return "the server does not know who asks: renew the credentials of the kubeconfig, or see whether the pod's service account exists and its token is mounted"
	case strings.Contains(words, "certificate has expired or is not yet valid"):
		return "have the certificate renewed; if the clock of this machine is wrong, which says " + time.Now().UTC().Format(time.RFC3339) + ", set that"
	case strings.Contains(words, "x509:"):
		return "see whether the kubeconfig has the certificate-authority-data of this cluster, and whether its server is a name of the certificate"
	case strings.Contains(words, "no such host"):
		return "mend the host of the server in the kubeconfig, or the name server of this machine"
	}
	return "see whether the address is right (-kubeconfig, -context, KUBECONFIG) and whether a firewall, a VPN or a network policy is in between"
}

// writable makes a file in a folder, and removes it at once: nothing else tells
// as much about quotas, read-only mounts and rights.
func writable(folder string) error {
	file, err := os.CreateTemp(folder, "stocktake-*.probe")
	if err != nil {
		return err
	}
	_ = file.Close() // it was not written to
	return os.Remove(file.Name())
}
