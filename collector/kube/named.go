package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"stocktake/collector/inventory"
)

// ErrNotFound means that something the settings name does not exist.
var ErrNotFound = errors.New("not found")

// NamespacesNamed reads namespaces one by one, in the given order, which needs
// the right to get them and no right beyond them. One that does not exist or may
// not be read is a gap; when none may be read, the refusal is the error.
func (c *Cluster) NamespacesNamed(ctx context.Context, names []string) ([]inventory.Namespace, []inventory.Gap, error) {
	var found []inventory.Namespace
	var gaps []inventory.Gap
	b := newBuilder(c.opts.OfNamespaces)
	for _, name := range names {
		ns, err := c.namespaceNamed(ctx, b, name)
		switch {
		case err == nil:
			found = append(found, ns)
		case ctx.Err() != nil || !errors.Is(err, ErrRefused) && !errors.Is(err, ErrNotFound):
			return nil, gaps, err
		default:
			gaps = append(gaps, inventory.Gap{Source: "namespace " + name, Reason: err.Error(), Cause: err})
		}
	}
	if len(found) == 0 && len(gaps) > 0 && errors.Is(gaps[0].Cause, ErrRefused) {
		return nil, gaps, gaps[0].Cause
	}
	return found, gaps, nil
}

func (c *Cluster) namespaceNamed(ctx context.Context, b *builder, name string) (inventory.Namespace, error) {
	source := "namespace " + name
	var r namespaceRecord
	err := c.question(ctx, source, func() error {
		return c.getJSON(ctx, "api/v1/namespaces/"+url.PathEscape(name), &r)
	})
	var status *statusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return inventory.Namespace{}, fmt.Errorf("%w: %s does not exist, and namespace-selectors.include names it", ErrNotFound, source)
	}
	if err != nil {
		return inventory.Namespace{}, fmt.Errorf("get %s: %w", source, err)
	}
	return b.namespace(&r), nil
}
