package collector

import (
	"context"
	"errors"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/payload"
)

// Receiver is somebody who gets the result.
type Receiver struct {
	Kind      payload.Kind
	Prober    deliver.Prober
	preflight func(context.Context) error
	receiver  deliver.Receiver
	anchore   *deliver.Anchore // whose list of integrations is told of deliveries; nil for others
	close     func()
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
	return all, errors.Join(errs...)
}

func openAnchore(s *Session) (Receiver, error) {
	o, told := s.Settings.Anchore, LogDelivery(s.Log)
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
	service, err := deliver.NewHTTP(s.Settings.HTTP, s.Agent(), LogDelivery(s.Log))
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
