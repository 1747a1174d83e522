package logging

import (
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
)

// Reading logs what happens while the cluster is read, and lets page see each page that was: producers do
// not log.
func Reading(log zerolog.Logger, page func(kube.Event)) func(kube.Event) {
	return func(e kube.Event) {
		switch e.Kind {
		case kube.PageRead:
			page(e)
			log.Debug().Str("source", e.Source).Int("page", e.Page).Int("items", e.Items).Int64("remaining", e.Remaining).Msg("page read")
		case kube.Retry:
			event := log.Warn().Str("source", e.Source).Int("page", e.Page).Int("attempt", e.Attempt).Int("page_size", e.Limit)
			waiting(event, e.Wait).Err(e.Err).Msg("the API server did not deliver a page, asking again")
		case kube.Resume:
			log.Warn().Str("source", e.Source).Int("page", e.Page).Msg("the API server does not have the moment that was being read, or not any more: the rest is of a later one")
		}
	}
}

// Delivery logs what happens on the way to a receiver.
func Delivery(log zerolog.Logger) func(deliver.Event) {
	return func(e deliver.Event) {
		event := log.Info()
		if e.Warning {
			event = log.Warn()
		}
		waiting(event, e.Wait).Str("receiver", e.Receiver).AnErr("error", e.Err).Msg(e.Message)
	}
}

func waiting(event *zerolog.Event, wait time.Duration) *zerolog.Event {
	if wait == 0 {
		return event
	}
	return event.Str("wait", wait.Round(time.Millisecond).String())
}
