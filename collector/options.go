package collector

import (
	"errors"
	"io"
	"regexp"
	"time"

	"stocktake/collector/deliver"
	"stocktake/collector/history"
	"stocktake/collector/kube"
	"stocktake/collector/kubeconfig"
	"stocktake/collector/logging"
	"stocktake/collector/objects"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

// RunOptions are the settings of the run as a whole.
type RunOptions struct {
	ClusterID       string        `setting:"cluster-id" variable:"bare" doc:"name of the cluster, ^[a-z0-9_-]+$; also the one argument" flag:"CLUSTER_ID"`
	LegacyCluster   string        `setting:"kubeconfig.cluster" doc:"name of the cluster in a KAI file, taken as it is when cluster-id is not set"`
	DryRun          bool          `setting:"dry-run" envDefault:"false" doc:"print the body instead of sending it; no receiver is contacted" flag:"-dry-run"`
	Output          string        `setting:"output" choices:"table,json" doc:"print what was found: table or json. In a settings file it only says how: it then needs verbose-inventory-reports, or no receiver" flag:"-output"`
	OutputKind      string        `setting:"output-kind" choices:"anchore,kai,stocktake,objects,k8s-collector" doc:"the body that is printed: anchore, kai, stocktake, or of whole objects objects or k8s-collector; by default that of the first receiver, else anchore"`
	Verbose         bool          `setting:"verbose-inventory-reports" envDefault:"false" doc:"print the inventory also when it is delivered"`
	Deadline        time.Duration `setting:"deadline" envDefault:"10m" doc:"the run gives up after this time and sends nothing"`
	AllowIncomplete bool          `setting:"allow-incomplete" envDefault:"false" doc:"deliver the namespaces that were read in full when others could not be read (exit code 7)"`
	AllowEmpty      bool          `setting:"allow-empty" envDefault:"false" doc:"deliver an inventory without a single pod"`
}

// Name returns the name under which receivers know this cluster.
func (o RunOptions) Name() (string, error) {
	switch {
	case o.ClusterID == "" && o.LegacyCluster == "":
		return "", settings.Invalid("cluster-id", "the cluster has no name: set CLUSTER_ID, or give the name as the last argument")
	case o.ClusterID == "":
		return o.LegacyCluster, nil
	case !regexp.MustCompile(`^[a-z0-9_-]+$`).MatchString(o.ClusterID):
		return "", settings.Invalid("cluster-id", "%q is not a cluster name: use lower-case letters, digits, - and _ only", o.ClusterID)
	}
	return o.ClusterID, nil
}

// Check finds what a single value can be wrong about. Where a setting takes only
// a few values, Load has checked that.
func (o RunOptions) Check() error {
	if o.Deadline <= 0 {
		return settings.Invalid("deadline", "%s is not a time to run in: give a duration above zero, for example 10m", o.Deadline)
	}
	return nil
}

// MetricsOptions say where the figures of a run are left for Prometheus, beside the
// Pushgateway of deliver.PushgatewayOptions.
type MetricsOptions struct {
	File    string        `setting:"metrics.file.path" holds:"file" doc:"file to leave the figures of each run in, for the textfile collector of node_exporter: name it NAME.prom"`
	Timeout time.Duration `setting:"metrics.timeout" envDefault:"5s" doc:"the longest that a run is kept waiting by its metrics, at most 1m"`
}

// maxMetricsTimeout keeps metrics from using up what Kubernetes grants a pod that is
// to stop, and more.
const maxMetricsTimeout = time.Minute

// measured reports whether somebody wants metrics of a run.
func (s Settings) measured() bool {
	return !s.Run.DryRun && (s.Metrics.File != "" || s.Pushgateway.Configured())
}

// checkMetrics finds wrong settings of metrics that somebody wants. Only these can keep
// a run from succeeding: whatever the world does to metrics is a warning.
func (s Settings) checkMetrics() error {
	if !s.measured() {
		return nil
	}
	var errs []error
	if t := s.Metrics.Timeout; t <= 0 || t > maxMetricsTimeout {
		errs = append(errs, settings.Invalid("metrics.timeout", "%s is out of range: give a duration above zero, at most %s", t, maxMetricsTimeout))
	}
	if s.Pushgateway.Configured() {
		errs = append(errs, s.Pushgateway.Check())
	}
	return errors.Join(errs...)
}

// Settings is everything that can be set, grouped by the package that uses it. The tags
// of the fields are the only place where a setting is described: the decoder, the check
// of names, the settings print and the table in the README read them.
type Settings struct {
	Run        RunOptions
	Log        logging.Options
	Kubeconfig kubeconfig.Options
	Kube       kube.Options
	Identity   kubeconfig.Identity
	Limit      kube.TimeLimit
	Select     workload.SelectOptions
	Metadata   workload.MetadataOptions
	Payload    payload.Options
	objects.Groups
	Receivers
	Pushgateway deliver.PushgatewayOptions
	Metrics     MetricsOptions
	History     history.Options
}

// records reports whether a run is recorded in the history.
func (s Settings) records() bool { return s.History.Configured() && !s.Run.DryRun }

// Receivers are the settings of those who get the result.
type Receivers struct {
	Anchore      deliver.AnchoreOptions
	Route        deliver.RouteOptions
	Registration deliver.RegistrationOptions
	HTTP         deliver.HTTPOptions
	File         deliver.FileOptions
	Infralight   deliver.InfralightOptions
}

// Catalog describes every setting, in the order of the reference.
func Catalog() settings.Catalog { return settings.CatalogOf(Settings{}) }

// Load reads the settings of an invocation. What is right is read even when something
// else is wrong.
func Load(inv Invocation) (Settings, settings.Given, error) {
	var all Settings
	given, err := settings.Load(&all, settings.Sources{Config: inv.Config, Environ: inv.Environ, Flags: inv.Flags})
	all.Kube.RequestTimeout = time.Duration(all.Limit.Request)
	return all, given, err
}

// Source says where the cluster is, and as whom to ask. Exec plugins get the environment
// without our own secrets, and no terminal.
func (s Settings) Source(environ []string) kubeconfig.Source {
	return kubeconfig.Source{Options: s.Kubeconfig, Identity: s.Identity, Plugins: kubeconfig.Plugins{Environ: Catalog().WithoutSecrets(environ)}}
}

// Build says which stocktake this is. The zero value is a build from source.
type Build struct {
	Version string
	Commit  string
	Date    string // RFC 3339
}

// Invocation is everything a command takes from the process around it, so that the
// whole program can be run inside a test.
type Invocation struct {
	Build   Build
	Config  string            // -config, empty when not given
	Flags   map[string]string // settings given as flags, by name
	Environ []string          // as os.Environ
	Stdin   io.Reader         // nil where nothing is read from it
	Stdout  io.Writer
	Stderr  io.Writer
	// Watch makes what shows a person how far the reading has come, and the writer that
	// the lines of the log go through meanwhile. Nil: nobody is shown anything.
	Watch func(Invocation, logging.Options) (Watcher, io.Writer)
}

// Watcher is told how far the reading of a cluster has come.
type Watcher interface {
	// Begin says that reading begins: of the pods of so many namespaces, one after the
	// other, or of the cluster as a whole if there are none. The function that it
	// returns is called when that is over.
	Begin(namespaces int) (end func())
	Page(e kube.Event)
}
