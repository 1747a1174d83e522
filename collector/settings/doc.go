// Package settings gives the options of a program their values. A setting has one
// dotted name everywhere (anchore.http.timeout-seconds) and four sources, the weakest
// first: the default in its tag; a folder with one file for each setting, as Kubernetes
// mounts a ConfigMap, or a YAML file with nested keys; an environment variable, or the
// file that NAME_FILE names; a flag. Secrets are never taken from a flag, which every
// user of the machine could read.
//
// The options are structs of the packages that use them, grouped in one struct. Their
// tags are the only place where a setting is described:
//
//	setting     its name
//	envDefault  its default
//	doc         what it does, for the reference
//	secret      "true": its value is never shown
//	choices     the only values it takes, with commas in between
//	flag        the flag that sets it, for the reference
//	alias       another name of it
//	variable    "-": no environment variable sets it; "bare": it needs no prefix;
//	            else variables of other tools that set it too, with commas in between
//	holds       what the value is: "file", "address" or "namespaces"
//	mapping     "true": in YAML, its value is a mapping whose keys are no settings
//
// [Load] merges the sources, decodes the values into the structs and keeps the origin
// of each value, so that an error can say which file or variable to correct. An unknown
// name is an error that suggests the nearest known one. Names, prefixes and keys of the
// older tools (KAI, anchore-k8s-inventory) are accepted.
//
// [Invalid] is the error for a wrong setting of all packages. [Patterns] are names of
// namespaces and keys of labels as settings give them.
package settings
