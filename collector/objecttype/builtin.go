package objecttype

import (
	"slices"
	"strings"

	"stocktake/collector/kube"
)

// builtIns are the types of Kubernetes whose objects can be listed, as servers from 1.25
// to 1.36 serve them by default. It is what default means, and what names mean without a
// cluster: a server with more types does not need more rights.
func builtIns() []kube.Resource {
	var all []kube.Resource
	for _, of := range []struct{ group, namespaced, cluster string }{
		{"", "configmaps endpoints events limitranges persistentvolumeclaims pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services",
			"componentstatuses namespaces nodes persistentvolumes"},
		{"admissionregistration.k8s.io", "", "mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations"},
		{"apiextensions.k8s.io", "", "customresourcedefinitions"},
		{"apiregistration.k8s.io", "", "apiservices"},
		{"apps", "controllerrevisions daemonsets deployments replicasets statefulsets", ""},
		{"autoscaling", "horizontalpodautoscalers", ""},
		{"batch", "cronjobs jobs", ""},
		{"certificates.k8s.io", "", "certificatesigningrequests"},
		{"coordination.k8s.io", "leases", ""},
		{"discovery.k8s.io", "endpointslices", ""},
		{"events.k8s.io", "events", ""},
		{"flowcontrol.apiserver.k8s.io", "", "flowschemas prioritylevelconfigurations"},
		{"networking.k8s.io", "ingresses networkpolicies", "ingressclasses ipaddresses servicecidrs"},
		{"node.k8s.io", "", "runtimeclasses"},
		{"policy", "poddisruptionbudgets", ""},
		{"rbac.authorization.k8s.io", "rolebindings roles", "clusterrolebindings clusterroles"},
		{"resource.k8s.io", "resourceclaims resourceclaimtemplates", "deviceclasses resourceslices"},
		{"scheduling.k8s.io", "", "priorityclasses"},
		{"storage.k8s.io", "csistoragecapacities", "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses"},
	} {
		for plural := range strings.FieldsSeq(of.namespaced) {
			all = append(all, kube.Resource{Group: of.group, Plural: plural, Namespaced: true})
		}
		for plural := range strings.FieldsSeq(of.cluster) {
			all = append(all, kube.Resource{Group: of.group, Plural: plural})
		}
	}
	return all
}

// byDefault reports whether a type of Kubernetes is part of default. Events, leases,
// endpoints and the like come by the thousand and are written by machines for machines;
// secrets are asked for by name.
func byDefault(plural string) bool {
	return !slices.Contains([]string{
		"componentstatuses", "controllerrevisions", "csistoragecapacities", "endpoints", "endpointslices", "events", "ipaddresses", "leases", "secrets",
	}, plural)
}

// pair is a type that is stored once and served in two groups.
type pair struct {
	plural      string
	kept, other string // groups: objects are read from the first where both are chosen
}

// pairs are those of Kubernetes. The group extensions was served until 1.21.
func pairs() []pair {
	return []pair{
		{"events", "", "events.k8s.io"},
		{"daemonsets", "apps", "extensions"},
		{"deployments", "apps", "extensions"},
		{"replicasets", "apps", "extensions"},
		{"ingresses", "networking.k8s.io", "extensions"},
		{"networkpolicies", "networking.k8s.io", "extensions"},
		{"podsecuritypolicies", "policy", "extensions"},
	}
}
