package deliver

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"stocktake/collector/payload"
	"stocktake/collector/plaintext"
	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// InfralightRun is what a run has for Infralight.
type InfralightRun struct {
	Types    []payload.Type        // that the API server serves
	Releases iter.Seq[HelmRelease] // nil for none
	Objects  []*payload.Body       // pages of the kind payload.Infralight; none where there is no object
	Trees    []*payload.Body       // of the kind payload.InfralightTrees, if the service asks for trees
	Read     time.Time             // when the cluster had been read
}

// Deliver brings what a run has to the service, and returns nil only when the service has taken all of it and was told
// so. It tries for as long as ctx lets it, so ctx should have a deadline. The receipt is that of all requests together.
func (f *Fetching) Deliver(ctx context.Context, run InfralightRun) (Receipt, error) {
	began := time.Now()
	t := &tally{sum: Receipt{Receiver: f.address(""), Encoding: transport.Gzip}}
	err := f.bring(ctx, run, t)
	f.tell(ctx, run.Read, err)
	t.sum.Duration = time.Since(began)
	return t.sum, err
}

// Fail tells the service that nothing comes of a run that has begun, and why. What comes of telling it is an event.
func (f *Fetching) Fail(ctx context.Context, why error) { f.tell(ctx, time.Time{}, why) }

// bring sends everything, and the lock when all of it was taken.
func (f *Fetching) bring(ctx context.Context, run InfralightRun, t *tally) error {
	if err := f.check(run); err != nil {
		return err
	}
	releases := run.Releases
	if releases == nil {
		releases = func(func(HelmRelease) bool) {}
	}
	if err := f.bringReleases(ctx, run.Types, releases, t); err != nil {
		return fmt.Errorf("helm: %w", err)
	}
	if f.trees {
		if err := f.bringPages(ctx, "tree", run.Trees, t); err != nil {
			return err
		}
	}
	if err := f.bringPages(ctx, "objects", run.Objects, t); err != nil {
		return err
	}
	if err := f.lock(ctx, t); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// check refuses pages that the service would take for those of another run, or for something else.
func (f *Fetching) check(run InfralightRun) error {
	for kind, pages := range map[payload.Kind][]*payload.Body{payload.Infralight: run.Objects, payload.InfralightTrees: run.Trees} {
		for _, page := range pages {
			if page.Kind != kind || !strings.HasPrefix(page.Key, f.head.FetchingID()+"-") {
				return fmt.Errorf("%w: a page is of kind %q and of run %q: Infralight takes pages of kind %q of the run that it knows to have begun", settings.ErrInvalid, page.Kind, page.Key, kind)
			}
		}
	}
	return nil
}

// bringPages sends the pages of one step, which the service takes in any order.
func (f *Fetching) bringPages(ctx context.Context, step string, pages []*payload.Body, t *tally) error {
	err := sideBySide(ctx, pages, "page", func(ctx context.Context, page *payload.Body) error {
		return f.bringPage(ctx, step, page, t)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}

func (f *Fetching) bringPage(ctx context.Context, step string, page *payload.Body, t *tally) error {
	return f.send(ctx, http.MethodPost, step, &transport.Content{Encoding: transport.Gzip, Size: page.GzipSize(), Open: page.Gzip}, t)
}

// lock says that all pages of the run were sent: from then on the service has what they hold.
func (f *Fetching) lock(ctx context.Context, t *tally) error {
	content, err := document(map[string]string{"fetchingId": f.head.FetchingID(), "clusterId": f.head.Cluster})
	if err != nil {
		return err
	}
	return f.send(ctx, http.MethodPatch, "", content, t)
}

// fetchingMetadata is how a run went.
type fetchingMetadata struct {
	Fetching string                `json:"fetchingId"`
	Began    string                `json:"startDate"`
	Ended    string                `json:"endDate"`
	Result   string                `json:"result"`
	Error    string                `json:"error,omitempty"`
	Version  string                `json:"collectorVersion"`
	Stats    map[string]phaseStats `json:"collectorStats"`
	Server   string                `json:"serverVersion,omitempty"`
}

type phaseStats struct {
	Took time.Duration `json:"collectionTime"` // in nanoseconds
}

// tellWithin is how long a run is kept waiting by it.
const tellWithin = 15 * time.Second

// tell sends the metadata of the run. Services that do not name the integration do not know this step. It is not waited for
// where the run was called off, and nothing depends on it.
func (f *Fetching) tell(ctx context.Context, read time.Time, failure error) {
	if f.integration == "" || ctx.Err() != nil {
		return
	}
	began := f.head.Time.UTC()
	m := fetchingMetadata{
		Fetching: f.head.FetchingID(), Began: began.Format(time.RFC3339), Ended: time.Now().UTC().Format(time.RFC3339),
		Result: "success", Version: f.head.ToolVersion, Stats: map[string]phaseStats{}, Server: f.head.Server.GitVersion,
	}
	if !read.IsZero() {
		m.Stats["k8s_objects"] = phaseStats{Took: read.Sub(began)}
	}
	if failure != nil {
		m.Result, m.Error = "failure", plaintext.Cut(failure.Error(), transport.MaxWords)
	}
	content, err := document(m)
	if err == nil {
		hurried, cancel := context.WithTimeout(ctx, tellWithin)
		defer cancel()
		err = f.send(hurried, http.MethodPost, "metadata", content, &tally{})
	}
	if err != nil {
		f.of.api.report(Event{Receiver: f.address("metadata"), Message: "the service was not told how the run went; what it has of the run is not affected", Warning: true, Err: err})
	}
}
