package kube

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

// Terminal is where a person sits. The zero value is nobody.
type Terminal struct {
	In  *os.File // nil when nobody can answer
	Out io.Writer
}

const (
	// maxCredential bounds what a plugin prints.
	maxCredential = 1 << 20
	// pluginGrace is how long the pipes of a plugin that was ended stay open for
	// children that it leaves behind.
	pluginGrace = time.Second
)

// cluster is ExecCredential.spec.cluster of client.authentication.k8s.io/v1,
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

// execCredential is the object that goes to the program and comes back from it.
type execCredential struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       struct {
		Cluster     *execCluster `json:"cluster,omitempty"`
		Interactive bool         `json:"interactive"`
	} `json:"spec"`
	Status *struct {
		Expires time.Time `json:"expirationTimestamp"`
		Token   string    `json:"token"`
		Cert    string    `json:"clientCertificateData"`
		Key     string    `json:"clientKeyData"`
	} `json:"status,omitempty"`
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

// run starts the program and waits for it, or for the end of the run.
func (p *plugin) run(ctx context.Context) (*credentials, error) {
	cmd := exec.CommandContext(ctx, p.exec.Command, p.exec.Args...) //nolint:gosec // what the kubeconfig is there to say
	cmd.Env = os.Environ()
	for _, v := range p.exec.Env {
		cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
	}
	cmd.Env = append(cmd.Env, "KUBERNETES_EXEC_INFO="+p.info)
	cmd.WaitDelay = pluginGrace
	printed, words := &ending{most: maxCredential}, &ending{most: maxStatusWords}
	cmd.Stdout, cmd.Stderr = printed, words
	if p.terminal.In != nil {
		cmd.Stdin, cmd.Stderr = p.terminal.In, io.MultiWriter(p.terminal.Out, words)
	}
	if err := cmd.Run(); err != nil {
		return nil, p.failure(ctx, err, words)
	}
	return p.parse(printed.text)
}

// failure says in the words of the program why it failed.
func (p *plugin) failure(ctx context.Context, err error, words *ending) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("ended before it had printed credentials: %w", stopped(ctx))
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w: %s", ErrSettings, err, printable(p.exec.InstallHint))
	}
	return fmt.Errorf("%w: %w: %s", ErrRefused, err, printable(string(words.text)))
}

// parse reads what the program printed. An error quotes nothing of it: it may be
// a secret.
func (p *plugin) parse(printed []byte) (*credentials, error) {
	var answer execCredential
	if json.Unmarshal(printed, &answer) != nil || answer.Status == nil || answer.Kind != "ExecCredential" || answer.APIVersion != p.exec.APIVersion {
		return nil, fmt.Errorf("%w: it printed no ExecCredential of %s with a status", ErrRefused, p.exec.APIVersion)
	}
	status := answer.Status
	if status.Token == "" && status.Cert+status.Key == "" {
		return nil, fmt.Errorf("%w: it printed neither a token nor a certificate", ErrRefused)
	}
	c := &credentials{token: strings.TrimSpace(status.Token), expires: status.Expires}
	if status.Cert+status.Key == "" {
		return c, nil
	}
	pair, err := tls.X509KeyPair([]byte(status.Cert), []byte(status.Key))
	if err != nil {
		return nil, fmt.Errorf("%w: certificate and key: %w", ErrRefused, err)
	}
	c.certificate = &pair
	return c, nil
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
