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

// introduction is what Anchore's list of integrations is told of a run beside the plan.
type introduction struct {
	clusterUID string
	deliveries []deliver.Delivery
	failure    string        // why there was no delivery; empty after one
	identify   time.Duration // how long finding out which integration this is may take
}

// register tells Anchore that this collector exists and how the run went, when
// that is asked for. It never changes the outcome of a run.
func register(ctx context.Context, s *Session, p *Plan, i introduction) {
	if p.anchore() == nil || !s.Settings.Registration.Enabled {
		return
	}
	i.identify = identifyWithin
	if err := introduce(ctx, s, p, i); err != nil {
		s.Log.Warn().Err(err).Msg("the integration was not registered; the inventory is not affected")
	}
}

// registerFailure tells Anchore why a run came to no delivery. It takes seconds,
// also where the deadline has passed, and comes when the exit code stands. Whoever
// stops a run is not kept waiting.
func registerFailure(ctx context.Context, s *Session, p *Plan, i introduction) {
	if p.anchore() == nil || !s.Settings.Registration.Enabled || CodeOfSignal(ctx) != OK {
		return
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if CodeOfSignal(ctx) != OK {
			cancel()
		}
	})()
	i.identify = identifySoonWithin
	if err := introduce(within, s, p, i); err != nil {
		s.Log.Warn().Err(err).Msg("the failure of this run is not in Anchore's list of integrations")
	}
}

func introduce(ctx context.Context, s *Session, p *Plan, of introduction) error {
	i := deliver.Integration{
		RegistrationOptions: s.Settings.Registration,
		Instance:            p.Cluster,
		Version:             s.Build.Version,
		Started:             s.Began,
		Cluster:             p.Cluster,
		Namespace:           s.Variable("POD_NAMESPACE"),
		Collected:           s.started(),
		Deliveries:          of.deliveries,
		Failure:             of.failure,
	}
	if i.ID == "" {
		i.ID = cmp.Or(cronJob(ctx, s, p, of.identify), derivedID(cmp.Or(of.clusterUID, p.Cluster)))
	}
	for _, route := range s.Settings.Route.Routes {
		i.Accounts = append(i.Accounts, route.Account)
		i.Namespaces = append(i.Namespaces, route.Namespaces...)
	}
	return p.anchore().Register(ctx, i)
}

// cronJob is the UID of the CronJob that this pod belongs to, which is the same
// in every run. It is empty outside of a cluster, and where it may not be read.
func cronJob(ctx context.Context, s *Session, p *Plan, within time.Duration) string {
	namespace, pod := s.Variable("POD_NAMESPACE"), cmp.Or(s.Variable("POD_NAME"), s.Variable("HOSTNAME"))
	if !settings.InPod(s.Environ) || namespace == "" || pod == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	id, err := p.Kube().CronJobUID(ctx, namespace, pod)
	if err != nil {
		s.Log.Warn().Err(err).Msg("the CronJob is not known: the integration goes by the cluster, and may be listed a second time beside that of the CronJob's runs (anchore-registration.registration-id names it)")
	}
	return id
}

// derivedID is a UUID (version 5, RFC 9562) that is the same in every run over
// the same cluster, of which it takes the UID or else the name.
func derivedID(cluster string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("stocktake integration of "+cluster)).String()
}
