package settings

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// readEnviron reads the variables of all settings: STOCKTAKE_NAME, and
// STOCKTAKE_NAME_FILE for the name of a file that holds the value; in the place
// of the prefix also that of an older tool, or none (see variables). Our own
// prefix is stronger than none, and that than the older ones; the same name both
// ways is a mistake, and so is our prefix before a name that nobody knows.
func readEnviron(all Catalog, from Sources) layer {
	vars := Environment(from.Environ)
	l := layer{values: map[string]Value{}}
	for _, s := range all {
		for _, name := range s.strongestFirst() {
			v, ok, err := fromVariable(vars, name)
			if err != nil {
				l.fail(err)
			}
			if ok && (!ofOlderTool(name) || !all.inherited(name, v.Text)) {
				l.values[s.Name] = v
				break
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(retired)) {
		for _, prefix := range legacyPrefixes {
			if key := prefix + variableOf(name); vars[key] != "" {
				l.unknownKey(all, name, "environment "+key)
			}
		}
	}
	l.unknownVariables(all, vars)
	return l
}

// unknownVariables finds variables that begin with our prefix and name no setting. Empty
// ones count as unset, and those that Kubernetes writes into every pod of a
// namespace with a Service called stocktake are nobody's mistake.
func (l *layer) unknownVariables(all Catalog, vars map[string]string) {
	known := map[string]bool{}
	for _, s := range all {
		for _, name := range s.Variables() {
			known[name], known[name+"_FILE"] = true, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		key, ours := strings.CutPrefix(name, ownPrefix)
		if !ours || known[name] || vars[name] == "" || serviceLink.MatchString(name) {
			continue
		}
		if dotted, ok := retiredNamed(key); ok {
			l.unknownKey(all, dotted, "environment "+name)
			continue
		}
		l.fail(Invalid(name, "no setting has this variable%s", nearestVariable(all, key)))
	}
}

// nearestVariable suggests the known variable that looks most like the unknown one.
func nearestVariable(all Catalog, key string) string {
	if key == "CONFIG" {
		return ": settings files are named by -config PATH"
	}
	bare, suffix := strings.TrimSuffix(key, "_FILE"), ""
	if bare != key {
		suffix = "_FILE"
	}
	names := make([]string, 0, len(all))
	for _, s := range all {
		if !s.unnamed {
			names = append(names, variableOf(s.Name))
		}
	}
	best := Nearest(bare, names)
	if best == "" {
		return adviceList
	}
	return ": did you mean " + ownPrefix + best + suffix + "?"
}

// serviceLink matches the variables of a Service: STOCKTAKE_SERVICE_HOST,
// STOCKTAKE_UI_PORT_80_TCP_ADDR. They come into a pod unless enableServiceLinks is
// false.
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// retiredNamed is the key without a meaning whose variable has that name.
func retiredNamed(variable string) (string, bool) {
	for name := range retired {
		if variableOf(name) == variable {
			return name, true
		}
	}
	return "", false
}

// fromVariable reads NAME, or the file that NAME_FILE names. An empty variable
// counts as unset.
func fromVariable(vars map[string]string, name string) (Value, bool, error) {
	value, file := vars[name], vars[name+"_FILE"]
	switch {
	case value != "" && file != "":
		return Value{}, false, fmt.Errorf("%w: %s and %s_FILE are both set: keep one", ErrInvalid, name, name)
	case value != "":
		return Value{Text: value, Source: "environment " + name}, true, nil
	case file != "":
		v, err := readValue(file)
		if err != nil {
			return Value{}, false, Invalid(name+"_FILE", "%w", err)
		}
		return Value{Text: v, Source: "environment " + name + "_FILE"}, true, nil
	}
	return Value{}, false, nil
}

// Environment returns environment variables by name, each without a line end.
func Environment(environ []string) map[string]string {
	vars := make(map[string]string, len(environ))
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok {
			vars[name] = withoutNewline(value)
		}
	}
	return vars
}

// InPod reports whether the environment is that of a container in a pod.
func InPod(environ []string) bool {
	return slices.ContainsFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, "KUBERNETES_SERVICE_HOST=") })
}
