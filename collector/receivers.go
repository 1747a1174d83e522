package collector

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/logging"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

// Receiver is somebody who gets the result.
type Receiver struct {
	Kind      payload.Kind
	Prober    deliver.Prober
	preflight func(context.Context) error
	receiver  deliver.Receiver
	anchore   *deliver.Anchore // whose list of integrations is told of deliveries; nil for others
	close     func()

	infralight *deliver.Infralight // which takes a run in steps, and has no receiver; nil for others
}

// openReceivers sets up every receiver that the settings name. It contacts nobody.
func openReceivers(s *Session) ([]Receiver, error) {
	var all []Receiver
	var errs []error
	add := func(r Receiver, err error) {
		errs = append(errs, err)
		if err == nil {
			all = append(all, r)
		}
	}
	if s.Settings.Anchore.Configured() {
		add(openAnchore(s))
	}
	if s.Settings.HTTP.Configured() {
		add(openHTTP(s))
	}
	if s.Settings.File.Configured() {
		add(openFile(s))
	}
	if s.Settings.Infralight.Configured() {
		add(openInfralight(s))
	}
	return all, errors.Join(errs...)
}

func openAnchore(s *Session) (Receiver, error) {
	o, told := s.Settings.Anchore, logging.Delivery(s.Log)
	o.Accounts = s.Settings.Route.Credentials()
	anchore, err := deliver.NewAnchore(o, s.Agent(), told)
	if err != nil {
		return Receiver{}, err
	}
	var receiver deliver.Receiver = anchore
	if account := s.Settings.Route.DefaultAccount; account != "" {
		receiver = deliver.WithDefaultAccount(anchore, account, told)
	}
	return Receiver{Kind: anchore.Kind(), Prober: anchore, preflight: anchore.Preflight, receiver: receiver, anchore: anchore, close: anchore.Close}, nil
}

func openHTTP(s *Session) (Receiver, error) {
	service, err := deliver.NewHTTP(s.Settings.HTTP, s.Agent(), logging.Delivery(s.Log))
	if err != nil {
		return Receiver{}, err
	}
	return Receiver{Kind: service.Kind(), Prober: service, preflight: service.Preflight, receiver: service, close: service.Close}, nil
}

func openFile(s *Session) (Receiver, error) {
	file, err := deliver.NewFile(s.Settings.File)
	if err != nil {
		return Receiver{}, err
	}
	return Receiver{Kind: file.Kind(), Prober: file, preflight: file.Preflight, receiver: file, close: func() {}}, nil
}

func openInfralight(s *Session) (Receiver, error) {
	service, err := deliver.NewInfralight(s.Settings.Infralight, s.Agent(), logging.Delivery(s.Log))
	if err != nil {
		return Receiver{}, err
	}
	return Receiver{Kind: payload.Infralight, Prober: service, preflight: service.Preflight, close: service.Close, infralight: service}, nil
}

// Delivery is what became of one body at one receiver.
type Delivery struct {
	Receiver   string `json:"receiver"`
	Account    string `json:"account,omitempty"`
	Status     int    `json:"status,omitempty"`
	Attempts   int    `json:"attempts"`
	Encoding   string `json:"encoding,omitempty"`
	BytesSent  int64  `json:"bytes_sent"`
	BytesJSON  int64  `json:"bytes_json"`
	Namespaces int    `json:"namespaces"`
	Chunks     int    `json:"chunks,omitempty"` // of whole objects, that were taken or tried
	// Names are those of the namespaces, where a run has more than one body.
	Names []string `json:"names,omitempty"`
	Error string   `json:"error,omitempty"`
}

// delivered is what became of all bodies.
type delivered struct {
	all       []Delivery
	toAnchore []deliver.Delivery
}

// send gives bodies to a receiver; one that is not taken does not keep the others back.
func (r *Receiver) send(ctx context.Context, bodies []*payload.Body) (delivered, error) {
	if r.infralight != nil {
		return delivered{}, nil
	}
	if chunks, ok := r.receiver.(deliver.ChunkReceiver); ok && r.Kind.Chunked() {
		return sendChunks(ctx, chunks, bodies)
	}
	var d delivered
	var errs []error
	for _, body := range bodies {
		began := time.Now()
		receipt, err := r.receiver.Deliver(ctx, body)
		if r.anchore != nil {
			d.toAnchore = append(d.toAnchore, deliver.Delivery{Account: receipt.Account, Time: began, Err: err})
		}
		d.all = append(d.all, deliveryOf(receipt, body, len(bodies) > 1, err))
		errs = append(errs, err)
	}
	return d, errors.Join(errs...)
}

