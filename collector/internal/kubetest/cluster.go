package kubetest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// startTimeout is generous: a machine that runs several packages of tests at
// once takes many times the three seconds that a control plane needs alone.
const startTimeout = time.Minute

// Options says how a control plane differs from the ordinary one.
type Options struct {
	// APIServerFlags are further flags of kube-apiserver, without dashes.
	APIServerFlags map[string]string
	// Audit makes the API server log each request, see Cluster.AuditLog.
	Audit bool
	// ExpireOnCompact makes continue tokens expire as soon as Cluster.Compact
	// returns. It switches off the feature gate ListFromCacheSnapshot, which API
	// servers before 1.34 do not have: their tokens always expire so.
	ExpireOnCompact bool
}

// Cluster is a running control plane.
type Cluster struct {
	env   *envtest.Environment
	etcd  *etcdClient
	dir   string
	minor int

	users sync.Mutex // envtest makes one certificate at a time
}

// Launch starts a control plane, for programs; tests have Shared and Pool. Whoever calls
// it calls Stop. When this process ends without doing so, even by SIGKILL, the
// control plane stops by itself a second later.
func Launch(opts Options) (*Cluster, error) {
	assets, err := assetsDir()
	if err != nil {
		return nil, fmt.Errorf("start control plane: %w", err)
	}
	dir, err := os.MkdirTemp("", "kubetest-")
	if err != nil {
		return nil, fmt.Errorf("start control plane: %w", err)
	}
	c := &Cluster{dir: dir}
	if err := c.start(assets, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("start control plane: %w", err), c.Stop())
	}
	return c, nil
}

// Stop ends the control plane and removes what it stored. It may be called twice.
func (c *Cluster) Stop() error {
	var stopped error
	if c.env != nil {
		stopped = c.env.Stop()
	}
	return errors.Join(stopped, os.RemoveAll(c.dir))
}

// Config returns the administrator's access, without client-side rate limits.
// It is the caller's own copy.
func (c *Cluster) Config() *rest.Config {
	config := rest.CopyConfig(c.env.Config)
	config.QPS = -1
	return config
}

// EtcdURL is the client endpoint of etcd: plain HTTP, no credentials.
func (c *Cluster) EtcdURL() string { return c.etcd.url }

// AuditLog is the path of the audit log, one JSON event of audit.k8s.io/v1 per
// line, written before the response goes out. It needs Options.Audit.
func (c *Cluster) AuditLog() string { return filepath.Join(c.dir, "audit.log") }

func (c *Cluster) start(assets string, opts Options) (err error) {
	if c.minor, err = minorOf(assets); err != nil {
		return err
	}
	env, err := c.environment(assets)
	if err != nil {
		return err
	}
	flags, err := c.flags(opts)
	if err != nil {
		return err
	}
	for name, value := range flags {
		env.ControlPlane.APIServer.Configure().Set(name, value)
	}
	c.env = env
	log.SetLogger(logr.Discard()) // else envtest complains that nobody gave it a logger
	if _, err := env.Start(); err != nil {
		return fmt.Errorf("%w\netcd: %s\nkube-apiserver: %s", err, env.ControlPlane.Etcd.Err, env.ControlPlane.APIServer.Err)
	}
	c.etcd = &etcdClient{url: env.ControlPlane.Etcd.URL.String()}
	return nil
}

// environment keeps every file of the control plane below c.dir, so that an API
// server that comes back finds the certificates it had.
func (c *Cluster) environment(assets string) (*envtest.Environment, error) {
	existing := false // never a developer's own cluster, whatever the environment says
	env := &envtest.Environment{
		UseExistingCluster:       &existing,
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	etcd, err := c.program(assets, "etcd")
	if err != nil {
		return nil, err
	}
	apiServer, err := c.program(assets, "kube-apiserver")
	if err != nil {
		return nil, err
	}
	env.ControlPlane.Etcd = &envtest.Etcd{Path: etcd.script, DataDir: etcd.dir, Out: &tail{}, Err: &tail{}}
	env.ControlPlane.Etcd.Configure().Set("quota-backend-bytes", "8589934592") // 8 GiB, the most that etcd recommends
	env.ControlPlane.APIServer = &envtest.APIServer{Path: apiServer.script, CertDir: apiServer.dir, Out: &tail{}, Err: &tail{}}
	return env, nil
}

func (c *Cluster) flags(opts Options) (map[string]string, error) {
	flags := map[string]string{}
	if opts.ExpireOnCompact && c.minor >= snapshots {
		flags["feature-gates"] = "ListFromCacheSnapshot=false"
	}
	if opts.Audit {
		policy := filepath.Join(c.dir, "audit-policy.yaml")
		if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
			return nil, err
		}
		flags["audit-policy-file"] = policy
		flags["audit-log-path"] = c.AuditLog()
	}
	maps.Copy(flags, opts.APIServerFlags)
	return flags, nil
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`
