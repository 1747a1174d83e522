package kubeconfig

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/settings"
)

// Check refuses what cannot be sent, before a kubeconfig is blamed for it.
func (i Identity) Check() error {
	if slices.Contains(i.AsGroups, "") {
		return fmt.Errorf("%w: kubeconfig.as-group (--as-group) has an empty name: name the group, or leave it out", settings.ErrInvalid)
	}
	if slices.ContainsFunc(append([]string{i.As}, i.AsGroups...), noHeader) {
		return fmt.Errorf("%w: kubeconfig.as or kubeconfig.as-group has a line break or another control character: write it without", settings.ErrInvalid)
	}
	return nil
}

// impersonate adds to the connection as whom to ask. What is not given stays as the
// kubeconfig has it.
func (i Identity) impersonate(config *rest.Config) error {
	config.Impersonate.UserName = cmp.Or(i.As, config.Impersonate.UserName)
	if len(i.AsGroups) == 0 {
		return nil
	}
	config.Impersonate.Groups = i.AsGroups
	if config.Impersonate.UserName == "" {
		return settings.About("kubeconfig.as-group", "kubeconfig.as-group is set, and kubeconfig.as is not: groups are impersonated together with a user")
	}
	return nil
}

// override puts the cluster, the user and the identity that are asked for in the
// place of those of the context.
func (i Identity) override(raw *clientcmdapi.Config, name string) error {
	own := raw.Contexts[name].DeepCopy()
	own.Cluster, own.AuthInfo = cmp.Or(i.ClusterOf, own.Cluster), cmp.Or(i.UserOf, own.AuthInfo)
	raw.Contexts[name] = own
	if _, ok := raw.Clusters[own.Cluster]; !ok {
		return absent(name, "cluster", i.ClusterOf, own.Cluster, slices.Sorted(maps.Keys(raw.Clusters)))
	}
	user, ok := raw.AuthInfos[own.AuthInfo]
	switch {
	case !ok && own.AuthInfo != "":
		return absent(name, "user", i.UserOf, own.AuthInfo, slices.Sorted(maps.Keys(raw.AuthInfos)))
	case ok && i.As != "":
		acting := user.DeepCopy()
		acting.Impersonate = i.As
		raw.AuthInfos[own.AuthInfo] = acting
	}
	return nil
}

// absent says what clientcmd does not: which part of a context is not there, and
// whether the context or a setting asks for it.
func absent(context, part, set, name string, known []string) error {
	if set == "" {
		return fmt.Errorf("%w: kubeconfig: context %q names %s %q, which does not exist: choose another with kubeconfig.context", settings.ErrInvalid, context, part, name)
	}
	return settings.About("kubeconfig.use-"+part, "kubeconfig.use-%s (--%s) is %q, which the kubeconfig does not have: set it to one of %s", part, part, set, printable(strings.Join(known, ", ")))
}

// needsKubeconfig refuses entries of a kubeconfig where there is none.
func (i Identity) needsKubeconfig() error {
	if i.ClusterOf == "" && i.UserOf == "" {
		return nil
	}
	return fmt.Errorf("%w: kubeconfig.use-cluster and kubeconfig.use-user name entries of a kubeconfig, and none is used here: set kubeconfig.path to a file, or leave them out", settings.ErrInvalid)
}
