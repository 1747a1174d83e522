package collector

import (
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
)

// onKube logs what happens while the cluster is read: producers do not log.
func (r *run) onKube(e kube.Event) {
	switch e.Kind {
	case kube.PageRead:
		r.progress.page(e)
		r.log.Debug().Str("source", e.Source).Int("page", e.Page).Int("items", e.Items).Int64("remaining", e.Remaining).Msg("page read")
	case kube.Retry:
		event := r.log.Warn().Str("source", e.Source).Int("page", e.Page).Int("attempt", e.Attempt).Int("page_size", e.Limit)
		waiting(event, e.Wait).Err(e.Err).Msg("the API server did not deliver a page, asking again")
	case kube.Resume:
		r.log.Warn().Str("source", e.Source).Int("page", e.Page).Msg("the continue token expired: the rest of the listing is of a later moment")
	}
}

// onDelivery logs what happens on the way to a receiver.
func (r *run) onDelivery(e deliver.Event) {
	event := r.log.Info()
	if e.Warning {
		event = r.log.Warn()
	}
	waiting(event, e.Wait).Str("receiver", e.Receiver).AnErr("error", e.Err).Msg(e.Message)
}

func waiting(event *zerolog.Event, wait time.Duration) *zerolog.Event {
	if wait == 0 {
		return event
	}
	return event.Str("wait", wait.Round(time.Millisecond).String())
}
