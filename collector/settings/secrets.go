package settings

import (
	"slices"
	"strings"
)

// WithoutSecrets returns an environment for programs of others: without the variables
// that give secret settings, and those that name the files of them.
func (c Catalog) WithoutSecrets(environ []string) []string {
	var secret []string
	for _, s := range c {
		if s.Secret {
			secret = append(secret, s.Variables()...)
		}
	}
	return slices.DeleteFunc(append([]string{}, environ...), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(secret, strings.TrimSuffix(name, "_FILE"))
	})
}
