package kubeconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

const (
	// maxPluginWords is what is kept of what a plugin says; the end of it is quoted,
	// so that no secret that is cut in half is in it.
	maxPluginWords = 16 << 10
	// pluginGrace is how long the pipes of a plugin that was ended stay open for
	// children that it leaves behind.
	pluginGrace = time.Second
)

// program is what the exec section of a kubeconfig says to run.
type program struct {
	exec   *clientcmdapi.ExecConfig
	around Plugins
	info   string // what the program is told, in KUBERNETES_EXEC_INFO
}

// programOf is that of a configuration, which knows of what cluster to tell the program.
func programOf(config *rest.Config, around Plugins) (program, error) {
	p := program{exec: config.ExecProvider, around: around}
	if p.exec.InteractiveMode == clientcmdapi.NeverExecInteractiveMode {
		p.around.In = nil
	}
	if p.exec.InteractiveMode == clientcmdapi.AlwaysExecInteractiveMode && p.around.In == nil {
		return p, fmt.Errorf("%w: kubeconfig: exec plugin %s wants to ask a person, and standard input is no terminal: give the kubeconfig a user that does without", settings.ErrInvalid, p.name())
	}
	if err := p.tell(config); err != nil {
		return p, fmt.Errorf("%w: kubeconfig: exec plugin %s: it cannot be told of the cluster (provideClusterInfo): see certificate-authority and proxy-url", settings.ErrInvalid, p.name())
	}
	return p, nil
}

func (p *program) name() string { return programName(p.exec) }

// tell fills in what the program is told.
func (p *program) tell(config *rest.Config) error {
	info := execCredential{APIVersion: p.exec.APIVersion, Kind: "ExecCredential"}
	info.Spec.Interactive = p.around.In != nil
	if p.exec.ProvideClusterInfo {
		c, err := rest.ConfigToExecCluster(config)
		if err != nil {
			return err
		}
		info.Spec.Cluster = &execCluster{
			c.Server, c.TLSServerName, c.InsecureSkipTLSVerify, c.CertificateAuthorityData, c.ProxyURL, c.DisableCompression, c.Config,
		}
	}
	text, err := json.Marshal(info)
	p.info = string(text)
	return err
}

// run starts the program and waits for it, or for the end of the run. What the
// program says on stderr goes to the terminal at once: it may be what a person has
// to do.
func (p *program) run(ctx context.Context) (*credentials, error) {
	cmd := exec.CommandContext(ctx, p.exec.Command, p.exec.Args...) //nolint:gosec // what the kubeconfig is there to say
	cmd.Env = p.environ()
	cmd.WaitDelay = pluginGrace
	printed, words := &ending{most: maxCredential}, &ending{most: maxPluginWords}
	cmd.Stdout, cmd.Stderr = printed, words
	if p.around.In != nil {
		cmd.Stdin = p.around.In
	}
	if p.around.Out != nil {
		cmd.Stderr = io.MultiWriter(p.around.Out, words)
	}
	failed := cmd.Run()
	left := errors.Is(failed, exec.ErrWaitDelay) // it ended well, and its output is still open
	if failed != nil && !left {
		return nil, p.failure(ctx, failed, words)
	}
	fresh, err := parseCredential(printed.text, p.exec.APIVersion)
	switch {
	case err != nil && left:
		return nil, p.failure(ctx, failed, words)
	case err != nil:
		return nil, &PluginError{p.name(), said(err.Error(), quote(p.exec, words.text)), settings.ErrInvalid}
	}
	return fresh, nil
}

// environ is the environment of the program.
func (p *program) environ() []string {
	environ := slices.Clone(p.around.Environ)
	if environ == nil {
		environ = os.Environ()
	}
	for _, v := range p.exec.Env {
		environ = append(environ, v.Name+"="+v.Value)
	}
	return append(environ, "KUBERNETES_EXEC_INFO="+p.info)
}

// failure says in the words of the program why it failed.
func (p *program) failure(ctx context.Context, err error, words *ending) error {
	ended, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return &PluginError{p.name(), fmt.Errorf("ended before it had printed credentials: %w", transport.Ended(ctx)), nil}
	case exited:
		return &PluginError{p.name(), said(ended.String(), quote(p.exec, words.text)), ErrNoCredentials}
	case errors.Is(err, exec.ErrWaitDelay):
		return &PluginError{p.name(), said("it ended and left a program behind that keeps its output open", quote(p.exec, words.text)), ErrNoCredentials}
	}
	return &PluginError{p.name(), said("the program cannot be started: "+unstartable(err), printable(p.exec.InstallHint)), settings.ErrInvalid}
}
