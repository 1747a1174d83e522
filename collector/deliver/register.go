package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// RegistrationOptions say how this collector introduces itself to Anchore Enterprise.
type RegistrationOptions struct {
	Enabled         bool   `setting:"anchore-registration.enabled" envDefault:"false" doc:"introduce this collector to Anchore Enterprise 5.11 or newer as an integration, and tell it how each run went"`
	ID              string `setting:"anchore-registration.registration-id" doc:"what the service knows the integration by; by default derived from the CronJob or the cluster, so that every run is the same one"`
	Name            string `setting:"anchore-registration.integration-name" doc:"name of the integration, for people"`
	Description     string `setting:"anchore-registration.integration-description" doc:"description of the integration, for people"`
	IntervalSeconds int    `setting:"anchore-registration.interval-seconds" envDefault:"900" doc:"how often there is a run; after three that did not come the service calls the integration inactive"`
}

// Integration is one run of a collector as Anchore's list of integrations shows it.
type Integration struct {
	RegistrationOptions

	Instance   string    // tells apart those that share the ID; the same in every run
	Version    string    // of the program
	Started    time.Time // when the run began
	Cluster    string
	Namespace  string   // that the collector runs in; empty outside of a cluster
	Accounts   []string // that static routes name
	Namespaces []string // that static routes name, patterns as they are written

	Collected  time.Time // the timestamp of all bodies
	Deliveries []Delivery
	Failure    string // why the run came to no delivery; empty when it came to one
}

// Delivery is what became of one body. Those of an account are its batches, in their order.
type Delivery struct {
	Account string // empty for that of the settings
	Time    time.Time
	Err     error
}

const (
	pathRegistration = "v2/system/integrations/registration"
	pathHealthReport = "v2/system/integrations/%s/health-report"

	// registerWithin is how long a run may be kept waiting by what is no part of its task.
	registerWithin = 10 * time.Second

	// integrationsSince is the first release that knows integrations, major and minor.
	integrationsSince = "5.11"
)

// Register introduces the collector, which the service then knows by its pair of ids, and reports how the run went.
// It takes ten seconds at most, and is for the end of a run: whatever it returns is a reason for a warning, never for
// a run to fail.
func (a *Anchore) Register(ctx context.Context, i Integration) error {
	ctx, cancel := context.WithTimeout(ctx, registerWithin)
	defer cancel()
	if err := a.register(ctx, i); err != nil {
		return fmt.Errorf("register as an integration: %w", err)
	}
	return nil
}

func (a *Anchore) register(ctx context.Context, i Integration) error {
	if i.ID == "" || i.Instance == "" {
		return settings.Invalid("anchore-registration.registration-id", "is not set, and nothing is there to derive it from")
	}
	own, err := a.options.credentials(a.options.Account)
	if err != nil {
		return err
	}
	if err := a.supportsIntegrations(ctx); err != nil {
		return err
	}
	id, err := a.introduce(ctx, i, own)
	if err != nil {
		return err
	}
	_, err = a.post(ctx, fmt.Sprintf(pathHealthReport, id), own, a.healthReport(i))
	return err
}

// supportsIntegrations asks the service for its release, without credentials.
func (a *Anchore) supportsIntegrations(ctx context.Context) error {
	e := request{method: http.MethodGet, url: a.address(pathVersion), header: http.Header{}}
	said, fault := a.client.ask(ctx, e, true)
	if fault != nil {
		return fault
	}
	if release := releaseOf(said.body); !knowsIntegrations(release) {
		return fmt.Errorf("%s: release %q: Anchore Enterprise knows integrations from %s on", e.url, release, integrationsSince)
	}
	return nil
}

// knowsIntegrations says whether a release is new enough; one that is not known is not.
func knowsIntegrations(release string) bool { return atLeast(release, integrationsSince) }

// atLeast compares major and minor of a release.
func atLeast(release, least string) bool {
	major, minor, ok := majorMinor(release)
	leastMajor, leastMinor, _ := majorMinor(least)
	return ok && (major > leastMajor || major == leastMajor && minor >= leastMinor)
}

func majorMinor(release string) (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(release, "v"), ".")
	second, _, _ := strings.Cut(rest, ".")
	second, _, _ = strings.Cut(second, "-")
	major, err := strconv.Atoi(first)
	minor, minorErr := strconv.Atoi(second)
	return major, minor, err == nil && minorErr == nil
}

// introduce returns the UUID under which the service knows the integration.
func (a *Anchore) introduce(ctx context.Context, i Integration, own Credentials) (string, error) {
	said, err := a.post(ctx, pathRegistration, own, newRegistration(i, own))
	if err != nil {
		return "", err
	}
	var known struct {
		UUID string `json:"uuid"`
	}
	if err := json.Unmarshal(said.body, &known); err != nil || !uuidForm.MatchString(known.UUID) {
		return "", errors.New("the answer to the registration names no UUID")
	}
	return known.UUID, nil
}

// uuidForm keeps a strange answer from leading to a strange path.
var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// post sends a small body and returns the answer.
func (a *Anchore) post(ctx context.Context, path string, own Credentials, body any) (*answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	e := request{method: http.MethodPost, url: a.address(path), header: a.headers(a.options.Account, own)}
	e.header.Set("Content-Type", payload.ContentType)
	e.content = &content{encoding: Identity, size: int64(len(text)), open: func() io.ReadCloser {
		return io.NopCloser(bytes.NewReader(text))
	}}
	said, fault := a.client.ask(ctx, e, true)
	if fault == nil {
		return said, nil
	}
	switch fault.Status { // what advise knows of these is about inventories
	case http.StatusForbidden:
		fault.Advice = "the user needs the permissions registerIntegration and reportHealth"
	case http.StatusNotFound:
		fault.Advice = ""
	}
	return nil, fault
}
