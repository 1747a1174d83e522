//go:build linux

package nodetest

import "context"

func (n *Node) startControllers(context.Context) error {
	if err := n.keep("kube-scheduler", "--kubeconfig="+n.kubeconfig, "--leader-elect=false"); err != nil {
		return err
	}
	return n.Control("*")
}

// Control stops all controllers of kube-controller-manager and starts these, as its
// flag --controllers takes them: "*" is all. Objects seeded into etcd do not live
// long beside all of them: nodes that do not report lose their pods, pods whose
// owner does not exist are collected.
func (n *Node) Control(controllers ...string) error {
	if n.managed != nil {
		n.managed.stop()
		n.managed = nil
	}
	if len(controllers) == 0 {
		return nil
	}
	args := []string{"--kubeconfig=" + n.kubeconfig, "--leader-elect=false", "--root-ca-file=" + n.authority.certificate}
	for _, name := range controllers {
		args = append(args, "--controllers="+name)
	}
	var err error
	n.managed, err = n.run("kube-controller-manager", args...)
	return err
}
