package view

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"stocktake/collector"
	"stocktake/collector/plaintext"
	"stocktake/collector/settings"
)

// PrintSettings writes the effective value of every setting and where it came
// from. Secrets are shown as ******. It fails for values that a run refuses.
func PrintSettings(inv collector.Invocation) error {
	all, given, err := collector.Load(inv)
	if err == nil { // what was not understood has no value to judge
		err = given.Locate(all.Check())
	}
	if written := given.WriteTable(inv.Stdout, collector.Catalog()); err == nil {
		err = written
	}
	for _, line := range understood(all) {
		fmt.Fprintln(inv.Stdout, plaintext.Escape(line))
	}
	for _, warning := range given.Warnings {
		fmt.Fprintln(inv.Stderr, "warning:", plaintext.Escape(warning))
	}
	return err
}

// understood says what was made of settings that can be meant in several ways.
func understood(all collector.Settings) []string {
	var out []string
	tell := func(name string, p settings.Patterns) {
		for _, each := range p {
			out = append(out, fmt.Sprintf("%s: %q is a %s", name, each.Text, each.Form))
		}
	}
	s, err := all.Select.Selection()
	if err != nil {
		return nil // a run says it
	}
	tell("included namespaces", s.Include)
	tell("excluded namespaces", s.Exclude)
	for _, route := range all.Route.Routes {
		own := "the global credentials"
		if route.User != "" {
			own = "credentials of its own"
		}
		out = append(out, fmt.Sprintf("account %q, with %s", route.Account, own))
		if p, err := settings.ReadPatterns("", route.Namespaces, settings.ExcludedNamespace); err == nil {
			tell(fmt.Sprintf("namespaces of account %q", route.Account), p)
		}
	}
	return out
}

// PrintVersion writes which build this is, as text or as JSON with the keys
// that KAI's version command has.
func PrintVersion(w io.Writer, b collector.Build, format string) error {
	rows := []struct{ label, key, value string }{
		{"Application", "application", "stocktake"},
		{"Version", "version", b.Version},
		{"BuildDate", "buildDate", b.Date},
		{"GitCommit", "gitCommit", b.Commit},
		{"Platform", "platform", runtime.GOOS + "/" + runtime.GOARCH},
		{"GoVersion", "goVersion", runtime.Version()},
		{"Compiler", "compiler", runtime.Compiler},
	}
	switch format {
	case "text":
		for _, r := range rows {
			if _, err := fmt.Fprintf(w, "%-13s%s\n", r.label+":", r.value); err != nil {
				return err
			}
		}
		return nil
	case "json":
		values := make(map[string]string, len(rows))
		for _, r := range rows {
			values[r.key] = r.value
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(values)
	}
	return settings.Invalid("-o", "%q is not one of text, json", format)
}
