package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"k8s.io/client-go/rest"

	"stocktake/collector/settings"
)

// Terminal is where a person sits. The zero value is nobody.
type Terminal struct {
	In  *os.File  // nil when nobody can answer: standard input is no terminal
	Out io.Writer // nil when nobody reads along: standard error is no terminal
}

const (
	// maxCredential bounds what a plugin prints.
	maxCredential = 1 << 20
	// maxPluginWords is what is kept of what a plugin says; the end of it is quoted,
	// so that no secret that is cut in half is in it.
	maxPluginWords = 16 << 10
	// pluginGrace is how long the pipes of a plugin that was ended stay open for
	// children that it leaves behind.
	pluginGrace = time.Second
)

// execCluster is ExecCredential.spec.cluster of client.authentication.k8s.io/v1,
// which names its fields in a way of its own.
type execCluster struct {
	Server             string `json:"server"`
	ServerName         string `json:"tls-server-name,omitempty"`
	Insecure           bool   `json:"insecure-skip-tls-verify,omitempty"`
	CAData             []byte `json:"certificate-authority-data,omitempty"`
	ProxyURL           string `json:"proxy-url,omitempty"`
	DisableCompression bool   `json:"disable-compression,omitempty"`
	Config             any    `json:"config,omitempty"`
}

func (p *plugin) execInfo(config *rest.Config) (string, error) {
	info := execCredential{APIVersion: p.exec.APIVersion, Kind: "ExecCredential"}
	info.Spec.Interactive = p.terminal.In != nil
	if p.exec.ProvideClusterInfo {
		c, err := rest.ConfigToExecCluster(config)
		if err != nil {
			return "", err
		}
		info.Spec.Cluster = &execCluster{
			c.Server, c.TLSServerName, c.InsecureSkipTLSVerify, c.CertificateAuthorityData, c.ProxyURL, c.DisableCompression, c.Config,
		}
	}
	text, err := json.Marshal(info)
	return string(text), err
}

// run starts the program and waits for it, or for the end of the run. What the
// program says on stderr goes to the terminal at once: it may be what a person has
// to do.
func (p *plugin) run(ctx context.Context) (*credentials, error) {
	cmd := exec.CommandContext(ctx, p.exec.Command, p.exec.Args...) //nolint:gosec // what the kubeconfig is there to say
	cmd.Env = slices.Clone(p.environ)
	for _, v := range p.exec.Env {
		cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
	}
	cmd.Env = append(cmd.Env, "KUBERNETES_EXEC_INFO="+p.info)
	cmd.WaitDelay = pluginGrace
	printed, words := &ending{most: maxCredential}, &ending{most: maxPluginWords}
	cmd.Stdout, cmd.Stderr = printed, words
	if p.terminal.In != nil {
		cmd.Stdin = p.terminal.In
	}
	if p.terminal.Out != nil {
		cmd.Stderr = io.MultiWriter(p.terminal.Out, words)
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
		return nil, &pluginError{p.name(), said(err.Error(), p.quote(words)), settings.ErrInvalid}
	}
	return fresh, nil
}

// failure says in the words of the program why it failed.
func (p *plugin) failure(ctx context.Context, err error, words *ending) error {
	ended, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return &pluginError{p.name(), fmt.Errorf("ended before it had printed credentials: %w", stopped(ctx)), nil}
	case exited:
		return &pluginError{p.name(), said(ended.String(), p.quote(words)), ErrRefused}
	case errors.Is(err, exec.ErrWaitDelay):
		return &pluginError{p.name(), said("it ended and left a program behind that keeps its output open", p.quote(words)), ErrRefused}
	}
	return &pluginError{p.name(), said("the program cannot be started: "+unstartable(err), printable(p.exec.InstallHint)), settings.ErrInvalid}
}

// unstartable is why a program cannot be started, without its path and arguments.
func unstartable(err error) string {
	switch {
	case errors.Is(err, exec.ErrNotFound), notThere(err):
		return "it is not there, or not in PATH"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		return cause.Error()
	}
	return "see command, args and env of the exec section"
}

// said adds what a program said to what became of it.
func said(fact, words string) error {
	if words == "" {
		return errors.New(fact)
	}
	return errors.New(fact + ": " + words)
}

// ending keeps the last bytes of what is written: programs say last why they end.
type ending struct {
	text []byte
	most int
}

// Write takes everything.
func (e *ending) Write(b []byte) (int, error) {
	e.text = append(e.text, b...)
	if surplus := len(e.text) - e.most; surplus > 0 {
		e.text = append(e.text[:0], e.text[surplus:]...)
	}
	return len(b), nil
}
