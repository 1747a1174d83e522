package view

import (
	"go.yaml.in/yaml/v3"

	"stocktake/collector/kube"
)

// role grants rights in one namespace, or in the cluster when it names none.
type role struct {
	namespace string
	rules     []policyRule
}

// The objects of rbac.authorization.k8s.io/v1, as far as they are written, in the order
// in which people write them and with short lists on one line. Those of k8s.io/api with
// sigs.k8s.io/yaml make the program 192,512 bytes larger, give each word of a list a line
// of its own and sort keys by the alphabet. That an API server takes what is printed is tested against one.
type (
	policyRule struct {
		Groups    []string `yaml:"apiGroups,flow"`
		Resources []string `yaml:"resources,flow"`
		Verbs     []string `yaml:"verbs,flow"`
	}
	roleObject struct {
		APIVersion string       `yaml:"apiVersion"`
		Kind       string       `yaml:"kind"`
		Metadata   roleMetadata `yaml:"metadata"`
		Rules      []policyRule `yaml:"rules"`
	}
	roleBinding struct {
		APIVersion string        `yaml:"apiVersion"`
		Kind       string        `yaml:"kind"`
		Metadata   roleMetadata  `yaml:"metadata"`
		Role       roleReference `yaml:"roleRef"`
		Subjects   []roleSubject `yaml:"subjects"`
	}
	roleMetadata struct {
		Name      string            `yaml:"name"`
		Namespace string            `yaml:"namespace,omitempty"`
		Labels    map[string]string `yaml:"labels"`
	}
	roleReference struct {
		Group string `yaml:"apiGroup"`
		Kind  string `yaml:"kind"`
		Name  string `yaml:"name"`
	}
	roleSubject struct {
		Kind      string `yaml:"kind"`
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	}
)

// rolesOf sorts rights into roles, in the order in which they come.
func rolesOf(rights []kube.Right) []role {
	var roles []role
	for _, right := range rights {
		roleIn(&roles, right.Namespace).grant(right)
	}
	return roles
}

func roleIn(roles *[]role, namespace string) *role {
	for i := range *roles {
		if (*roles)[i].namespace == namespace {
			return &(*roles)[i]
		}
	}
	*roles = append(*roles, role{namespace: namespace})
	return &(*roles)[len(*roles)-1]
}

// grant adds a right, to the rule of the same group and verb if there is one.
func (r *role) grant(right kube.Right) {
	for i := range r.rules {
		if rule := &r.rules[i]; rule.Groups[0] == right.Group && rule.Verbs[0] == right.Verb {
			rule.Resources = append(rule.Resources, right.Resource)
			return
		}
	}
	r.rules = append(r.rules, policyRule{[]string{right.Group}, []string{right.Resource}, []string{right.Verb}})
}

// encode writes the role and its binding. Their name is made of that of the
// account, so that two accounts of the same name never take each other's rights.
func (r *role) encode(to *yaml.Encoder, namespace, account string) error {
	const group, version = "rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1"
	kind := "Role"
	if r.namespace == "" {
		kind = "ClusterRole"
	}
	name := namespace + ":" + account
	metadata := roleMetadata{name, r.namespace, map[string]string{"app.kubernetes.io/name": "stocktake"}}
	if err := to.Encode(roleObject{version, kind, metadata, r.rules}); err != nil {
		return err
	}
	return to.Encode(roleBinding{
		version, kind + "Binding", metadata,
		roleReference{group, kind, name},
		[]roleSubject{{"ServiceAccount", account, namespace}},
	})
}
