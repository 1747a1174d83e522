//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"stocktake/collector/internal/nodetest"
)

const (
	release   = "stocktake"
	namespace = "security"
	secret    = "anchore-login"
	clusterID = "e2e"
)

// values are a tree of Helm's.
type values = map[string]any

// base is what has to be said to install the chart at all, and the image.
func base() values {
	return values{
		"clusterId": clusterID,
		"anchore":   values{"url": "http://" + receiverAddress, "existingSecret": secret},
		"image":     values{"registry": nodetest.Registry, "tag": "e2e"},
	}
}

// upgradeTo installs the chart, or upgrades it, with the base and these values.
func (t *trial) upgradeTo(ctx context.Context, more values) error {
	dir, err := os.MkdirTemp("", "values-")
	if err != nil {
		return err
	}
	args := []string{"upgrade", "--install", release, t.chart}
	for i, v := range []values{base(), more} {
		data, err := json.Marshal(v) // which is YAML
		if err != nil {
			return err
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.yaml", i))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
		args = append(args, "--values", path)
	}
	_, err = t.helm(ctx, args...)
	return err
}

// helm runs Helm in the namespace of the release, as the administrator.
func (t *trial) helm(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(t.programs, "helm"), append(args, "--namespace", namespace)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+t.node.Kubeconfig(), "HOME="+os.TempDir())
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("helm %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return string(output), nil
}
