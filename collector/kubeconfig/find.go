package kubeconfig

import (
	"fmt"

	"k8s.io/client-go/rest"

	"stocktake/collector/settings"
)

// Target is a cluster that was found. Nobody has asked it yet.
type Target struct {
	Config  *rest.Config
	Origin  string // in words: what led to it, and why
	Plugins Plugins
}

// Find finds the cluster that kubectl would take. In this order, it is
//
//   - the one that this pod runs in, when Path is [InCluster];
//   - that of the kubeconfig file in Path;
//   - the one that the settings describe themselves (Server and the rest);
//   - that of the files in KUBECONFIG, merged as kubectl does;
//   - that of ~/.kube/config;
//   - the one that this pod runs in, when a service account is mounted.
//
// Settings that lead nowhere, and credentials that cannot work, are settings.ErrInvalid.
func (s Source) Find() (Target, error) {
	if err := s.Check(); err != nil {
		return Target{}, err
	}
	config, origin, err := s.config()
	if err != nil {
		return Target{}, err
	}
	return Target{config, origin, s.Plugins}, s.impersonate(config)
}

// config is that of the cluster, which the words name.
func (s Source) config() (config *rest.Config, words string, err error) {
	from := s.origin()
	if !from.inCluster && !from.inline {
		return s.fromFiles(from)
	}
	if err := s.needsKubeconfig(); err != nil {
		return nil, "", err
	}
	if from.inCluster {
		config, err = s.inCluster()
	} else {
		config, err = s.inline()
	}
	return config, from.words(), err
}

// inCluster is the connection that a pod has by its service account.
func (o Options) inCluster() (*rest.Config, error) {
	if o.Context != "" {
		return nil, settings.About("kubeconfig.context", "kubeconfig.context is %q, but a pod's own service account has no contexts: set kubeconfig.path to a file, or leave the context out", o.Context)
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, settings.About("kubeconfig.path", "kubeconfig.path is %s, but this is not a pod with a service account: set it to a kubeconfig file, or mount the token (automountServiceAccountToken): %w", InCluster, err)
	}
	if _, err := tokenIn(tokenFile, config.BearerToken); err != nil {
		return nil, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	if err := checkAccountAuthority(authorityFile); err != nil {
		return nil, fmt.Errorf("%w: %w", settings.ErrInvalid, err)
	}
	// Within a cluster the network is faster than gzip: above some 30 MB/s
	// compression costs time on both ends (kubernetes#112296).
	config.DisableCompression = true
	return config, nil
}
