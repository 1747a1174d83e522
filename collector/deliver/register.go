package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

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
	req := a.version()
	said, e := a.client.Do(ctx, req)
	if e != nil {
		return failed(e)
	}
	if release := releaseOf(said.Body); !knowsIntegrations(release) {
		return fmt.Errorf("%s: release %q: Anchore Enterprise knows integrations from %s on", req.URL, release, integrationsSince)
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
	if err := json.Unmarshal(said, &known); err != nil || !uuidForm.MatchString(known.UUID) {
		return "", errors.New("the answer to the registration names no UUID")
	}
	return known.UUID, nil
}

// uuidForm keeps a strange answer from leading to a strange path.
var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// post sends a small body and returns that of the answer.
func (a *Anchore) post(ctx context.Context, path string, own Credentials, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req := a.request(http.MethodPost, path, a.options.Account, own)
	req.Header.Set("Content-Type", payload.ContentType)
	req.Content, req.Retry = transport.Bytes(text), hurriedly()
	said, e := a.client.Do(ctx, req)
	if e == nil {
		return said.Body, nil
	}
	switch e.Status { // what is advised of these is about inventories
	case http.StatusForbidden:
		e.Advice = "the user needs the permissions registerIntegration and reportHealth"
	case http.StatusNotFound:
		e.Advice = ""
	}
	return nil, failedAtAnchore(e)
}
