package deliver

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

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
	path := a.items()
	l := &listing{cluster: cluster, account: account}
	e := a.list(ctx, path, own, l)
	if a.options.APIVersion == auto && path == pathItemsV2 && isPathUnknown(e) {
		older := &listing{cluster: cluster, account: account}
		if again := a.list(ctx, pathItemsV1, own, older); !isPathUnknown(again) {
			l, e = older, again
		}
	}
	if e != nil {
		return nil, failedAtAnchore(e)
	}
	slices.SortFunc(l.found, func(x, y Stored) int {
		return cmp.Or(strings.Compare(x.Namespace, y.Namespace), strings.Compare(x.Image, y.Image), strings.Compare(x.Digest, y.Digest))
	})
	return l.found, nil
}

// items is the path that lists.
func (a *Anchore) items() string {
	if a.path == pathV1 || a.Kind() == payload.KAI {
		return pathItemsV1
	}
	return pathItemsV2
}

func (a *Anchore) list(ctx context.Context, path string, own Credentials, l *listing) *transport.Error {
	req := a.request(http.MethodGet, path, l.account, own)
	req.URL += "?" + url.Values{"inventory_type": {"kubernetes"}}.Encode()
	req.Success, req.Read = []int{http.StatusOK}, l.take
	_, e := a.client.Do(ctx, req)
	if e != nil && e.Status == http.StatusForbidden && !isAccountUnknown(e) {
		e.Advice = "the user may not read the inventories of this account"
	}
	return e
}

// isPathUnknown tells a path that is not there from an account that is not there.
func isPathUnknown(e *transport.Error) bool {
	return e != nil && e.Status == http.StatusNotFound && !isAccountUnknown(e)
}
