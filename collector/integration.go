package collector

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"stocktake/collector/deliver"
	"stocktake/collector/settings"
)

// The time that Anchore's list of integrations may cost: until it is known which
// one this is, and in all after a failure.
const (
	identifyWithin     = 5 * time.Second
	identifySoonWithin = time.Second
	failureWithin      = 4 * time.Second
)

// register tells Anchore that this collector exists and how the run went, when
// that is asked for. It never changes the outcome of a run.
func (r *run) register(ctx context.Context) {
	r.untold = false
	if r.anchore == nil || !r.set.Registration.Enabled {
		return
	}
	if err := r.introduce(ctx, "", identifyWithin); err != nil {
		r.log.Warn().Err(err).Msg("the integration was not registered; the inventory is not affected")
	}
}

// registerFailure tells Anchore why a run came to no delivery. It takes seconds,
// also where the deadline has passed, and comes when the exit code stands. Whoever
// stops a run is not kept waiting.
func (r *run) registerFailure(ctx context.Context) {
	if !r.untold || r.anchore == nil || !r.set.Registration.Enabled || CodeOfSignal(ctx) != OK {
		return
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if CodeOfSignal(ctx) != OK {
			cancel()
		}
	})()
	if err := r.introduce(within, r.summary.Reason, identifySoonWithin); err != nil {
		r.log.Warn().Err(err).Msg("the failure of this run is not in Anchore's list of integrations")
	}
}

func (r *run) introduce(ctx context.Context, failure string, identify time.Duration) error {
	i := deliver.Integration{
		RegistrationOptions: r.set.Registration,
		Instance:            r.summary.Cluster,
		Version:             r.inv.Build.Version,
		Started:             r.began,
		Cluster:             r.summary.Cluster,
		Namespace:           settings.Environment(r.inv.Environ)["POD_NAMESPACE"],
		Collected:           r.summary.Started,
		Deliveries:          r.reported,
		Failure:             failure,
	}
	if i.ID == "" {
		i.ID = cmp.Or(r.cronJob(ctx, identify), r.derivedID())
	}
	for _, route := range r.set.Route.Routes {
		i.Accounts = append(i.Accounts, route.Account)
		i.Namespaces = append(i.Namespaces, route.Namespaces...)
	}
	return r.anchore.Register(ctx, i)
}

// cronJob is the UID of the CronJob that this pod belongs to, which is the same
// in every run. It is empty outside of a cluster, and where it may not be read.
func (r *run) cronJob(ctx context.Context, within time.Duration) string {
	vars := settings.Environment(r.inv.Environ)
	namespace, pod := vars["POD_NAMESPACE"], cmp.Or(vars["POD_NAME"], vars["HOSTNAME"])
	if !settings.InPod(r.inv.Environ) || namespace == "" || pod == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, within)
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
