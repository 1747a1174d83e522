//go:build linux

package nodetest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

const (
	// NodeName is the name of the one node.
	NodeName = "node1"
	// NodeIP is the node's address: what listens there is in reach of pods.
	NodeIP = "10.88.0.1"
	// serviceIP is the first address of the API server's range of Services: that
	// of the Service "kubernetes".
	serviceIP = "10.0.0.1"
	// podRange is where pods get their addresses from.
	podRange = "10.88.1.0/24"
)

// connect gives the loopback device the addresses of the node.
func connect(ctx context.Context) error {
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"address", "add", NodeIP + "/32", "dev", "lo"},
		{"address", "add", serviceIP + "/32", "dev", "lo"},
	} {
		if err := command(ctx, "ip", args...); err != nil {
			return err
		}
	}
	return nil
}

// command runs a program to its end; what it said is part of the error.
func command(ctx context.Context, program string, args ...string) error {
	output, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return nil
}
