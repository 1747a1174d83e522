package deliver

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stocktake/collector/payload"
)

// Stored is an image of a namespace that Anchore holds, in the words of its API.
type Stored struct {
	Account   string `json:"account,omitempty"` // whose it is
	Namespace string `json:"namespace"`
	Image     string `json:"image_tag"`
	Digest    string `json:"image_digest"` // empty if none was reported
	Type      string `json:"inventory_type"`
	Context   string `json:"context"` // cluster/namespace
	Created   string `json:"created_at,omitempty"`
	Updated   string `json:"last_updated,omitempty"`
	Seen      string `json:"last_seen,omitempty"`
}

// The paths that list what was reported. The older one is also that which takes the body of KAI.
const (
	pathItemsV2 = "v2/inventories"
	pathItemsV1 = pathKAI
)

// Stored asks what the service holds of a cluster for an account, sorted by namespace, image and digest; an empty
// account means that of the settings. Preflight comes first. A service that turns out not to know the path of the newer
// API is asked by the older one, unless anchore.api-version insists on the newer.
//
// What is known of that API is the OpenAPI document of the service: GET /v2/inventories answers an object whose items
// all have optional members, the older path the same items as a bare array; there is no paging. An answer that says
// there is more than it holds is therefore refused rather than taken for the whole. Whether the filter context=CLUSTER
// finds CLUSTER/NAMESPACE is not said, so it is not used: the items of all clusters pass by, and those of others are
// forgotten one by one.
func (a *Anchore) Stored(ctx context.Context, cluster, account string) ([]Stored, error) {
	account = cmp.Or(account, a.options.Account)
	own, err := a.options.credentials(account)
	if err != nil {
		return nil, err
	}
	path := pathItemsV2
	if a.path == pathV1 || a.Kind() == payload.KAI {
		path = pathItemsV1
	}
	l := &listing{cluster: cluster, account: account}
	fault := a.list(ctx, path, own, l)
	if a.options.APIVersion == auto && path == pathItemsV2 && isPathUnknown(fault) {
		older := &listing{cluster: cluster, account: account}
		if again := a.list(ctx, pathItemsV1, own, older); !isPathUnknown(again) {
			l, fault = older, again
		}
	}
	if fault != nil {
		return nil, fault
	}
	slices.SortFunc(l.found, func(x, y Stored) int {
		return cmp.Or(strings.Compare(x.Namespace, y.Namespace), strings.Compare(x.Image, y.Image), strings.Compare(x.Digest, y.Digest))
	})
	return l.found, nil
}

func (a *Anchore) list(ctx context.Context, path string, own Credentials, l *listing) *Error {
	query := url.Values{"inventory_type": {"kubernetes"}}
	e := request{
		method: http.MethodGet, url: a.address(path) + "?" + query.Encode(),
		header: a.headers(l.account, own), take: l.take,
	}
	e.header.Set("Accept-Encoding", Gzip) // ours to unpack then, so that both sizes are known
	_, fault := a.client.send(ctx, e)
	if fault != nil && fault.Status == http.StatusForbidden && !errors.Is(fault, ErrAccountNotFound) {
		fault.Advice = "the user may not read the inventories of this account"
	}
	return fault
}

// isPathUnknown tells a path that is not there from an account that is not there.
func isPathUnknown(fault *Error) bool {
	return fault != nil && fault.Status == http.StatusNotFound && !errors.Is(fault, ErrAccountNotFound)
}