// sendChunks gives the chunks of a run to a receiver, which has no use for a part of them.
func sendChunks(ctx context.Context, to deliver.ChunkReceiver, chunks []*payload.Body) (d delivered, err error) {
	if len(chunks) == 0 {
		return d, nil
	}
	receipts, err := to.DeliverChunks(ctx, chunks)
	sum := Delivery{Chunks: len(receipts)}
	for _, r := range receipts {
		sum.Receiver, sum.Status, sum.Encoding = r.Receiver, r.Status, r.Encoding
		sum.Attempts += r.Attempts
		sum.BytesSent += r.Bytes
	}
	for _, chunk := range chunks {
		sum.BytesJSON += chunk.Size()
	}
	if err != nil {
		sum.Error = err.Error()
	}
	return delivered{all: []Delivery{sum}}, err
}

// deliveryOf says what became of a body; several says that it is not the only one.
func deliveryOf(receipt deliver.Receipt, body *payload.Body, several bool, err error) Delivery {
	d := Delivery{
		Receiver: receipt.Receiver, Account: receipt.Account, Status: receipt.Status, Attempts: receipt.Attempts,
		Encoding: receipt.Encoding, BytesSent: receipt.Bytes, BytesJSON: body.Size(), Namespaces: len(body.Namespaces),
	}
	if several {
		d.Names = body.Namespaces
	}
	if err != nil {
		d.Error = err.Error()
	}
	return d
}

// sendAll gives every receiver the bodies of its kind; one that fails does not keep the
// others from theirs.
func sendAll(ctx context.Context, receivers []Receiver, bodies func(payload.Kind) []*payload.Body) (delivered, error) {
	var d delivered
	var errs []error
	for i := range receivers {
		one, err := receivers[i].send(ctx, bodies(receivers[i].Kind))
		d.all, d.toAnchore = append(d.all, one.all...), append(d.toAnchore, one.toAnchore...)
		errs = append(errs, err)
	}
	return d, errors.Join(errs...)
}

// The time that Anchore's list of integrations may cost: until it is known which
// one this is, and in all after a failure.
const (
	identifyWithin     = 5 * time.Second
	identifySoonWithin = time.Second
	failureWithin      = 4 * time.Second
)

// introduction is what Anchore's list of integrations is told of a run.
type introduction struct {
	anchore    *deliver.Anchore // nil when it is not among the receivers
	cluster    string
	clusterUID string
	api        *kube.Cluster // who knows the CronJob of this run
	deliveries []deliver.Delivery
	failure    string // why there was no delivery; empty after one
}

// register tells Anchore that this collector exists and how the run went, when
// that is asked for. It never changes the outcome of a run.
func register(ctx context.Context, s *Session, i introduction) {
	if i.anchore == nil || !s.Settings.Registration.Enabled {
		return
	}
	if err := introduce(ctx, s, i, identifyWithin); err != nil {
		s.Log.Warn().Err(err).Msg("the integration was not registered; the inventory is not affected")
	}
}

// registerFailure tells Anchore why a run came to no delivery. It takes seconds,
// also where the deadline has passed, and comes when the exit code stands. Whoever
// stops a run is not kept waiting.
func registerFailure(ctx context.Context, s *Session, i introduction) {
	if i.anchore == nil || !s.Settings.Registration.Enabled || CodeOfSignal(ctx) != OK {
		return
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if CodeOfSignal(ctx) != OK {
			cancel()
		}
	})()
	if err := introduce(within, s, i, identifySoonWithin); err != nil {
		s.Log.Warn().Err(err).Msg("the failure of this run is not in Anchore's list of integrations")
	}
}

// introduce tells Anchore, and takes no longer than identify to find out which integration
// this is.
func introduce(ctx context.Context, s *Session, of introduction, identify time.Duration) error {
	i := deliver.Integration{
		RegistrationOptions: s.Settings.Registration,
		Instance:            of.cluster,
		Version:             s.Build.Version,
		Started:             s.Began,
		Cluster:             of.cluster,
		Namespace:           s.Variable("POD_NAMESPACE"),
		Collected:           s.started(),
		Deliveries:          of.deliveries,
		Failure:             of.failure,
	}
	if i.ID == "" {
		i.ID = cmp.Or(cronJob(ctx, s, of.api, identify), derivedID(cmp.Or(of.clusterUID, of.cluster)))
	}
	for _, route := range s.Settings.Route.Routes {
		i.Accounts = append(i.Accounts, route.Account)
		i.Namespaces = append(i.Namespaces, route.Namespaces...)
	}
	return of.anchore.Register(ctx, i)
}

// cronJob is the UID of the CronJob that this pod belongs to, which is the same
// in every run. It is empty outside of a cluster, and where it may not be read.
func cronJob(ctx context.Context, s *Session, api *kube.Cluster, within time.Duration) string {
	namespace, pod := s.Variable("POD_NAMESPACE"), cmp.Or(s.Variable("POD_NAME"), s.Variable("HOSTNAME"))
	if !settings.InPod(s.Environ) || namespace == "" || pod == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	id, err := workload.CronJobUID(ctx, api, namespace, pod)
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
