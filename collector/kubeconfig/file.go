package kubeconfig

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/settings"
)

// Contexts are the names of the contexts that Find could choose from, sorted:
// those of the kubeconfig that it would read. Files that cannot be read have none,
// and neither has the service account of a pod.
func (o Options) Contexts() []string {
	raw, err := load(o.origin().files)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}

// fromFiles merges kubeconfig files as kubectl does and takes one context. The
// words say which.
func (s Source) fromFiles(from origin) (config *rest.Config, words string, err error) {
	if err := someExist(from); err != nil {
		return nil, "", err
	}
	raw, err := load(from.files)
	if err != nil {
		return nil, "", err
	}
	name := cmp.Or(s.Context, raw.CurrentContext)
	if err := checkContext(raw, s.Context, from.files); err != nil {
		return nil, "", err
	}
	if err := s.override(raw, name); err != nil {
		return nil, "", err
	}
	file := raw.Contexts[name].LocationOfOrigin
	if config, err = configOf(raw, name); err != nil {
		return nil, "", fmt.Errorf("%w: kubeconfig %s: context %q: %w", settings.ErrInvalid, file, name, err)
	}
	return config, fmt.Sprintf("context %q of %s (%s)", name, file, from.why), nil
}

// configOf makes the connection of a context.
func configOf(raw *clientcmdapi.Config, name string) (*rest.Config, error) {
	context := raw.Contexts[name]
	cluster, user := raw.Clusters[context.Cluster], raw.AuthInfos[context.AuthInfo]
	if user == nil {
		user = clientcmdapi.NewAuthInfo()
	}
	if err := checkCluster(cluster); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", context.Cluster, err)
	}
	if err := checkUser(user); err != nil {
		return nil, fmt.Errorf("user %q: %w", context.AuthInfo, err)
	}
	context.Namespace = "" // nothing is read from it
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("its cluster %q and user %q cannot be used: compare them with `kubectl config view --minify`", context.Cluster, context.AuthInfo)
	}
	return config, nil
}

// load merges kubeconfig files as kubectl does: of several entries of one name
// the first counts, and files that are not there are left out.
func load(files []string) (*clientcmdapi.Config, error) {
	for _, file := range files {
		if isNamedPipe(file) {
			return nil, fmt.Errorf("%w: kubeconfig %s is a named pipe, whose writer would be waited for: write it into a file", settings.ErrInvalid, file)
		}
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: files, Warner: func(error) {}}
	raw, err := rules.Load()
	if err == nil {
		return raw, nil
	}
	for _, file := range files {
		if fault := faultOf(file); fault != nil {
			return nil, fmt.Errorf("%w: kubeconfig %s: %w", settings.ErrInvalid, file, fault)
		}
	}
	return nil, fmt.Errorf("%w: kubeconfig %s cannot be read: compare it with `kubectl config view`", settings.ErrInvalid, strings.Join(files, ", "))
}

// someExist passes when one of the files is there, as for kubectl.
func someExist(from origin) error {
	for _, file := range from.files {
		if _, err := os.Stat(file); !notThere(err) {
			return nil // what else may be wrong with it, reading it tells
		}
	}
	if len(from.files) == 0 {
		return fmt.Errorf("%w: no kubeconfig: %s: set kubeconfig.path (-kubeconfig PATH), or run in a pod with a service account", settings.ErrInvalid, from.why)
	}
	return fmt.Errorf("%w: no kubeconfig at %s (%s): set kubeconfig.path (-kubeconfig PATH) or KUBECONFIG to a file that exists, or kubeconfig.path to %s in a pod with a service account",
		settings.ErrInvalid, strings.Join(from.files, ", "), from.why, InCluster)
}

// checkContext says which contexts there are when the chosen one is not.
func checkContext(raw *clientcmdapi.Config, chosen string, files []string) error {
	name := cmp.Or(chosen, raw.CurrentContext)
	if _, ok := raw.Contexts[name]; ok {
		return nil
	}
	known := printable(strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", "))
	where := strings.Join(files, ", ")
	switch {
	case known == "":
		return fmt.Errorf("%w: kubeconfig %s has no context: set kubeconfig.path (-kubeconfig PATH) to a file that names a cluster", settings.ErrInvalid, where)
	case name == "":
		return fmt.Errorf("%w: kubeconfig %s has no current context: set kubeconfig.context (-context) to one of %s", settings.ErrInvalid, where, known)
	case chosen == "":
		return fmt.Errorf("%w: kubeconfig %s has the current context %q and no context of that name: set kubeconfig.context (-context) to one of %s", settings.ErrInvalid, where, name, known)
	}
	return settings.About("kubeconfig.context", "kubeconfig.context is %q, which %s does not have: set it to one of %s", name, where, known)
}
