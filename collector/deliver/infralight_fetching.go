package deliver

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// ErrNotNow is the answer of a service that wants nothing of this run, and will of a later one. Nothing has failed.
var ErrNotNow = errors.New("nothing to do now")

// Fetching is a run that Infralight knows to have begun. It ends with Deliver or with Fail.
type Fetching struct {
	of          *Infralight
	head        payload.Head
	integration string // what the service calls this cluster; empty where it does not say so, as in 2022
	trees       bool

	mu      sync.Mutex
	session session
}

// Begin logs in, and tells the service that a run begins, before anything is read for it. Of the head it needs the
// cluster, its UID, the run and the time; the pages must be made with the same. It tries for as long as ctx lets it. A
// service that wants nothing now is ErrNotNow; one that has suspended the integration, or knows another cluster by this
// name, is ErrRefused.
func (i *Infralight) Begin(ctx context.Context, head payload.Head) (*Fetching, error) {
	if err := checkInfralightHead(head); err != nil {
		return nil, err
	}
	s, err := i.login(ctx, i.keys.retry)
	if err != nil {
		return nil, err
	}
	f := &Fetching{of: i, head: head, session: s}
	if err := f.start(ctx, s); err != nil {
		return nil, err
	}
	return f, nil
}

var infralightCluster = regexp.MustCompile(`^[a-z0-9_-]+$`)

func checkInfralightHead(head payload.Head) error {
	switch {
	case !infralightCluster.MatchString(head.Cluster):
		return settings.Invalid("cluster-id", "%q is not a name that Infralight takes: use lower-case letters, digits, - and _ only", head.Cluster)
	case head.ClusterUID == "":
		return settings.Invalid(infralightEndpoint, "Infralight knows clusters by the UID of the namespace kube-system, which could not be read: let this account get or list namespaces")
	}
	return nil
}

// Trees reports whether the service asks for trees of the objects.
func (f *Fetching) Trees() bool { return f.trees }

func (f *Fetching) start(ctx context.Context, s session) error {
	query := url.Values{"clusterUniqueId": {f.head.ClusterUID}, "fetchingId": {f.head.FetchingID()}, "getIntegrationId": {"true"}}
	if f.of.options.Override {
		query.Set("overrideUniqueClusterId", "1")
	}
	req := s.request(http.MethodGet, f.address("")+"?"+query.Encode())
	req.Success = []int{http.StatusOK, http.StatusNoContent}
	req.Final = func(_ int, e *transport.Error) bool { return e.Status == http.StatusTooEarly }
	said, e := s.Do(ctx, req)
	if e != nil {
		return notStarted(e)
	}
	if said.Status == http.StatusNoContent {
		f.trees = true
		return nil
	}
	var err error
	if f.integration, f.trees, err = readStart(said.Body); err != nil {
		return strange(f.address(""), said, err)
	}
	return nil
}

// notStarted gives the answers to a start that have a meaning of their own their words.
func notStarted(e *transport.Error) error {
	switch e.Status {
	case http.StatusTooEarly:
		e.Advice = "the service wants no objects of this cluster yet; a later run asks again"
		return marked{e, ErrNotNow}
	case http.StatusPaymentRequired:
		e.Advice = "the service has suspended the integration of this cluster: its support can lift that"
	case http.StatusConflict:
		e.Advice = "the service knows another cluster by this cluster-id: give this one another, or set " + infralight + "override-cluster-uid=true if the cluster was built anew"
	}
	return failed(e)
}

var errNoStart = errors.New("the answer to the start is not the name of an integration: not the answer of the API but of something in between, or of an API that is not known")

// readStart reads the answer to the start: a JSON string of the name of the integration, and whether trees are asked for
// after a comma. Where that is not said they are.
func readStart(body []byte) (integration string, trees bool, err error) {
	var text *string
	if json.Unmarshal(body, &text) != nil || text == nil {
		return "", false, errNoStart
	}
	integration, rest, _ := strings.Cut(*text, ",")
	asked, _, _ := strings.Cut(rest, ",")
	if integration == "" {
		return "", false, errNoStart
	}
	trees, err = strconv.ParseBool(strings.TrimSpace(asked))
	return integration, trees || err != nil, nil
}

// address is that of a step of the fetching; empty for the fetching itself.
func (f *Fetching) address(step string) string {
	return f.of.api.base.JoinPath("integrations", "k8s", f.head.Cluster, "fetching", step).String()
}

// request is one of a session.
func (s session) request(method, address string) transport.Request {
	return transport.Request{Method: method, URL: address, Header: http.Header{"Authorization": {"Bearer " + s.token}}, Retry: s.retry}
}

// tally sums up the requests of a delivery, of which several may be under way.
type tally struct {
	mu  sync.Mutex
	sum Receipt
}

func (t *tally) add(said transport.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Status = said.Status
	t.sum.Attempts += said.Attempts
	t.sum.Bytes += said.Sent
}

// send brings a compressed document to a step.
func (f *Fetching) send(ctx context.Context, method, step string, content *transport.Content, t *tally) error {
	s, err := f.current(ctx)
	if err != nil {
		return err
	}
	address := f.address(step)
	if f.integration != "" {
		address += "?" + url.Values{"integrationId": {f.integration}}.Encode()
	}
	req := s.request(method, address)
	req.Header.Set("Content-Type", payload.ContentType)
	req.Content, req.Success = content, []int{http.StatusNoContent}
	said, e := s.Do(ctx, req)
	t.add(said)
	return failed(e)
}

// current is the session, or another one if its time is over.
func (f *Fetching) current(ctx context.Context) (session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.session.until.IsZero() || time.Now().Before(f.session.until) {
		return f.session, nil
	}
	s, err := f.of.login(ctx, f.of.keys.retry)
	if err == nil {
		f.session = s
	}
	return s, err
}

// document is a JSON document, compressed.
func document(v any) (*transport.Content, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(w).Encode(v), w.Close()); err != nil {
		return nil, err
	}
	content := transport.Bytes(packed.Bytes())
	content.Encoding = transport.Gzip
	return content, nil
}
