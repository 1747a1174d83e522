package collector

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"stocktake/collector/deliver"
)

// register tells Anchore that this collector exists and how the run went, when
// that is asked for. It never changes the outcome of a run.
func (r *run) register(ctx context.Context) {
	if r.anchore == nil || !r.set.Registration.Enabled {
		return
	}
	i := deliver.Integration{
		RegistrationOptions: r.set.Registration,
		Instance:            r.summary.Cluster,
		Version:             r.inv.Build.Version,
		Started:             r.began,
		Cluster:             r.summary.Cluster,
		Namespace:           toMap(r.inv.Environ)["POD_NAMESPACE"],
		Collected:           r.head.Time,
		Deliveries:          r.reported,
	}
	if i.ID == "" {
		i.ID = cmp.Or(r.cronJob(ctx), r.derivedID())
	}
	for _, route := range r.set.Route.Routes {
		i.Accounts = append(i.Accounts, route.Account)
		i.Namespaces = append(i.Namespaces, route.Namespaces...)
	}
	if err := r.anchore.Register(ctx, i); err != nil {
		r.log.Warn().Err(err).Msg("the integration was not registered; the inventory is not affected")
	}
}

// cronJob is the UID of the CronJob that this pod belongs to, which is the same
// in every run. It is empty outside of a cluster, and where it may not be read.
func (r *run) cronJob(ctx context.Context) string {
	vars := toMap(r.inv.Environ)
	namespace, pod := vars["POD_NAMESPACE"], cmp.Or(vars["POD_NAME"], vars["HOSTNAME"])
	if !inPod(r.inv.Environ) || namespace == "" || pod == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	id, err := r.cluster.CronJobUID(ctx, namespace, pod)
	if err != nil {
		r.log.Warn().Err(err).Msg("the CronJob is not known: the integration goes by the cluster, and may be listed a second time beside that of the CronJob's runs (anchore-registration.registration-id names it)")
	}
	return id
}

// derivedID is a UUID (version 5, RFC 9562) that is the same in every run over
// the same cluster.
func (r *run) derivedID() string {
	cluster := cmp.Or(r.head.ClusterUID, r.summary.Cluster)
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("stocktake integration of "+cluster)).String()
}
