package collector

import (
	"slices"
	"strings"
)

// withoutSecrets is an environment for programs of others: without the variables
// that give our secret settings, and the files that hold them.
func withoutSecrets(environ []string) []string {
	var secret []string
	for _, s := range catalog() {
		if s.secret {
			secret = append(secret, s.variables()...)
		}
	}
	return slices.DeleteFunc(append([]string{}, environ...), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(secret, strings.TrimSuffix(name, "_FILE"))
	})
}
