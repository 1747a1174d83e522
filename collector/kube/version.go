package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"stocktake/collector/inventory"
)

// maxVersion bounds an answer to GET /version in bytes; the usual one has 400.
const maxVersion = 32 << 10

// Version asks which Kubernetes this is. A cluster may keep that to itself (its
// administrators take the role system:public-info-viewer away, kubernetes#84040), and
// a front end may know no such address: then the error is ErrVersionUnknown too.
func (c *Cluster) Version(ctx context.Context) (inventory.ServerVersion, error) {
	var version inventory.ServerVersion
	err := c.getObject(ctx, c.quick, "version", "version", &version)
	if err == nil {
		err = checkVersion(&version)
	}
	switch {
	case err == nil:
		return version, nil
	case ofVersionAlone(err):
		return inventory.ServerVersion{}, fmt.Errorf("%w: ask for the version: %w", ErrVersionUnknown, err)
	}
	return inventory.ServerVersion{}, fmt.Errorf("ask for the version: %w", err)
}

// checkVersion refuses what another service may answer.
func checkVersion(v *inventory.ServerVersion) error {
	if !v.Known() {
		return malformed(errors.New("no version in it"))
	}
	size := 0
	for _, other := range v.Others {
		size += len(other.Name) + len(other.Value)
	}
	if size > maxVersion {
		return malformed(fmt.Errorf("%d bytes of other members", size))
	}
	return nil
}

// ofVersionAlone reports an answer that says nothing of other questions. A 401 does:
// the server does not know who asks. So does what passes by itself.
func ofVersionAlone(err error) bool {
	if status, ok := errors.AsType[*statusError](err); ok {
		return status.Code != http.StatusUnauthorized && !status.temporary()
	}
	return errors.Is(err, errAnswer)
}

// Latency is the median time of n requests that cost the server nothing, over
// a connection that exists already if Version was asked for before.
func (c *Cluster) Latency(ctx context.Context, n int) (time.Duration, error) {
	times := make([]time.Duration, n)
	for i := range times {
		began := time.Now()
		if _, err := c.Version(ctx); err != nil {
			return 0, err
		}
		times[i] = time.Since(began)
	}
	return median(times), nil
}

func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}
