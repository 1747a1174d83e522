//go:build linux

package nodetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

const (
	runtimeSocket = "/run/containerd/containerd.sock"
	networkDir    = stateDir + "/cni"
	runtimeDir    = stateDir + "/containerd"
)

// runtimeConfig leaves out what a kernel in a container or a small virtual machine
// does not allow: scores of the out-of-memory killer below one's own.
const runtimeConfig = `version = 3
root = "` + runtimeDir + `/root"
state = "` + runtimeDir + `/state"

[grpc]
address = "` + runtimeSocket + `"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "` + pauseImage + `"

[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [%q]
conf_dir = "` + networkDir + `/conf"
`

// networkConfig connects each pod to the node by a cable of its own.
const networkConfig = `{
	"cniVersion": "1.0.0", "name": "pods",
	"plugins": [{
		"type": "ptp",
		"ipam": {
			"type": "host-local", "dataDir": "` + networkDir + `/data",
			"ranges": [[{"subnet": "` + podRange + `"}]], "routes": [{"dst": "0.0.0.0/0"}]
		}
	}]
}
`

// startRuntime starts containerd, which finds its shim beside itself and runc on
// PATH.
func (n *Node) startRuntime(ctx context.Context) error {
	if _, err := writeState("cni/conf/pods.conflist", []byte(networkConfig)); err != nil {
		return err
	}
	config, err := writeState("containerd.toml", fmt.Appendf(nil, runtimeConfig, n.programs))
	if err != nil {
		return err
	}
	if err := os.Setenv("PATH", n.programs+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return err
	}
	if err := n.keep("containerd", "--config", config); err != nil {
		return err
	}
	return n.Await(ctx, startTimeout, func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "unix", runtimeSocket)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}
