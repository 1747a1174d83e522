package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

// acceptDiscovery asks for all groups with their types in one document: in v2, which
// servers have since 1.30, or in v2beta1, which they have since 1.27 and 1.36 has no more,
// or, as older servers have neither, for the plain document.
const acceptDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," + string(wire.JSON)

// Discover asks which types the API server serves: two requests, and where the server or
// what stands in front of it has only plain documents, one more for each version of each
// group. Everybody whom the server knows may ask (the role system:discovery).
//
// A group version whose types cannot be told is Stale, and no error. Which group versions
// are of other servers is asked only if findAggregated is set: it takes the right to list
// apiservices.
func (c *Cluster) Discover(ctx context.Context, findAggregated bool) (Discovered, error) {
	var d Discovered
	for _, path := range []string{"api", "apis"} {
		versions, err := c.discoverBelow(ctx, path)
		if err != nil {
			return Discovered{}, fmt.Errorf("discover the types of objects: %w", err)
		}
		d.Versions = append(d.Versions, versions...)
	}
	if err := d.check(); err != nil {
		return Discovered{}, fmt.Errorf("discover the types of objects: %w", err)
	}
	if !findAggregated {
		return d, nil
	}
	aggregated, err := c.aggregated(ctx)
	for i := range d.Versions {
		v := &d.Versions[i]
		v.Aggregated = aggregated[v.Version+"."+v.Group]
	}
	return d, err
}

// discoverBelow asks for the groups below an address, with their types.
func (c *Cluster) discoverBelow(ctx context.Context, path string) ([]GroupVersion, error) {
	versions, plain, err := c.groups(ctx, path, acceptDiscovery)
	if status, ok := errors.AsType[*statusError](err); ok && takesNoAlternatives(status.Code) {
		versions, plain, err = c.groups(ctx, path, string(wire.JSON))
	}
	if err != nil || !plain {
		return versions, err
	}
	return c.discoverEach(ctx, path, versions)
}

// takesNoAlternatives reports a status with which something in front of an API server
// may answer to an Accept header that it does not understand.
func takesNoAlternatives(code int) bool {
	return code == http.StatusNotAcceptable || code == http.StatusNotFound || code == http.StatusBadRequest || code == http.StatusUnsupportedMediaType
}

func (c *Cluster) groups(ctx context.Context, path, accept string) (versions []GroupVersion, plain bool, err error) {
	answer, err := c.answer(ctx, c.quick, "types of objects", request{path: path, accept: accept})
	if err == nil {
		versions, plain, err = readGroups(answer)
	}
	if err != nil {
		return nil, false, fmt.Errorf("get /%s: %w", path, err)
	}
	return versions, plain, nil
}

// discoverEach asks for the types of each group version, several at a time. One that was
// listed and is not found is gone if the server does not list it any more.
func (c *Cluster) discoverEach(ctx context.Context, path string, versions []GroupVersion) ([]GroupVersion, error) {
	todo := make(chan *GroupVersion, len(versions))
	for i := range versions {
		todo <- &versions[i]
	}
	close(todo)
	var workers sync.WaitGroup
	for range min(c.opts.workers(), len(versions)) {
		workers.Go(func() {
			for v := range todo {
				v.Stale = Caught(func() error { return c.discoverTypes(ctx, path, v) })
			}
		})
	}
	workers.Wait()
	lost := func(v GroupVersion) bool { return IsNotFound(v.Stale) }
	if ctx.Err() != nil {
		return nil, transport.Ended(ctx)
	}
	if !slices.ContainsFunc(versions, lost) {
		return versions, nil
	}
	now, _, err := c.groups(ctx, path, string(wire.JSON))
	return slices.DeleteFunc(versions, func(v GroupVersion) bool {
		return lost(v) && !slices.ContainsFunc(now, func(n GroupVersion) bool { return n.Name() == v.Name() })
	}), err
}

// discoverTypes asks for the types of a group version. A server behind an APIService that
// does not answer is asked twice: there may be many of these.
func (c *Cluster) discoverTypes(ctx context.Context, path string, v *GroupVersion) error {
	twice := c.quick
	twice.attempts = 2
	answer, err := c.answer(ctx, twice, "types of "+v.Name(), request{path: path + "/" + v.Name(), accept: string(wire.JSON)})
	if err == nil {
		err = v.readTypes(answer)
	}
	if err != nil {
		return fmt.Errorf("get /%s/%s: %w", path, v.Name(), err)
	}
	return nil
}

// automanaged is the label of APIServices that the API server made for itself: for its
// own groups, and for those of CRDs.
const automanaged = "kube-aggregator.kubernetes.io/automanaged"

// apiServices is a page of the list of APIServices that are not automanaged.
type apiServices struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	Items []struct {
		Metadata struct {
			Name   string            `json:"name"`
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
	} `json:"items"`
}

// AggregatedRight is the right that it takes to tell the types of other servers from
// those of the API server.
func AggregatedRight() Right {
	return Right{Verb: "list", Group: "apiregistration.k8s.io", Resource: "apiservices"}
}

// aggregated lists the names of the APIServices behind which there are other servers:
// VERSION.GROUP. An API server without the aggregation layer has none.
func (c *Cluster) aggregated(ctx context.Context) (map[string]bool, error) {
	names := map[string]bool{}
	for token, pages := "", 0; ; pages++ {
		page, err := c.apiServices(ctx, token)
		if next, ok := expired(err); ok && pages < maxAPIServicePages {
			token = next
			continue
		}
		if IsNotFound(err) {
			return names, nil
		}
		if err == nil && (!strings.HasSuffix(page.Kind, "List") || pages == maxAPIServicePages) {
			err = malformed(fmt.Errorf("%d pages, and a %.100q in the place of a list", pages, page.Kind))
		}
		if err != nil {
			return nil, fmt.Errorf("list apiservices.apiregistration.k8s.io: %w", err)
		}
		for _, item := range page.Items {
			if item.Metadata.Labels[automanaged] == "" {
				names[item.Metadata.Name] = true
			}
		}
		if token = page.Metadata.Continue; token == "" {
			return names, nil
		}
	}
}

const maxAPIServicePages = 1000

func (c *Cluster) apiServices(ctx context.Context, token string) (page apiServices, err error) {
	query := url.Values{"limit": {"500"}, "labelSelector": {"!" + automanaged}}
	if token != "" {
		query.Set("continue", token)
	}
	answer, err := c.answer(ctx, c.quick, "apiservices", request{
		path: "apis/apiregistration.k8s.io/v1/apiservices", query: query,
		accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + string(wire.JSON),
	})
	if err == nil {
		err = readDocument(answer, &page)
	}
	return page, err
}
