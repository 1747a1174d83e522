//go:build linux

package nodetest

import (
	"archive/tar"
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
)

// Registry is the address of the node's registry. It is on loopback, where
// containerd accepts plain HTTP.
const Registry = "127.0.0.1:5000"

// pauseImage holds each pod's namespaces.
const pauseImage = Registry + "/pause:1"

// Push copies an image into the registry, from an OCI layout or a docker-archive
// file, and returns when a pod can use it.
func (n *Node) Push(ctx context.Context, path, image string) error {
	return n.crane(ctx, "push", path, image)
}

func (n *Node) crane(ctx context.Context, args ...string) error {
	return command(ctx, filepath.Join(n.programs, "crane"), args...)
}

// startRegistry starts the registry with the pause image in it.
func (n *Node) startRegistry(ctx context.Context) error {
	if err := n.keep("crane", "registry", "serve", "--address", Registry); err != nil {
		return err
	}
	err := n.Await(ctx, startTimeout, func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", Registry)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	if err != nil {
		return err
	}
	layer := filepath.Join(stateDir, "pause.tar")
	if err := archive(filepath.Join(n.programs, "pause"), layer); err != nil {
		return err
	}
	if err := n.crane(ctx, "append", "--new_layer", layer, "--new_tag", pauseImage); err != nil {
		return err
	}
	return n.crane(ctx, "mutate", pauseImage, "--tag", pauseImage, "--entrypoint", "/pause", "--set-platform", "linux/"+runtime.GOARCH)
}

// archive writes a tar file that holds one program.
func archive(program, to string) error {
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	w := tar.NewWriter(file)
	if err := w.WriteHeader(&tar.Header{Name: filepath.Base(program), Mode: 0o755, Size: int64(len(data))}); err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}
