package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/internal/kubetest"
)

// The cluster grows in pods alone: what there is to know of it stays the same,
// so that the cost of a pod can be compared.
const (
	namespaces = 100
	nodes      = 500
)

// bench is what the programs need: a cluster, a receiver and a folder.
type bench struct {
	options
	log     io.Writer
	dir     string
	cluster *kubetest.Cluster
	api     rest.Interface // of the cluster
	apiPID  int
	etcdPID int
	// kubeconfig leads to what is read.
	kubeconfig string
	receiver   *http.Server
	url        string
	inbox      *inbox // of the receiver
	around     surroundings
}

// prepare builds the programs and starts everything. On error nothing is left.
func prepare(ctx context.Context, o options, log io.Writer) (*bench, error) {
	for _, program := range []*string{&o.program, &o.before, &o.kubectl} {
		if *program == "" {
			continue
		}
		path, err := filepath.Abs(*program)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("a program is not built, run make bench or make bench-objects: %w", err)
		}
		*program = path
	}
	b := &bench{options: o, log: log}
	for _, step := range []func(context.Context) error{b.makeDir, b.build, b.startCluster, b.startReceiver} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, b.close())
		}
	}
	return b, nil
}

func (b *bench) close() error {
	var errs []error
	if b.receiver != nil {
		errs = append(errs, b.receiver.Close())
	}
	if b.cluster != nil {
		errs = append(errs, b.cluster.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) makeDir(context.Context) (err error) {
	b.dir, err = os.MkdirTemp("", "stocktake-bench-")
	return err
}

// build builds the other programs as the product is built.
func (b *bench) build(ctx context.Context) error {
	const here = "stocktake/collector/internal/bench/"
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.dir+"/", here+"raw", here+"replay", here+"typed", here+"bynamespace", here+"rawobjects", here+"meter")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

func (b *bench) startCluster(context.Context) (err error) {
	b.say("starting a control plane")
	if b.cluster, err = kubetest.Launch(kubetest.Options{}); err != nil {
		return err
	}
	if b.apiPID, err = childNamed("kube-apiserver"); err != nil {
		return err
	}
	if b.etcdPID, err = childNamed("etcd"); err != nil {
		return err
	}
	access := b.cluster.Config()
	access.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return err
	}
	b.api = client.RESTClient()
	b.kubeconfig = b.path("kubeconfig")
	if err := b.cluster.WriteKubeconfig(b.kubeconfig); err != nil {
		return err
	}
	config, err := clientcmd.LoadFromFile(b.kubeconfig)
	if err != nil {
		return err
	}
	for _, c := range config.Clusters {
		c.DisableCompression = true
	}
	return clientcmd.WriteToFile(*config, b.kubeconfig)
}

func (b *bench) startReceiver(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b.url = "http://" + listener.Addr().String()
	b.inbox = &inbox{}
	routes := http.NewServeMux()
	routes.Handle("/", anchoretest.New(anchoretest.Options{Discard: true}))
	routes.Handle(inboxPath, b.inbox)
	b.receiver = &http.Server{Handler: routes, ReadHeaderTimeout: time.Minute}
	go func() { _ = b.receiver.Serve(listener) }() // a receiver that fails is seen by the program
	return nil
}

// seed fills the cluster up to so many pods.
func (b *bench) seed(ctx context.Context, pods int) error {
	b.say("seeding %d pods", pods)
	if err := b.cluster.Seed(ctx, everything(pods)); err != nil || !b.objects() || b.around.objects > 0 {
		return err
	}
	return b.surround(ctx)
}

func everything(pods int) iter.Seq[kubetest.Object] {
	return func(yield func(kubetest.Object) bool) {
		for i := range namespaces {
			if !yield(kubetest.Namespace(kubetest.NamespaceName(i))) {
				return
			}
		}
		for i := range nodes {
			if !yield(kubetest.Node(kubetest.NodeName(i))) {
				return
			}
		}
		for pod := range kubetest.Many(pods, namespaces, nodes) {
			if !yield(pod) {
				return
			}
		}
	}
}

// onePod is the first of them.
func onePod() iter.Seq[kubetest.Object] {
	return func(yield func(kubetest.Object) bool) {
		for pod := range kubetest.Many(1, namespaces, nodes) {
			yield(pod)
		}
	}
}
