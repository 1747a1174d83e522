//go:build linux

package nodetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"

	"stocktake/collector/internal/kubetest"
)

// startTimeout is generous: a kubelet takes some ten seconds to call itself ready.
const startTimeout = 2 * time.Minute

// Options say where the programs of a node are.
type Options struct {
	// Programs is the folder with those that .ci/build and .ci/e2e make: the
	// control plane, kubelet, containerd, CNI plugins, crane and pause. runc and ip
	// are those of the machine.
	Programs string
}

// Node is a running cluster of one node.
type Node struct {
	// Cluster is its control plane.
	Cluster *kubetest.Cluster
	// Client is the administrator's.
	Client kubernetes.Interface
	// Gateway is the way from pods to the API server.
	Gateway *Gateway

	programs   string
	kubeconfig string
	authority  identity // that of the Service "kubernetes"
	background []*process
	managed    *process // kube-controller-manager; nil while there is none
}

// Start starts the node and returns when it takes pods. It must be called in the
// program that Run has started, once; nothing has to be stopped. The gateway
// closes when ctx ends.
func Start(ctx context.Context, o Options) (*Node, error) {
	if err := inside(); err != nil {
		return nil, err
	}
	n := &Node{programs: o.Programs}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"mounts", func(context.Context) error { return furnish() }},
		{"network", connect},
		{"control plane", n.startControlPlane},
		{"registry", n.startRegistry},
		{"containerd", n.startRuntime},
		{"kubelet", n.startKubelet},
		{"controllers", n.startControllers},
		{"wait", n.awaitReady},
	} {
		if err := step.do(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("start node: %s: %w", step.name, err), n.ended())
		}
	}
	return n, nil
}

// Kubeconfig is the path of the administrator's kubeconfig.
func (n *Node) Kubeconfig() string { return n.kubeconfig }

// startControlPlane makes the API server listen on every address and show a
// certificate of its own at that of the Service: pods trust the authority that
// the controllers publish, not the one of kubetest.
func (n *Node) startControlPlane(ctx context.Context) error {
	var err error
	if n.authority, err = newIdentity(stateDir, "kubernetes", serviceIP); err != nil {
		return err
	}
	if err := os.Setenv("TMPDIR", filepath.Join(stateDir, "tmp")); err != nil { // for etcd's files
		return err
	}
	if err := os.Setenv("KUBEBUILDER_ASSETS", n.programs); err != nil {
		return err
	}
	n.Cluster, err = kubetest.Launch(kubetest.Options{APIServerFlags: map[string]string{
		"bind-address":              "0.0.0.0",
		"advertise-address":         NodeIP,
		"disable-admission-plugins": "", // kubetest's other users have no service accounts
		"tls-sni-cert-key":          fmt.Sprintf("%s,%s:%s", n.authority.certificate, n.authority.key, serviceIP),
	}})
	if err != nil {
		return err
	}
	return n.access(ctx)
}

// access makes the administrator's access, and the pods'.
func (n *Node) access(ctx context.Context) error {
	n.kubeconfig = filepath.Join(stateDir, "kubeconfig")
	if err := n.Cluster.WriteKubeconfig(n.kubeconfig); err != nil {
		return err
	}
	config := n.Cluster.Config()
	var err error
	if n.Client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	n.Gateway, err = openGateway(ctx, net.JoinHostPort(serviceIP, "443"), net.JoinHostPort(serviceIP, server.Port()))
	return err
}

// run starts one of the programs in the background.
func (n *Node) run(name string, args ...string) (*process, error) {
	return launch(name, filepath.Join(n.programs, name), args...)
}

// keep starts a program that must not end before the node does.
func (n *Node) keep(name string, args ...string) error {
	p, err := n.run(name, args...)
	if err == nil {
		n.background = append(n.background, p)
	}
	return err
}

// ended returns an error when a program that should run does not.
func (n *Node) ended() error {
	for _, p := range n.background {
		if err := p.ended(); err != nil {
			return err
		}
	}
	if n.managed == nil {
		return nil
	}
	return n.managed.ended()
}
