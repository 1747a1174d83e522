package settings

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"stocktake/collector/plaintext"
)

// Pattern matches names: one name, a glob, or a regular expression.
type Pattern struct {
	Text  string // as it is written
	Form  string // "name", "glob", "regular expression": how it was understood
	match func(string) bool
}

// Match reports whether the pattern matches a name.
func (p Pattern) Match(name string) bool { return p.match(name) }

// The forms of a pattern.
const (
	byName  = "name"
	byGlob  = "glob"
	byRegex = "regular expression"
)

func exactly(s string) Pattern {
	return Pattern{s, byName, func(name string) bool { return name == s }}
}

// glob matches with *, ? and [a-z] (path.Match).
func glob(s string) (Pattern, error) {
	if _, err := path.Match(s, ""); err != nil {
		return Pattern{}, fmt.Errorf("%q is not a glob: %w", s, err)
	}
	return Pattern{s, byGlob, func(name string) bool { ok, _ := path.Match(s, name); return ok }}, nil
}

// regex matches anywhere in a name unless it is anchored, as KAI has it.
func regex(written, expr string) (Pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return Pattern{}, fmt.Errorf("%q is not a regular expression: %s", written, plaintext.Escape(err.Error()))
	}
	return Pattern{written, byRegex, re.MatchString}, nil
}

// slashed returns the inside of /…/, which always is a regular expression.
func slashed(s string) (string, bool) {
	if len(s) < 2 || s[0] != '/' || s[len(s)-1] != '/' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// dnsName is what a namespace can be called (RFC 1123 label).
var dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// IncludedNamespace reads an entry of namespace-selectors.include: a name, a glob or
// /regex/. KAI knows names only, so nothing of KAI's changes its meaning.
func IncludedNamespace(s string) (Pattern, error) {
	if expr, ok := slashed(s); ok {
		return regex(s, expr)
	}
	if dnsName.MatchString(s) {
		return exactly(s), nil
	}
	if strings.ContainsAny(s, "*?[") {
		return glob(s)
	}
	return Pattern{}, fmt.Errorf("%q is neither the name of a namespace nor a glob nor a /regular expression/", s)
}

// ExcludedNamespace reads an entry of namespace-selectors.exclude by KAI's rule: what is
// no DNS name is a regular expression.
func ExcludedNamespace(s string) (Pattern, error) {
	if dnsName.MatchString(s) {
		return exactly(s), nil
	}
	if expr, ok := slashed(s); ok {
		return regex(s, expr)
	}
	if regexp.QuoteMeta(s) == s && !namePart.MatchString(s) {
		return Pattern{}, fmt.Errorf("%q can be part of no namespace's name: give a name, or a regular expression", s)
	}
	return regex(s, s)
}

// namePart matches what the name of a namespace is made of.
var namePart = regexp.MustCompile(`^[a-z0-9-]+$`)

// MetadataKey reads an entry of a metadata allow-list: the key of a label or
// annotation, a glob, or a regular expression, which anchore-k8s-inventory takes
// every entry for.
func MetadataKey(s string) (Pattern, error) {
	if expr, ok := slashed(s); ok {
		return regex(s, expr)
	}
	if strings.ContainsAny(s, `^$()[]{}|+\`) || strings.Contains(s, ".*") {
		return regex(s, s)
	}
	if !labelKey.MatchString(s) {
		return Pattern{}, fmt.Errorf("%q can be no key of a label or an annotation: give a key (app.kubernetes.io/name), a glob (app.*) or a regular expression", s)
	}
	if strings.Contains(s, "*") || strings.Contains(s, "?") {
		return keyGlob(s)
	}
	return exactly(s), nil
}

// labelKey matches what the key of a label is made of, with the wildcards of a glob.
var labelKey = regexp.MustCompile(`^[A-Za-z0-9._/*?-]+$`)

// keyGlob is a glob whose * also crosses the slash between prefix and name.
func keyGlob(s string) (Pattern, error) {
	expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(s))
	re, err := regexp.Compile("^(?:" + expr + ")$")
	return Pattern{s, byGlob, re.MatchString}, err
}

// Patterns is a list of which one match is enough.
type Patterns []Pattern

// Match reports whether one of them matches a name.
func (p Patterns) Match(name string) bool {
	for _, each := range p {
		if each.match(name) {
			return true
		}
	}
	return false
}

// Names reports whether all entries are plain names.
func (p Patterns) Names() bool {
	for _, each := range p {
		if each.Form != byName {
			return false
		}
	}
	return true
}

// ReadPatterns reads the entries of a setting, each by read. Errors name the setting.
func ReadPatterns(setting string, entries []string, read func(string) (Pattern, error)) (Patterns, error) {
	all := make(Patterns, 0, len(entries))
	for _, entry := range entries {
		words, err := wordsOf(strings.TrimSpace(entry))
		if err != nil {
			return nil, Invalid(setting, "%w", err)
		}
		for _, word := range words {
			p, err := read(word)
			if err != nil {
				return nil, Invalid(setting, "%w", err)
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// wordsOf parts an entry at its spaces, which neither the name of a namespace nor
// the key of a label can hold: a template of Helm that prints a list without toYaml
// writes [app version], which YAML takes for one entry. What a template prints of
// anything but a list of words is no entry at all, and would match nothing.
func wordsOf(entry string) ([]string, error) {
	if _, ok := slashed(entry); ok {
		return []string{entry}, nil
	}
	if printedByTemplate.MatchString(entry) {
		return nil, fmt.Errorf("%q is what a template prints of a value that is no list: write a list, each entry in a line of its own", entry)
	}
	if strings.HasPrefix(entry, "[") && strings.HasSuffix(entry, "]") && strings.Contains(entry, " ") {
		entry = entry[1 : len(entry)-1] // the list as it was printed, in quotes
	}
	return strings.Fields(entry), nil
}

// printedByTemplate matches a map, nothing, and a mistake, as Go prints them.
var printedByTemplate = regexp.MustCompile(`^map\[([^\[:]+:.*)?\]$|^<nil>$|^<no value>$|%!`)
