package kube

import (
	"errors"
	"time"

	"stocktake/collector/settings"
)

// Sentinels that tell what would mend an error. Every error of this package that has
// such a remedy wraps exactly one of them, or [settings.ErrInvalid] when the settings
// lead to no cluster.
var (
	// ErrRefused means that the API server answered 401 or 403.
	ErrRefused = errors.New("kubernetes refused")
	// ErrUnavailable means that the API server did not answer, or not in time.
	ErrUnavailable = errors.New("kubernetes is not available")
	// ErrNotFound means that the settings name a namespace that is not there.
	ErrNotFound = errors.New("does not exist")
)

// ErrVersionUnknown means that the API server, or what stands in front of it, does
// not tell which Kubernetes it is. All else may well be read without.
var ErrVersionUnknown = errors.New("the version of Kubernetes is not known")

// InCluster is the value of kubeconfig.path that asks for the service account
// of the pod that stocktake runs in.
const InCluster = "use-in-cluster"

// Options say where the cluster is and how hard it may be asked.
type Options struct {
	// Path and Context choose the cluster; see [Connect] for what happens when
	// they are empty.
	Path    string `setting:"kubeconfig.path" doc:"kubeconfig file, or use-in-cluster; by default KUBECONFIG, else ~/.kube/config, else the pod's service account" flag:"-external"`
	Context string `setting:"kubeconfig.context" doc:"context of the kubeconfig; by default its current context" flag:"-context"`

	// A connection without a kubeconfig, for collectors outside of their cluster.
	Server      string `setting:"kubeconfig.server" doc:"address of the API server, for a connection without a kubeconfig; used when kubeconfig.path is empty"`
	ClusterCert string `setting:"kubeconfig.cluster-cert" doc:"certificates of the API server's authority for kubeconfig.server, PEM in base64"`
	UserType    string `setting:"kubeconfig.user.type" choices:"private_key,token" doc:"how to authenticate with kubeconfig.server: private_key or token; by default what is given"`
	ClientCert  string `setting:"kubeconfig.user.client-cert" doc:"certificate of the user, PEM in base64"`
	PrivateKey  string `setting:"kubeconfig.user.private-key" secret:"true" doc:"key of that certificate, PEM in base64"`
	Token       string `setting:"kubeconfig.user.token" secret:"true" doc:"bearer token of the user"`

	// BatchSize is the limit of a page. 500 pods are about 2.5 MB.
	BatchSize      int `setting:"kubernetes.request-batch-size" envDefault:"500" doc:"objects asked for per page; up to four times as many where that would make more than a hundred pages"`
	TimeoutSeconds int `setting:"kubernetes.request-timeout-seconds" envDefault:"60" doc:"seconds that the API server may keep silent, before an answer and within one"`
	// LegacyTimeoutSeconds of KAI wins over TimeoutSeconds when it is positive.
	LegacyTimeoutSeconds int `setting:"kubernetes-request-timeout-seconds" variable:"-" envDefault:"-1" doc:"KAI's older name of kubernetes.request-timeout-seconds, used when above 0"`
	// PagesInFlight bounds the memory of a listing: every page under way may
	// wait in its connection as a whole.
	PagesInFlight int `setting:"kubernetes.pages-in-flight" envDefault:"2" doc:"pages under way at a time; 1 asks for one after another"`
	// HTTPVersion is for front ends of an API server; see [protocols].
	HTTPVersion string `setting:"kubernetes.http-version" choices:"1.1,2" envDefault:"1.1" doc:"1.1, which reads large listings faster; 2 asks for HTTP/2 first, for a front end of the API server that does without 1.1"`
	// Workers is a hundred in many a KAI file; more than [maxWorkers] are never
	// used, because each of them costs seats of the API server's fair queuing.
	Workers int `setting:"kubernetes.worker-pool-size" envDefault:"4" doc:"namespaces listed at a time when the include selector names them, at most 16"`

	// Identity says as whom to ask, and by which entries of a kubeconfig. Its settings
	// are a group of their own: here the decoder finds none of them.
	Identity Identity `envPrefix:"elsewhere "`
	// Terminal is where exec plugins of a kubeconfig may ask a person.
	Terminal Terminal
	// PluginEnviron is the environment that exec plugins get, as of os.Environ: that
	// of this process without what is not theirs. Nil is the whole of it.
	PluginEnviron []string
	// UserAgent is how the API server's audit log and flow schemas know us.
	UserAgent string
	// OfPods, OfNodes and OfNamespaces say which labels and annotations are read.
	OfPods, OfNodes, OfNamespaces Keep
	// OfWhichPods, unless it is the zero Selector, restricts listings of pods. The
	// API server evaluates it, so that the others are never sent.
	OfWhichPods Selector
	// Selected, when set, says of a namespace whether its pods matter. The others are
	// listed with all, and nothing more is asked about them.
	Selected func(namespace string) bool
	// OnEvent, when set, is told of pages and retries as they happen, one call
	// at a time, from goroutines of the listing. It must return quickly.
	OnEvent func(Event)
}

// Keep chooses the metadata that is read. What is not kept is never copied
// from the wire: annotations of a pod may hold 256 KiB.
//
// Its functions are called from the goroutine that called Pods, PodsIn, Nodes,
// Namespaces or NamespacesNamed, and from no other, so that they may remember
// what they said without a lock as long as these calls do not overlap. They must
// not keep the key.
type Keep struct {
	Labels      func(key []byte) bool // nil keeps all
	Annotations func(key []byte) bool // nil keeps none
}

func (k Keep) label(key []byte) bool      { return k.Labels == nil || k.Labels(key) }
func (k Keep) annotation(key []byte) bool { return k.Annotations != nil && k.Annotations(key) }

// Bounds of the settings. A page of 10,000 pods takes a server beyond its own
// request timeout of 60 s (perf-tests#4360).
const (
	maxBatchSize = 10_000
	maxTimeout   = 3600 // seconds
	maxInFlight  = 16
	maxWorkers   = 16
)

// Check finds values that are out of range, and says what to set instead.
func (o Options) Check() error {
	return errors.Join(
		within("kubernetes.request-batch-size", o.BatchSize, maxBatchSize),
		within("kubernetes.request-timeout-seconds", o.TimeoutSeconds, maxTimeout),
		within("kubernetes-request-timeout-seconds", max(o.LegacyTimeoutSeconds, 1), maxTimeout),
		within("kubernetes.pages-in-flight", o.PagesInFlight, maxInFlight),
		within("kubernetes.worker-pool-size", o.Workers, 10_000),
		o.checkHTTPVersion(),
		o.Identity.validate(),
	)
}

// The values of kubernetes.http-version.
const (
	http1 = "1.1"
	http2 = "2"
)

func (o Options) checkHTTPVersion() error {
	if o.HTTPVersion == http1 || o.HTTPVersion == http2 {
		return nil
	}
	return settings.About("kubernetes.http-version", "kubernetes.http-version is %q: set it to %s or %s", o.HTTPVersion, http1, http2)
}

func within(name string, value, most int) error {
	if value < 1 || value > most {
		return settings.About(name, "%s is %d: set it to a number from 1 to %d", name, value, most)
	}
	return nil
}

func (o Options) timeout() time.Duration {
	if o.LegacyTimeoutSeconds > 0 {
		return time.Duration(o.LegacyTimeoutSeconds) * time.Second
	}
	return time.Duration(o.TimeoutSeconds) * time.Second
}

func (o Options) selects(namespace string) bool { return o.Selected == nil || o.Selected(namespace) }

func (o Options) workers() int { return min(o.Workers, maxWorkers) }
