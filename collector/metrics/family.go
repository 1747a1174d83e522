package metrics

import (
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// families are all metrics that the run speaks of, in the order of the text.
func (r *Run) families() []*dto.MetricFamily {
	all := r.lastRun()
	if r.succeeded() {
		all = append(all, gauge("last_success_timestamp_seconds",
			"Unix time at which the last run ended that delivered everything (exit code 0).", value(unix(r.Ended))))
	}
	if r.Inventory != nil {
		all = append(all, r.Inventory.families()...)
	}
	if r.History != nil {
		all = append(all, r.History.families()...)
	}
	return all
}

func (h *History) families() []*dto.MetricFamily {
	all := []*dto.MetricFamily{
		gauge("history_recorded", "Whether the last run is in the history: 1 yes, 0 no.", value(truth(h.Recorded))),
		gauge("history_seconds", "How long recording the last run took.", value(h.Seconds)),
		gauge("history_opened", "Images at places that the last run saw and the run before it did not.", value(float64(h.Opened))),
		gauge("history_closed", "Images at places that the last run did not see any more.", value(float64(h.Closed))),
	}
	if h.Bytes > 0 {
		all = append(all, gauge("history_bytes", "Size of the history.", value(float64(h.Bytes))))
	}
	return all
}

func (r *Run) lastRun() []*dto.MetricFamily {
	phases := make([]*dto.Metric, len(r.Phases))
	for i, p := range r.Phases {
		phases[i] = labeled("phase", p.Name, p.Seconds)
	}
	return []*dto.MetricFamily{
		gauge("build_info", "Always 1; the version is that of the program that made the last run.", labeled("version", r.Version, 1)),
		gauge("last_run_timestamp_seconds", "Unix time at which the last run ended, however it ended.", value(unix(r.Ended))),
		gauge("last_run_exit_code", "Exit code of the last run; 0 is success, the table of the others is in the manual.", value(float64(r.ExitCode))),
		gauge("last_run_complete", "Whether the last run delivered everything: 1 yes, 0 no.", value(truth(r.Complete))),
		gauge("last_run_gaps", "Things that the last run could not read.", value(float64(r.Gaps))),
		gauge("last_run_duration_seconds", "How long the last run took.", value(r.Seconds)),
		gauge("last_run_phase_duration_seconds", "How long each phase of the last run took.", phases...),
		gauge("last_run_pages", "Pages of pods that the last run read.", value(float64(r.Pages))),
		gauge("last_run_page_requests", "Requests for pages of pods that the last run made, with those that failed.", value(float64(r.Requests))),
		gauge("last_run_throttled_requests", "Requests of the last run that the API server answered with 429.", value(float64(r.Throttled))),
		gauge("last_run_read_bytes", "Bytes that the API server sent to the last run as pages of pods.", value(float64(r.Read))),
		gauge("last_run_sent_bytes", "Bytes of bodies that the last run sent, as compressed.", value(float64(r.Sent))),
		gauge("last_run_deliveries", "Bodies that receivers accepted in the last run, or that failed.",
			labeled("outcome", "accepted", float64(r.Accepted)), labeled("outcome", "failed", float64(r.Failed))),
	}
}

func (i *Inventory) families() []*dto.MetricFamily {
	c := i.Images
	registries := c.registries()
	perRegistry := make([]*dto.Metric, len(registries))
	for n, of := range registries {
		perRegistry[n] = labeled("registry", of.host, float64(of.images))
	}
	return []*dto.MetricFamily{
		gauge("namespaces", "Namespaces of the last inventory.", value(float64(i.Namespaces))),
		gauge("nodes", "Nodes of the last inventory.", value(float64(i.Nodes))),
		gauge("pods", "Pods of the last inventory.", value(float64(c.settled.pods))),
		gauge("containers", "Uses of images by pods in the last inventory: containers of every kind, and image volumes.", value(float64(c.settled.containers))),
		gauge("containers_without_digest", "Those of the containers whose image has no known digest.", value(float64(c.settled.withoutDigest))),
		gauge("images", "Distinct images in the last inventory, by name, tag and digest.", value(float64(len(c.images)))),
		gauge("images_without_digest", "Those of the images that have no known digest.", value(float64(c.withoutDigest()))),
		gauge("images_per_registry", "Distinct images by registry: the largest, other for the rest, none for text that is no reference.", perRegistry...),
		gauge("left_out_records", "Records of the last inventory that its receiver does not take.", value(float64(i.LeftOut))),
	}
}

// prefix is that of every name.
const prefix = "stocktake_"

func gauge(name, help string, metrics ...*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: new(prefix + name), Help: &help, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics}
}

func value(v float64) *dto.Metric { return &dto.Metric{Gauge: &dto.Gauge{Value: &v}} }

func labeled(label, text string, v float64) *dto.Metric {
	m := value(v)
	m.Label = []*dto.LabelPair{pair(label, text)}
	return m
}

// pair is a label. Values are UTF-8; what is not would make the whole text unreadable.
func pair(label, text string) *dto.LabelPair {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return &dto.LabelPair{Name: &label, Value: &text}
}

func unix(t time.Time) float64 { return float64(t.Unix()) }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
