package collector

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"stocktake/collector/settings"
)

// RunOptions are the settings of the run as a whole.
type RunOptions struct {
	ClusterID       string        `setting:"cluster-id" doc:"name of the cluster, ^[a-z0-9_-]+$; also the one argument" flag:"CLUSTER_ID"`
	LegacyCluster   string        `setting:"kubeconfig.cluster" doc:"name of the cluster in a KAI file, taken as it is when cluster-id is not set"`
	DryRun          bool          `setting:"dry-run" envDefault:"false" doc:"print the body instead of sending it; no receiver is contacted" flag:"-dry-run"`
	Output          string        `setting:"output" choices:"table,json" doc:"print what was found: table or json. In a settings file it only says how: it then needs verbose-inventory-reports, or no receiver" flag:"-output"`
	OutputKind      string        `setting:"output-kind" choices:"anchore,kai,stocktake" doc:"the body that is printed: anchore, kai or stocktake; by default that of the first receiver, else anchore"`
	Verbose         bool          `setting:"verbose-inventory-reports" envDefault:"false" doc:"print the inventory also when it is delivered"`
	Deadline        time.Duration `setting:"deadline" envDefault:"10m" doc:"the run gives up after this time and sends nothing"`
	AllowIncomplete bool          `setting:"allow-incomplete" envDefault:"false" doc:"deliver the namespaces that were read in full when others could not be read (exit code 7)"`
	AllowEmpty      bool          `setting:"allow-empty" envDefault:"false" doc:"deliver an inventory without a single pod"`
	Quiet           bool          `setting:"quiet" envDefault:"false" doc:"log nothing but errors" flag:"-quiet"`
	LogLevel        string        `setting:"log.level" choices:"error,warn,warning,info,debug,trace" envDefault:"info" doc:"error, warn, info or debug" flag:"-debug"`
	LogStructured   string        `setting:"log.structured" choices:"true,false" doc:"true: JSON logs, false: readable ones; by default JSON unless stderr is a terminal or the level is debug"`
	LogFile         string        `setting:"log.file" doc:"file to append the log to; stderr then gets errors only, unless log.level is debug"`
	TerminationLog  string        `setting:"termination-message-path" envDefault:"/dev/termination-log" doc:"file that takes the summary inside a pod"`
}

// cluster returns the name under which receivers know this cluster.
func (o RunOptions) cluster() (string, error) {
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

// validate checks what a single value can be wrong about. Where a setting takes only
// a few values, load has checked that.
func (o RunOptions) validate() error {
	return positive("deadline", o.Deadline)
}

func positive(name string, d time.Duration) error {
	if d <= 0 {
		return settings.Invalid(name, "%s is not a time to run in: give a duration above zero, for example 10m", d)
	}
	return nil
}

// oneOf checks the value of a flag that is no setting.
func oneOf(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return settings.Invalid(name, "%q is not one of %s", value, strings.Join(allowed, ", "))
}
