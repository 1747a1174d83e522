package kube

import (
	"errors"
	"fmt"
	"strconv"
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

// Options say how the API server is asked, and how hard.
type Options struct {
	// BatchSize is the limit of a page; 0: see [growth]. 500 pods are about 2.5 MB.
	BatchSize      int `setting:"kubernetes.request-batch-size" envDefault:"0" inherited:"100,500" doc:"objects asked for per page, 10000 at most; 0: 500 on the first, then as many as make some 25 pages of the whole, 4000 or 10 MB at most. The defaults of KAI and anchore-k8s-inventory, 100 and 500, count as 0 where a YAML file or one of their variables gives them"`
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

	// RequestTimeout bounds a single request with its answer; 0: nothing but silence does.
	// See [TimeLimit].
	RequestTimeout time.Duration
	// WholePageBytes is the size in bytes that pages of whole objects aim at, 0 is 4 MiB.
	WholePageBytes int64
	// OneMoment reads all resources at one version of the cluster, as far as the API server has
	// it; see [moment].
	OneMoment bool
	// UserAgent is how the API server's audit log and flow schemas know us.
	UserAgent string
	// OnEvent, when set, is told of pages and retries as they happen, one call
	// at a time, from goroutines of the listing. It must return quickly.
	OnEvent func(Event)
}

// TimeLimit is what kubectl takes as --request-timeout.
type TimeLimit struct {
	Request Timeout `setting:"kubernetes.request-timeout" envDefault:"0" doc:"longest time of a single request with its answer, as 90s or 2m; a number is seconds; 0: no limit but kubernetes.request-timeout-seconds" flag:"-request-timeout"`
}

// Timeout is a time as kubectl takes it: with a unit, or a number of seconds. 0 is no
// limit.
type Timeout time.Duration

// UnmarshalText reads either form.
func (t *Timeout) UnmarshalText(text []byte) error {
	if seconds, err := strconv.ParseInt(string(text), 10, 32); err == nil && seconds >= 0 {
		*t = Timeout(time.Duration(seconds) * time.Second)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a time: write it with a unit, for example 90s or 2m, or as a number of seconds; 0 is no limit", text)
	}
	*t = Timeout(d)
	return nil
}

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
		o.checkBatchSize(),
		within("kubernetes.request-timeout-seconds", o.TimeoutSeconds, maxTimeout),
		within("kubernetes-request-timeout-seconds", max(o.LegacyTimeoutSeconds, 1), maxTimeout),
		within("kubernetes.pages-in-flight", o.PagesInFlight, maxInFlight),
		within("kubernetes.worker-pool-size", o.Workers, 10_000),
		o.checkHTTPVersion(),
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

func (o Options) checkBatchSize() error {
	if o.BatchSize >= 0 && o.BatchSize <= maxBatchSize {
		return nil
	}
	const name = "kubernetes.request-batch-size"
	return settings.About(name, "%s is %d: set it to a number from 1 to %d, or to 0 for pages that grow", name, o.BatchSize, maxBatchSize)
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

func (o Options) workers() int { return min(o.Workers, maxWorkers) }
