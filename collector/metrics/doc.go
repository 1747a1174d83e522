// Package metrics says what a run came to in the words of Prometheus.
//
// Prometheus asks its targets, and a run is over before it could be asked. So the
// figures of the last run are left where they can be asked for later: at a
// Pushgateway, or in a file that the textfile collector of node_exporter reads. This
// package makes the text; who takes it to a Pushgateway is not its business.
//
// All metrics are gauges. A counter would have to be added up by somebody who
// outlives the runs, and nobody does (https://prometheus.io/docs/practices/pushing/).
// Their names follow https://prometheus.io/docs/practices/naming/: base units, the
// unit as a suffix, and one meaning for all values of a label.
//
// They come in three groups that live differently long. What begins with
// stocktake_last_run_ is true of every run, however it ended, and replaced by each:
// that a run failed is the very thing that somebody wants to know.
// stocktake_last_success_timestamp_seconds is the memory of the last run that was
// whole, and the others, such as stocktake_images, describe the last inventory that
// was delivered. A run that delivered nothing says nothing of these, and what was
// said before stays: the Pushgateway replaces only what a push names, and Write does
// the same with a file. For this to hold, a metric that a run does speak of has to
// be there even when there is nothing to count, as zero.
//
// The only label that all of them share is the cluster. A Pushgateway has it in the
// grouping key, so that clusters do not replace each other's metrics; in a file it
// is a label like any other. Labels are bounded: of registries, the largest have a
// series of their own and all others share one, because whoever may create a pod may
// invent a registry.
package metrics
