package settings

import (
	"slices"
	"strings"
	"unicode"
)

// ownPrefix begins the variable of every setting.
const ownPrefix = "STOCKTAKE_"

// anchorePrefix begins the variables of settings that are about Anchore, and says so.
const anchorePrefix = "ANCHORE_"

// legacyPrefixes are those of KAI and anchore-k8s-inventory, whose Secrets and
// pod specifications keep working.
var legacyPrefixes = []string{"ANCHORE_K8S_INVENTORY_", "KAI_"}

// Variables returns the names of all environment variables that set it, the
// usual one first. Without a prefix only those count that name this program,
// Anchore or another receiver: NAMESPACES, OUTPUT or DEADLINE of a shell are other
// programs' words.
func (s Setting) Variables() []string {
	if s.unnamed {
		return nil
	}
	bare := []string{variableOf(s.Name)}
	if s.alias != "" {
		bare = append(bare, variableOf(s.alias))
	}
	var all []string
	for _, name := range bare {
		if s.countsBare(name) {
			all = append(all, name)
		}
	}
	all = append(all, s.others...)
	for _, prefix := range append([]string{ownPrefix}, legacyPrefixes...) {
		for _, name := range bare {
			all = append(all, prefix+name)
		}
	}
	return all
}

// OwnVariables returns those that are not an older tool's.
func (s Setting) OwnVariables() []string {
	return slices.DeleteFunc(s.Variables(), ofOlderTool)
}

func ofOlderTool(name string) bool {
	return slices.ContainsFunc(legacyPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// countsBare says whether a variable of the setting counts without a prefix.
func (s Setting) countsBare(name string) bool {
	return s.bare || strings.HasPrefix(name, anchorePrefix)
}

// strongestFirst are its variables in the order in which they count.
func (s Setting) strongestFirst() []string {
	names := s.Variables()
	slices.SortStableFunc(names, func(a, b string) int { return strength(b) - strength(a) })
	return names
}

func strength(name string) int {
	switch {
	case strings.HasPrefix(name, ownPrefix):
		return 2
	case ofOlderTool(name):
		return 0
	}
	return 1
}

// inherited reports a default that an older tool's files spell out, so that nobody need
// have chosen it.
func (c Catalog) inherited(key, value string) bool {
	s, ok := c.find(key)
	return ok && slices.Contains(s.inherited, strings.TrimSpace(value))
}

// find returns the setting that a key names: its dotted name, or the name of a
// variable that sets it, as the keys of a Secret may be called.
func (c Catalog) find(key string) (Setting, bool) {
	lower := strings.ToLower(key)
	if lower == "" {
		return Setting{}, false
	}
	for _, s := range c {
		if s.Name == lower || s.alias == lower || slices.Contains(s.Variables(), key) {
			return s, true
		}
	}
	return Setting{}, false
}

// variableOf turns a dotted name into that of its environment variable.
func variableOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return unicode.ToUpper(r)
	}, name)
}

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
