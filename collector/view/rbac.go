package view

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"stocktake/collector"
	"stocktake/collector/kube"
	"stocktake/collector/settings"
	"stocktake/collector/workload"
)

// PrintRights writes the least roles that let a service account, given as
// NAMESPACE/NAME, run with these settings: YAML for kubectl apply.
func PrintRights(ctx context.Context, inv collector.Invocation, account string) error {
	namespace, name, _ := strings.Cut(account, "/")
	if !isObjectName(namespace) || !isObjectName(name) {
		return settings.Invalid("-service-account", "%q is not of the form NAMESPACE/NAME, in lower-case letters, digits, dots and dashes", account)
	}
	all, _, err := collector.Load(inv)
	if err != nil {
		return err
	}
	selection, err := all.Select.Selection()
	if err != nil {
		return err
	}
	ofObjects, asked, err := collector.ObjectRights(ctx, inv, all, selection)
	if err != nil {
		return err
	}
	rights, _ := all.Rights(selection, ofObjects, namespace)
	text := bytes.NewBufferString(whyRights(all, selection, rights, asked))
	if roles := rolesOf(rights); len(roles) > 0 {
		yml := yaml.NewEncoder(text)
		yml.SetIndent(2)
		for _, role := range roles {
			if err := role.encode(yml, namespace, name); err != nil {
				return err
			}
		}
		if err := yml.Close(); err != nil {
			return err
		}
	}
	_, err = inv.Stdout.Write(text.Bytes())
	return err
}

// isObjectName reports whether a name can be that of a namespace or a service account
// (RFC 1123).
func isObjectName(name string) bool { return len(name) <= 253 && objectName.MatchString(name) }

var objectName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`) // of any length: a bound makes it 150 KB

// whyRights is the comment on top: what decided on the rights.
func whyRights(s collector.Settings, chosen workload.Selection, rights []kube.Right, asked bool) string {
	var words []string
	switch names, only := chosen.Named(); {
	case only && len(names) == 0:
		words = append(words, "Nothing is read: namespace-selectors.exclude leaves out all that namespace-selectors.include names.")
	case only:
		words = append(words, "Only the namespaces that namespace-selectors.include names are read, one by one.")
	default:
		words = append(words, "The whole cluster is read. With nothing but names in namespace-selectors.include,",
			"roles in these namespaces would do.")
	}
	if s.Introduces() {
		words = append(words, "Getting pods and jobs is for finding the CronJob of a run (anchore-registration.enabled);",
			"without it the integration goes by the cluster.")
	}
	words = append(words, whyObjects(s, rights, asked)...)
	return "# " + strings.Join(words, "\n# ") + "\n"
}

// whyObjects says what decided on the rights that whole objects take.
func whyObjects(s collector.Settings, rights []kube.Right, asked bool) (words []string) {
	grants := func(resource string) bool {
		return slices.ContainsFunc(rights, func(r kube.Right) bool { return r.Verb == "list" && r.Resource == resource })
	}
	if s.Objects.Enabled {
		words = append(words, "Whole objects are read too (objects.enabled), of the types that objects.types names.")
	}
	if asked {
		words = append(words, "The cluster was asked which types these are: what is installed later is not in it.")
	}
	if grants("*") {
		words = append(words, "A group that is chosen as a whole is granted as one, with what is installed later and what objects.remove-types takes out.")
	}
	if grants("secrets") {
		words = append(words, "No role can grant the metadata of secrets alone: a run asks for no more (but for objects.helm=chart), whoever has its token can.")
	}
	return words
}
