// Command template does what helm template does, as often as it is asked to: it reads
// lines from stdin, each the arguments of a call as JSON, and answers each with a line.
// Starting helm takes ten times as long as what it then does.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/release"
)

// answer is what helm prints.
type answer struct {
	Stdout, Stderr string
	Failed         bool
}

func main() {
	calls, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var args []string
		if err := calls.Decode(&args); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "template:", err)
			os.Exit(1)
		}
		if err := answers.Encode(call(args)); err != nil {
			fmt.Fprintln(os.Stderr, "template:", err)
			os.Exit(1)
		}
	}
}

// call answers as helm's main and its command do, warnings of its packages included.
func call(args []string) answer {
	var warnings bytes.Buffer
	log.SetOutput(&warnings)
	log.SetFlags(log.Lshortfile)
	rel, err := template(args)
	switch {
	case err == nil:
		return answer{Stdout: manifests(rel), Stderr: warnings.String()}
	case rel != nil:
		err = fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
	}
	return answer{Stderr: warnings.String() + fmt.Sprintln("Error:", err), Failed: true}
}

// template takes the arguments that helm template does: NAME CHART FLAGS.
func template(args []string) (*release.Release, error) {
	var given values.Options
	var apis chartutil.VersionSet
	client := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	flags := flag.NewFlagSet("template", flag.ContinueOnError)
	flags.StringVar(&client.Namespace, "namespace", "default", "")
	flags.BoolVar(&client.IsUpgrade, "is-upgrade", false, "")
	flags.Func("api-versions", "", func(api string) error { apis = append(apis, api); return nil })
	flags.Func("values", "", func(path string) error { given.ValueFiles = append(given.ValueFiles, path); return nil })
	flags.Func("kube-version", "", func(version string) (err error) {
		client.KubeVersion, err = chartutil.ParseKubeVersion(version)
		return err
	})
	if len(args) < 2 {
		return nil, errors.New("usage: NAME CHART FLAGS")
	}
	if err := flags.Parse(args[2:]); err != nil {
		return nil, err
	}
	client.ReleaseName, client.APIVersions = args[0], apis
	vals, err := given.MergeValues(nil)
	if err != nil {
		return nil, err
	}
	chart, err := loader.Load(args[1])
	if err != nil {
		return nil, err
	}
	if err := action.CheckDependencies(chart, chart.Metadata.Dependencies); err != nil {
		return nil, fmt.Errorf("An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: %w", err)
	}
	return client.Run(chart, vals)
}

// manifests are the objects of a release, hooks last.
func manifests(rel *release.Release) string {
	var text bytes.Buffer
	fmt.Fprintln(&text, strings.TrimSpace(rel.Manifest))
	for _, hook := range rel.Hooks {
		fmt.Fprintf(&text, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	return text.String()
}
